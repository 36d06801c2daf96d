import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Choices } from '../analyst/Filters'
import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { PlanTables } from '../planner/PlanView'
import { useEditor, type EditorTab } from './context'

/** What a tab shows; those that edit are handed in. */
export function Tab({ of, plan, children }: { of: EditorTab; plan: Plan; children: ComponentChildren }) {
  if (of === 'more') return <More plan={plan} />
  return <>{children}</>
}

function More({ plan }: { plan: Plan }) {
  const { w } = useEditor()
  const { t } = useApp()
  const [shown, setShown] = useState<'findings' | 'grids'>('findings')
  return (
    <>
      <Choices label={t.planner.title} options={[{ value: 'findings', name: w.lists.findings }, { value: 'grids', name: w.lists.grids }]} value={shown} onChange={setShown} />
      <PlanTables key={plan.id} shown={shown} />
    </>
  )
}
