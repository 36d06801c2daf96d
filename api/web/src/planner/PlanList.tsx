import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { PlanFacts } from './PlanFacts'
import { StateChip } from './StateChip'

export function PlanList({ plans }: { plans: Plan[] }) {
  const { go, say } = useApp()
  return (
    <ul class="plans">
      {plans.map((plan) => (
        <li key={plan.id}>
          <button type="button" onClick={() => go({ plan: String(plan.id), part: null })}>
            <span class="row head"><b>{say(plan.title)}</b><StateChip state={plan.state} /></span>
            <PlanFacts plan={plan} />
          </button>
        </li>
      ))}
    </ul>
  )
}
