import { useState } from 'preact/hooks'
import { Choices } from '../analyst/Filters'
import { useApp } from '../app/context'
import { PlanTables } from '../planner/PlanView'
import { useEditor } from './context'

type Shown = 'findings' | 'grids'

/** The draft as tables. */
export function MoreTab() {
  const { t } = useApp()
  const { w, plan } = useEditor()
  const [shown, setShown] = useState<Shown>('findings')
  return (
    <>
      <Choices<Shown>
        label={t.planner.title} value={shown} onChange={setShown}
        options={[{ value: 'findings', name: w.lists.findings }, { value: 'grids', name: w.lists.grids }]}
      />
      <div class="gap-above"><PlanTables key={`${plan.id} ${shown}`} shown={shown} /></div>
    </>
  )
}
