import type { Filing } from '../api/upward.types'
import { useWordsOf } from './words'

export function FilingStateChip({ filing }: { filing: Filing }) {
  const w = useWordsOf().filings
  const late = filing.overdue_days > 0
  return <span class={`state step-${late ? 'overdue' : filing.state}`}>{late && filing.state === 'not_filed' ? w.overdue : w.states[filing.state]}</span>
}
