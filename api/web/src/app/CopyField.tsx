import { useRef, useState } from 'preact/hooks'
import { useApp } from './context'

/** A text to take away. The clipboard needs a secure context, so it can always be selected as well. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const { t } = useApp()
  const [copied, setCopied] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const copy = async () => {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(value)
      setCopied(true)
    } catch {
      setCopied(document.execCommand('copy'))
    }
  }
  return (
    <div class="copyfield">
      <label>
        <span>{label}</span>
        <input ref={field} readOnly value={value} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <button type="button" class="btn" onClick={copy}>{copied ? t.copied : t.copy}</button>
      <span class="visually-hidden" role="status">{copied && t.copied}</span>
    </div>
  )
}
