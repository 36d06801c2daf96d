import { useState } from 'preact/hooks'
import { Details } from '../analyst/Details'
import { Download } from '../analyst/Download'
import { Choices } from '../analyst/Filters'
import { FindingsTable } from '../analyst/FindingsTable'
import { LayerTable } from '../analyst/LayerTable'
import { useChosen } from '../analyst/useChosen'
import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { BeginRevision } from './BeginRevision'
import { PlanFacts } from './PlanFacts'
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

/** What is wrong with a plan, or what it divides, in a table to be taken away. */
export function PlanTables({ shown }: { shown: 'findings' | 'grids' }) {
  return (
    <>
      {shown === 'findings' ? <FindingsTable /> : <Grids />}
      <Download />
    </>
  )
}

export function PlanView({ plan, onPlans }: { plan: Plan; onPlans: () => void }) {
  const { t, go, say } = useApp()
  const [shown, setShown] = useState<'findings' | 'grids'>('findings')
  return (
    <>
      <button type="button" class="link" onClick={() => go({ plan: null })}>← {t.planner.back}</button>
      <div class="row head"><h2 class="title">{say(plan.title)}</h2><StateChip state={plan.state} /></div>
      <PlanFacts plan={plan} />
      <p class="small">
        {t.planner.approval}{t.colon}{plan.approval_number ?? <b class="vac">{t.map.unreviewed}</b>}
      </p>
      <BeginRevision of={plan} onBegun={onPlans} />
      <div class="gap-above">
        <Choices label={t.planner.title} options={[{ value: 'findings', name: t.planner.findings }, { value: 'grids', name: t.planner.grids }]} value={shown} onChange={setShown} />
      </div>
      <PlanTables shown={shown} />
    </>
  )
}
