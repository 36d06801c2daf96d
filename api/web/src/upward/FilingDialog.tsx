import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import { filings, type PlanId } from '../api/upward'
import type { Filing } from '../api/upward.types'
import { useApp } from '../app/context'
import { Dialog } from '../app/Dialog'
import { day, time } from '../app/format'
import { Trouble } from '../app/states'
import { FilingStateChip } from './FilingStateChip'
import { useWordsOf } from './words'

/** How one filing stands, and its next step. */
export function FilingDialog({ plan, filing, onClose, onDone }: { plan: PlanId; filing: Filing; onClose: () => void; onDone: () => void }) {
  const { t } = useApp()
  const w = useWordsOf().filings
  const [note, setNote] = useState('')
  const { busy, problem, act } = useAction()
  const words = note.trim()
  const take = (step: typeof filings.file) =>
    void act(async () => {
      await step(plan, filing.grid.uid, words)
      onDone()
    })
  const acts = filing.may_file || filing.may_answer
  return (
    <Dialog title={filing.grid.name} onClose={onClose}>
      <p><FilingStateChip filing={filing} /> <span class="mut">{w.to(filing.with_grid.name)}</span></p>
      <dl>
        <dt>{w.deadline}</dt>
        <dd>{filing.deadline ? day(filing.deadline) : w.noDeadline}{filing.overdue_days > 0 && <b class="bad"> {w.late(String(filing.overdue_days))}</b>}</dd>
        {filing.filed_at && <><dt>{w.filedBy}</dt><dd>{w.signed(filing.filed_by ?? '', time(filing.filed_at))}</dd></>}
        {filing.answered_at && <><dt>{w.answeredBy}</dt><dd>{w.signed(filing.answered_by ?? '', time(filing.answered_at))}</dd></>}
        {filing.note && <><dt>{w.lastNote}</dt><dd class="said">{filing.note}</dd></>}
      </dl>
      {filing.has_changed && <p class="note">{w.changed}</p>}
      {filing.state === 'filed' && filing.is_own && !filing.may_answer && <p class="note info">{w.own}</p>}
      {acts && (
        <form onSubmit={(event) => event.preventDefault()}>
          {filing.may_file && <p class="small">{filing.may_set_deadline ? w.onBehalf : w.asIs}</p>}
          <label><span>{w.note}</span><textarea class="field" rows={3} maxLength={2000} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
          {filing.may_answer && <p class="small" id="return-hint">{w.noteHint}</p>}
          {problem && <Trouble problem={problem} />}
          <div class="row">
            {filing.may_answer && <button type="button" class="btn p" disabled={busy} onClick={() => take(filings.accept)}>{w.accept}</button>}
            {filing.may_answer && <button type="button" class="btn" disabled={busy || !words} aria-describedby="return-hint" onClick={() => take(filings.giveBack)}>{w.giveBack}</button>}
            {filing.may_file && <button type="button" class={filing.may_answer ? 'btn' : 'btn p'} disabled={busy} onClick={() => take(filings.file)}>{filing.may_set_deadline ? w.fileFor : filing.state === 'not_filed' ? w.file : w.refile}</button>}
          </div>
        </form>
      )}
      {!acts && <div class="row"><button type="button" class="btn" onClick={onClose}>{t.close}</button></div>}
    </Dialog>
  )
}
