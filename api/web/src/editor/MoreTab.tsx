import { Choices } from '../analyst/Filters'
import { useApp } from '../app/context'
import { planParts, type PlanPart } from '../app/route'
import { PlanTables } from '../planner/PlanView'
import { useEditor } from './context'

/** The draft as tables; what its grids file upward and sign. */
export function MoreTab() {
  const { t, route, go } = useApp()
  const { w, plan } = useEditor()
  const names: Record<PlanPart, string> = { ...w.lists, filings: t.planner.filings, letters: t.planner.letters }
  const shown = route.part ?? 'findings'
  return (
    <>
      <Choices<PlanPart> label={t.planner.title} value={shown} onChange={(part) => go({ part })} options={planParts.map((value) => ({ value, name: names[value] }))} />
      <div class="gap-above"><PlanTables key={`${plan.id} ${shown}`} plan={plan.id} shown={shown} /></div>
    </>
  )
}
