import { useApp } from '../app/context'
import { QrCode } from './QrCode'

/** On paper: when it was printed, and the way back to the page. */
export function PrintedFoot() {
  const { t } = useApp()
  return (
    <div class="printonly printed">
      <QrCode text={location.href} />
      <p class="small">{t.public.printed(new Date().toISOString().slice(0, 10))}<br />{location.href}</p>
    </div>
  )
}
