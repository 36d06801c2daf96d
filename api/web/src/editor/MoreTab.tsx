import { useState } from 'preact/hooks'
import { Choices } from '../analyst/Filters'
import { useApp } from '../app/context'
import { planParts, type PlanPart } from '../app/route'
import { PlanTables } from '../planner/PlanView'
import { useEditor } from './context'
import { Files } from './Files'

/** The draft as tables and as files; what its grids file upward and sign. */
export function MoreTab() {
  const { t, route, go } = useApp()
  const { w, plan } = useEditor()
  const [filing, setFiling] = useState(false)
  const names: Record<PlanPart, string> = { ...w.lists, filings: t.planner.filings, letters: t.planner.letters }
  const shown = route.part ?? 'findings'
  const choose = (part: PlanPart | 'files') => {
    setFiling(part === 'files')
    if (part !== 'files') go({ part })
  }
  return (
    <>
      <Choices<PlanPart | 'files'>
        label={t.planner.title} value={filing ? 'files' : shown} onChange={choose}
        options={[...planParts.map((value) => ({ value, name: names[value] })), { value: 'files', name: w.files.title }]}
      />
      <div class="gap-above">{filing ? <Files /> : <PlanTables key={`${plan.id} ${shown}`} plan={plan.id} shown={shown} />}</div>
    </>
  )
}
