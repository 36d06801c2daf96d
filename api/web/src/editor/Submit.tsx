import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import * as drafts from '../api/drafts'
import type { Check } from '../api/drafts.types'
import { useApp } from '../app/context'
import { Dialog } from '../app/Dialog'
import { count } from '../app/format'
import { Trouble } from '../app/states'
import { useEditor } from './context'

/** Hand the draft in: what blocks it is mended, or explained in writing. */
export function Submit({ checks, blocking }: { checks: Check[]; blocking: number }) {
  const { say } = useApp()
  const { w, plan, reload } = useEditor()
  const [open, setOpen] = useState(false)
  const [reasons, setReasons] = useState<Record<string, string>>({})
  const [note, setNote] = useState('')
  const { busy, problem, act } = useAction()
  const unsolved = checks.filter((each) => each.blocks && !each.reason)
  const missing = unsolved.some((each) => !reasons[drafts.keyOf(each)]?.trim())
  const submit = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      await drafts.review.submit(plan.id, Object.fromEntries(Object.entries(reasons).filter(([, text]) => text.trim())), note.trim())
      setOpen(false)
      reload(w.submit.done)
    })
  }
  return (
    <div class="submit">
      <div>
        <button type="button" class="btn p" onClick={() => setOpen(true)}>{w.submit.button}</button>
      </div>
      <span class="small">{blocking > 0 ? w.submit.left(count(blocking)) : w.submit.clean}</span>
      {open && (
        <Dialog title={w.submit.title} wide onClose={() => setOpen(false)}>
          <form onSubmit={submit}>
            {unsolved.length > 0 && <p class="mut">{w.submit.needReason}</p>}
            {unsolved.map((each) => {
              const key = drafts.keyOf(each)
              return (
                <label key={key}>
                  <span>{say(each.title)}{each.grid ? ` · ${each.grid.name}` : ''}</span>
                  <input class="field" maxLength={400} placeholder={w.submit.reason} value={reasons[key] ?? ''} onInput={(event) => setReasons({ ...reasons, [key]: event.currentTarget.value })} />
                </label>
              )
            })}
            <label><span>{w.submit.note}</span><textarea class="field" rows={2} maxLength={1000} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
            {problem && <Trouble problem={problem} />}
            <div class="row"><button type="submit" class="btn p" disabled={busy || missing}>{w.submit.go}</button></div>
          </form>
        </Dialog>
      )}
    </div>
  )
}
