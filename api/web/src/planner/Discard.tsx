import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import { review } from '../api/drafts'
import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { Dialog } from '../app/Dialog'
import { time } from '../app/format'
import { Trouble } from '../app/states'
import { useQuery } from '../app/useQuery'

/** Put a draft away, by whoever plans all of it; the reason is kept. */
export function Discard({ plan, onDiscarded }: { plan: Plan; onDiscarded: () => void }) {
  const { t, say, go } = useApp()
  const [open, setOpen] = useState(false)
  const [note, setNote] = useState('')
  const { busy, problem, act } = useAction()
  if (!plan.may_discard) return null
  const words = t.planner.discard
  const submit = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      await review.discard(plan.id, note.trim())
      setOpen(false)
      go({ plan: null, part: null })
      onDiscarded()
    })
  }
  return (
    <>
      <button type="button" class="btn" onClick={() => setOpen(true)}>{words.button}</button>
      {open && (
        <Dialog title={words.title(say(plan.title))} onClose={() => setOpen(false)}>
          <p class="mut">{words.about}</p>
          <form onSubmit={submit}>
            <label><span>{words.reason}</span><textarea class="field" rows={3} required maxLength={1000} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
            {problem && <Trouble problem={problem} />}
            <div class="row">
              <button type="submit" class="btn p" disabled={busy || !note.trim()}>{words.go}</button>
              <button type="button" class="btn" onClick={() => setOpen(false)}>{words.cancel}</button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  )
}

/** Why a draft was put away, and the way back. */
export function Discarded({ plan, onRestored }: { plan: Plan; onRestored: () => void }) {
  const { t, lang } = useApp()
  const words = t.planner.discard
  const decisions = useQuery(`decisions ${plan.id} ${plan.updated_at} ${lang}`, (signal) => review.decisions(plan.id, signal))
  const { busy, problem, act } = useAction()
  const last = decisions.value?.filter((each) => each.action === 'discard').at(-1)
  const restore = () => void act(async () => {
    await review.restore(plan.id)
    onRestored()
  })
  return (
    <div class="note info">
      {last && <p><span class="small">{words.why(last.by, time(last.at))}</span><br />{last.note}</p>}
      {plan.may_restore && (
        <div class="row">
          <button type="button" class="btn" disabled={busy} onClick={restore}>{words.restore}</button>
          <span class="small">{words.restored}</span>
        </div>
      )}
      {problem && <Trouble problem={problem} />}
    </div>
  )
}
