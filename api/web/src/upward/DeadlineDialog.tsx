import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import { filings, type PlanId } from '../api/upward'
import type { Filing } from '../api/upward.types'
import { Dialog } from '../app/Dialog'
import { count } from '../app/format'
import { Trouble } from '../app/states'
import { useWordsOf } from './words'

/** By which day the grids that are listed must file. */
export function DeadlineDialog({ plan, listed, onClose, onDone }: { plan: PlanId; listed: Filing[]; onClose: () => void; onDone: () => void }) {
  const w = useWordsOf().filings
  const [deadline, setDeadline] = useState(listed.find((each) => each.deadline)?.deadline ?? '')
  const { busy, problem, act } = useAction()
  const set = (to: string | null) =>
    void act(async () => {
      await filings.setDeadline(plan, listed.map((each) => each.grid.uid), to)
      onDone()
    })
  return (
    <Dialog title={w.setDeadline} onClose={onClose}>
      <p class="mut">{w.forListed(count(listed.length))}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          set(deadline)
        }}
      >
        <label><span>{w.deadline}</span><input class="field" type="date" required min="2000-01-01" max="2200-12-31" value={deadline} onInput={(event) => setDeadline(event.currentTarget.value)} /></label>
        {problem && <Trouble problem={problem} />}
        <div class="row">
          <button type="submit" class="btn p" disabled={busy}>{w.save}</button>
          <button type="button" class="btn" disabled={busy} onClick={() => set(null)}>{w.clear}</button>
        </div>
      </form>
    </Dialog>
  )
}
