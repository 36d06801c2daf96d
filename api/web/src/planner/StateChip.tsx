import type { PlanState } from '../api/types'
import { useApp } from '../app/context'

export function StateChip({ state }: { state: PlanState }) {
  const { t } = useApp()
  return <span class={`state ${state}`}>{t.states[state]}</span>
}
