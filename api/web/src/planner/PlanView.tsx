import { Details } from '../analyst/Details'
import { Download } from '../analyst/Download'
import { Choices } from '../analyst/Filters'
import { FindingsTable } from '../analyst/FindingsTable'
import { LayerTable } from '../analyst/LayerTable'
import { useChosen } from '../analyst/useChosen'
import type { Plan } from '../api/types'
import type { PlanId } from '../api/upward'
import { useApp } from '../app/context'
import { planParts, type PlanPart } from '../app/route'
import { BeginRevision } from './BeginRevision'
import { Discarded } from './Discard'
import { PlanFacts } from './PlanFacts'
import { PlanUpward } from './PlanUpward'
import { StateChip } from './StateChip'

/** The grids of a plan, on the map and in a table. */
function Grids() {
  const { layers } = useApp()
  const grids = layers.filter((layer) => layer.group === 'grids')
  const { chosen, choose } = useChosen(grids.map((layer) => layer.id))
  return (
    <>
      {chosen && <Details row={chosen} onClose={() => choose(null)} />}
      <LayerTable layers={grids} chosen={chosen} onChoose={choose} />
    </>
  )
}

/** What is wrong with a plan, or what it divides, in a table to be taken away; or what goes between its levels. */
export function PlanTables({ plan, shown }: { plan: PlanId; shown: PlanPart }) {
  if (shown === 'filings' || shown === 'letters') return <PlanUpward plan={plan} shown={shown} />
  return (
    <>
      {shown === 'findings' ? <FindingsTable /> : <Grids />}
      <Download />
    </>
  )
}

export function PlanView({ plan, plans, onPlans }: { plan: Plan; plans: Plan[]; onPlans: () => void }) {
  const { t, go, say, route } = useApp()
  const shown = route.part ?? 'findings'
  const parts = planParts.map((value) => ({ value, name: t.planner[value] }))
  return (
    <>
      <button type="button" class="link" onClick={() => go({ plan: null })}>← {t.planner.back}</button>
      <div class="row head"><h2 class="title">{say(plan.title)}</h2><StateChip state={plan.state} /></div>
      <PlanFacts plan={plan} />
      <p class="small">
        {t.planner.approval}{t.colon}{plan.approval_number ?? <b class="vac">{t.map.unreviewed}</b>}
      </p>
      {plan.state === 'discarded' && <Discarded plan={plan} onRestored={onPlans} />}
      <BeginRevision of={plan} plans={plans} onBegun={onPlans} />
      <div class="gap-above">
        <Choices<PlanPart> label={t.planner.title} options={parts} value={shown} onChange={(part) => go({ part })} />
      </div>
      <PlanTables plan={plan.id} shown={shown} />
    </>
  )
}
