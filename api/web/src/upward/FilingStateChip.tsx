import type { Filing } from '../api/upward.types'
import { count } from '../app/format'
import { useWordsOf } from './words'

export function FilingStateChip({ filing }: { filing: Filing }) {
  const w = useWordsOf().filings
  const late = filing.overdue_days > 0 && filing.state === 'not_filed'
  return <span class={`state step-${late ? 'overdue' : filing.state}`}>{late ? w.late(count(filing.overdue_days)) : w.states[filing.state]}</span>
}
