import { useApp } from '../app/context'
import { today } from '../app/format'
import { QrCode } from './QrCode'

/** On paper: when it was printed, and the way back to the page. */
export function PrintedFoot() {
  const { t } = useApp()
  return (
    <div class="printonly printed">
      <QrCode text={location.href} />
      <p class="small">{t.public.printed(today())}<br />{location.href}</p>
    </div>
  )
}
