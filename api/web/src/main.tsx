import { render } from 'preact'
import { ahead, speak } from './api/request'
import { parse } from './app/route'
import { Root } from './app/Root'
import './styles/tokens.css'
import './styles/layout.css'
import './styles/controls.css'
import './styles/panel.css'
import './styles/map.css'
import './styles/phone.css'
import './styles/print.css'

const first = parse(location.hash)
speak(first.lang)
// All that the first picture needs, at once: none of it waits for another's answer.
for (const path of ['/api/session', '/api/site', '/api/topics']) ahead(path)
if (!(first.view === 'planner' && first.plan)) ahead('/api/layers')
if (!first.list) import('./map/MapController').catch(() => {}) // MapPane says so if there is no map

render(<Root />, document.getElementById('app')!)
