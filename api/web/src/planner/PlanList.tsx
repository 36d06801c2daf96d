import { useState } from 'preact/hooks'
import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { count } from '../app/format'
import { Empty } from '../app/states'
import { PlanFacts } from './PlanFacts'
import { StateChip } from './StateChip'

/** The plans in use; the drafts that were put away when they are asked for. */
export function PlanList({ plans }: { plans: Plan[] }) {
  const { t, go, say } = useApp()
  const [shows, setShows] = useState(false)
  const discarded = plans.filter((plan) => plan.state === 'discarded')
  const shown = shows ? plans : plans.filter((plan) => plan.state !== 'discarded')
  return (
    <>
      {shown.length === 0 && <Empty what={t.planner.discard.none} todo={t.planner.discard.noneTodo} />}
      <ul class="plans">
        {shown.map((plan) => (
          <li key={plan.id}>
            <button type="button" onClick={() => go({ plan: String(plan.id), part: null })}>
              <span class="row head"><b>{say(plan.title)}</b><StateChip state={plan.state} /></span>
              <PlanFacts plan={plan} />
            </button>
          </li>
        ))}
      </ul>
      {discarded.length > 0 && (
        <label class="check"><input type="checkbox" checked={shows} onChange={(event) => setShows(event.currentTarget.checked)} /><span>{t.planner.discard.show(count(discarded.length))}</span></label>
      )}
    </>
  )
}
