/** Filing upward and responsibility letters, one function a request. */
import { address, request } from './request'
import type { Filing, Filings, LetterPair, Letters, NewLetter } from './upward.types'

export type PlanId = number | string
const of = (plan: PlanId, what: 'filings' | 'letters') => `/api/plans/${encodeURIComponent(plan)}/${what}`
const step = (plan: PlanId, grid: string, name: string, note: string) =>
  request<Filing>(`${of(plan, 'filings')}/${encodeURIComponent(grid)}/${name}`, { method: 'POST', body: { note: note || null } })

export const filings = {
  list: (plan: PlanId, signal?: AbortSignal) => request<Filings>(of(plan, 'filings'), { signal }),
  file: (plan: PlanId, grid: string, note: string) => step(plan, grid, 'file', note),
  accept: (plan: PlanId, grid: string, note: string) => step(plan, grid, 'accept', note),
  giveBack: (plan: PlanId, grid: string, note: string) => step(plan, grid, 'return', note),
  setDeadline: (plan: PlanId, grids: string[], deadline: string | null) =>
    request<Filings>(`${of(plan, 'filings')}/deadline`, { method: 'PUT', body: { grids, deadline } }),
}

export const letters = {
  list: (plan: PlanId, signal?: AbortSignal) => request<Letters>(of(plan, 'letters'), { signal }),
  record: (plan: PlanId, lower: string, letter: NewLetter) =>
    request<LetterPair>(of(plan, 'letters'), { method: 'POST', body: { lower, ...letter } }),
  remove: (plan: PlanId, id: number) => request<LetterPair>(`${of(plan, 'letters')}/${id}`, { method: 'DELETE' }),
  /** Where the letter to be signed is drawn up. */
  draft: (plan: PlanId, lower: string, lang: string) => address(`${of(plan, 'letters')}/${encodeURIComponent(lower)}/draft.docx`, { lang }),
  /** Where all letters are that a grid has to sign with those below it. */
  missing: (plan: PlanId, upper: string, lang: string) => address(`${of(plan, 'letters')}/missing.zip`, { upper, lang }),
}
