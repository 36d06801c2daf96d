import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useApp } from './context'
import { Icon } from './icons'

/** A modal dialog: the browser keeps the focus inside, Esc closes, and the focus returns to where it was. */
export function Dialog({ title, onClose, wide = false, children }: {
  title: string
  onClose: () => void
  wide?: boolean
  children: ComponentChildren
}) {
  const { t } = useApp()
  const dialog = useRef<HTMLDialogElement>(null)
  const label = useId()
  useEffect(() => {
    const before = document.activeElement
    const element = dialog.current!
    element.showModal()
    return () => {
      element.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={label}>{title}</h2>
          <button type="button" class="iconbtn" aria-label={t.close} onClick={onClose}><Icon name="close" /></button>
        </div>
        {children}
      </div>
    </dialog>
  )
}
