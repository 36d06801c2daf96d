import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import * as drafts from '../api/drafts'
import { useApp } from '../app/context'
import { Dialog } from '../app/Dialog'
import { today } from '../app/format'
import { Trouble } from '../app/states'
import { useEditor } from './context'
import { Decisions } from './Decisions'

/** The approver's word: back to the planners with a comment, or to the public with a date. */
export function Decide() {
  const { w, plan, reload } = useEditor()
  const { t, renewSite } = useApp()
  const [open, setOpen] = useState<'return' | 'publish' | null>(null)
  const [note, setNote] = useState('')
  const [from, setFrom] = useState(today)
  const [approval, setApproval] = useState('')
  const { busy, problem, act } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      if (open === 'return') await drafts.review.giveBack(plan.id, note.trim())
      else await drafts.review.publish(plan.id, from, approval.trim(), note.trim())
      setOpen(null)
      if (open === 'publish') renewSite()
      reload(open === 'publish' ? w.decide.published : w.decide.returned)
    })
  }
  return (
    <section class="decide" aria-label={w.decide.title}>
      <div class="row tight-row">
        <button type="button" class="btn p" onClick={() => setOpen('publish')}>{w.decide.publish}</button>
        <button type="button" class="btn" onClick={() => setOpen('return')}>{w.decide.back}</button>
      </div>
      <Decisions />
      {open && (
        <Dialog title={open === 'return' ? w.decide.back : w.decide.publish} onClose={() => setOpen(null)}>
          <form onSubmit={submit}>
            {open === 'publish' && (
              <>
                <p class="note">{w.decide.sure}</p>
                <label><span>{w.decide.from}</span><input class="field" type="date" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} /></label>
                <label><span>{w.decide.approval}</span><input class="field" maxLength={60} placeholder={t.map.unreviewed} value={approval} onInput={(event) => setApproval(event.currentTarget.value)} /></label>
              </>
            )}
            <label><span>{w.decide.note}</span><textarea class="field" rows={3} maxLength={1000} required={open === 'return'} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
            {open === 'return' && <p class="small">{w.decide.noteNeeded}</p>}
            {problem && <Trouble problem={problem} />}
            <div class="row"><button type="submit" class="btn p" disabled={busy || (open === 'return' && !note.trim())}>{open === 'return' ? w.decide.back : w.decide.publish}</button></div>
          </form>
        </Dialog>
      )}
    </section>
  )
}
