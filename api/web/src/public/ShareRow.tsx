import { useState } from 'preact/hooks'
import { CopyField } from '../app/CopyField'
import { Dialog } from '../app/Dialog'
import { useApp } from '../app/context'
import { QrCode } from './QrCode'

/** Hand the answer on: by link, or on paper. */
export function ShareRow({ onClear }: { onClear: () => void }) {
  const { t } = useApp()
  const [sharing, setSharing] = useState(false)
  return (
    <div class="row noprint">
      <button type="button" class="btn p" onClick={() => setSharing(true)}>{t.public.share}</button>
      <button type="button" class="btn" onClick={() => print()}>{t.public.print}</button>
      <button type="button" class="btn" onClick={onClear}>{t.public.again}</button>
      {sharing && (
        <Dialog title={t.public.shareTitle} onClose={() => setSharing(false)}>
          <p class="mut">{t.public.shareText}</p>
          <QrCode text={location.href} />
          <CopyField label={t.public.link} value={location.href} />
        </Dialog>
      )}
    </div>
  )
}
