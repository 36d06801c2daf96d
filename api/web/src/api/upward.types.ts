/** What the server sends and takes of filings and responsibility letters, as in the HTTP contract. */
import type { GridName } from './types'

export type FilingState = 'not_filed' | 'filed' | 'returned' | 'accepted'
export interface Filing {
  grid: GridName
  level: number
  with_grid: GridName
  state: FilingState
  deadline: string | null
  overdue_days: number
  filed_by: string | null
  filed_at: string | null
  answered_by: string | null
  answered_at: string | null
  note: string | null
  /** The part is no longer what was filed. */
  has_changed: boolean
  is_own: boolean
  may_file: boolean
  may_answer: boolean
  may_set_deadline: boolean
}
export interface Filings {
  /** `filed` counts what was accepted too. */
  counts: { total: number; filed: number; accepted: number; returned: number; not_filed: number; overdue: number }
  filings: Filing[]
}

export type LetterState = 'missing' | 'expired' | 'handed_on' | 'signed'
export interface Signer {
  grid: GridName
  title: string | null
  /** Null where the post is vacant. */
  person: string | null
}
export interface NewLetter {
  signed_on: string
  /** The first day on which it no longer holds. */
  valid_to: string | null
  number: string | null
  upper_signatory: string | null
  lower_signatory: string | null
  tasks: string | null
  file: string | null
}
export interface Letter extends NewLetter {
  id: number
}
export interface LetterPair {
  upper: Signer
  lower: Signer
  level: number
  state: LetterState
  /** Whose signatory has left the post. */
  left: ('upper' | 'lower')[]
  letters: Letter[]
}
export interface Letters {
  counts: Record<LetterState, number>
  letters: LetterPair[]
}
