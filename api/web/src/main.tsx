import { render } from 'preact'
import { Root } from './app/Root'
import './styles/tokens.css'
import './styles/layout.css'
import './styles/controls.css'
import './styles/panel.css'
import './styles/map.css'
import './styles/phone.css'
import './styles/print.css'

render(<Root />, document.getElementById('app')!)
