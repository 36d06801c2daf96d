import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import * as drafts from '../api/drafts'
import { Dialog } from '../app/Dialog'
import { Trouble } from '../app/states'
import { useEditor } from './context'

/** Take the plan back from review, by whoever plans all of it. */
export function Withdraw() {
  const { w, plan, reload } = useEditor()
  const [open, setOpen] = useState(false)
  const [note, setNote] = useState('')
  const { busy, problem, act } = useAction()
  if (!plan.may_withdraw) return null
  const submit = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      await drafts.review.withdraw(plan.id, note.trim())
      setOpen(false)
      reload(w.withdraw.done)
    })
  }
  return (
    <div class="row tight-row">
      <button type="button" class="btn" onClick={() => setOpen(true)}>{w.withdraw.button}</button>
      {open && (
        <Dialog title={w.withdraw.button} onClose={() => setOpen(false)}>
          <p class="mut">{w.withdraw.about}</p>
          <form onSubmit={submit}>
            <label><span>{w.submit.note}</span><textarea class="field" rows={2} maxLength={1000} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
            {problem && <Trouble problem={problem} />}
            <div class="row"><button type="submit" class="btn p" disabled={busy}>{w.withdraw.go}</button></div>
          </form>
        </Dialog>
      )}
    </div>
  )
}
