import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import { begin } from '../api/drafts'
import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { Dialog } from '../app/Dialog'
import { mayDraw } from '../app/roles'
import { Trouble } from '../app/states'

/** A title of its own: numbered where other plans have it. */
function free(title: string, taken: string[], numbered: (n: number) => string): string {
  for (let n = 2; ; n++) {
    const tried = n === 2 && !taken.includes(title) ? title : numbered(n)
    if (!taken.includes(tried)) return tried
  }
}

/** A draft that starts as a copy of a plan. */
export function BeginRevision({ of: plan, plans, onBegun }: { of: Plan; plans: Plan[]; onBegun: () => void }) {
  const { t, say, go, session } = useApp()
  const year = String(new Date().getFullYear())
  const [titleZh, titleEn] = [t.planner.titleZh(year), t.planner.titleEn(year)]
  const taken = plans.flatMap(({ title }) => (typeof title === 'string' ? [title] : [title.zh, title.en]))
  const [open, setOpen] = useState(false)
  const [zh, setZh] = useState(free(titleZh, taken, (n) => `${titleZh}（${n}）`))
  const [en, setEn] = useState(free(titleEn, taken, (n) => `${titleEn} (${n})`))
  const { busy, problem, act } = useAction()
  if (!mayDraw(session.user?.role ?? null) || plan.state !== 'published') return null
  const submit = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      const draft = await begin(plan.id, { zh: zh.trim(), en: en.trim() })
      setOpen(false)
      onBegun()
      go({ plan: String(draft.id), part: null })
    })
  }
  return (
    <>
      <div class="row"><button type="button" class="btn" onClick={() => setOpen(true)}>{t.planner.begin}</button></div>
      {open && (
        <Dialog title={t.planner.begin} onClose={() => setOpen(false)}>
          <p class="mut">{t.planner.beginAbout(say(plan.title))}</p>
          <form onSubmit={submit}>
            <label><span>{t.planner.inChinese}</span><input class="field" required maxLength={60} value={zh} onInput={(event) => setZh(event.currentTarget.value)} /></label>
            <label><span>{t.planner.inEnglish}</span><input class="field" required maxLength={60} value={en} onInput={(event) => setEn(event.currentTarget.value)} /></label>
            {problem && <Trouble problem={problem} />}
            <div class="row"><button type="submit" class="btn p" disabled={busy}>{t.planner.beginGo}</button></div>
          </form>
        </Dialog>
      )}
    </>
  )
}
