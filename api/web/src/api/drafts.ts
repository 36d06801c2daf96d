/** The resources of plans that are being drawn, one function each. */
import { request } from './request'
import type {
  Area, Changes, Check, Checks, Comment, Decision, Edit, Grids, History, KeyAreaSuggestions, Line, Operation, Position, Repairs,
  UnitSuggestions,
} from './drafts.types'
import type { Import } from './imports.types'
import type { Bounds, Plan, Text } from './types'

type PlanId = number | string
const of = (plan: PlanId) => `/api/plans/${encodeURIComponent(plan)}`
const post = <T>(path: string, body: unknown = {}) => request<T>(path, { method: 'POST', body })
const place = (at: Position) => at.map((each) => each.toFixed(9)).join(',')

export const begin = (base: PlanId, title: Text) => post<Plan>('/api/plans', { base, title })

export const grids = (plan: PlanId, bbox: Bounds, signal?: AbortSignal) =>
  request<Grids>(`${of(plan)}/grids`, { query: { bbox: bbox.map((each) => each.toFixed(6)).join(',') }, signal })
export const trace = (plan: PlanId, from: Position, to: Position, holder: string | null) =>
  request<{ geometry: Line }>(`${of(plan)}/trace`, { query: { from: place(from), to: place(to), holder } })

export const edits = {
  list: (plan: PlanId, signal?: AbortSignal) => request<History>(`${of(plan)}/edits`, { query: { limit: 100 }, signal }),
  preview: (plan: PlanId, operation: Operation, signal?: AbortSignal) =>
    request<Edit>(`${of(plan)}/edits`, { method: 'POST', query: { preview: 'true' }, body: operation, signal }),
  apply: (plan: PlanId, operation: Operation, etags: string[]) =>
    request<Edit>(`${of(plan)}/edits`, { method: 'POST', body: operation, headers: { 'If-Match': etags.join(', ') } }),
  undo: (plan: PlanId) => post<Edit>(`${of(plan)}/edits/undo`),
  redo: (plan: PlanId) => post<Edit>(`${of(plan)}/edits/redo`),
}

export const repairs = (plan: PlanId, limit: number, signal?: AbortSignal) => request<Repairs>(`${of(plan)}/repairs`, { query: { limit }, signal })
export const suggestUnits = (plan: PlanId, owner: string, number: number, seed: number, signal?: AbortSignal) =>
  request<UnitSuggestions>(`${of(plan)}/suggestions/units`, { query: { owner, number, seed }, signal })
export const suggestKeyAreas = (plan: PlanId, within: string | null, signal?: AbortSignal) =>
  request<KeyAreaSuggestions>(`${of(plan)}/suggestions/key-areas`, { query: { within }, signal })

/** What a written reason for a check is filed under. */
export const keyOf = (check: Check) => check.key ?? [check.kind, check.grid?.uid ?? '', check.finding ?? ''].join(':')
export const review = {
  checks: (plan: PlanId, signal?: AbortSignal) => request<Checks>(`${of(plan)}/checks`, { signal }),
  submit: (plan: PlanId, reasons: Record<string, string>, note: string) => post<Plan>(`${of(plan)}/submit`, { reasons, note: note || null }),
  withdraw: (plan: PlanId, note: string) => post<Plan>(`${of(plan)}/withdraw`, { note: note || null }),
  giveBack: (plan: PlanId, note: string) => post<Plan>(`${of(plan)}/return`, { note }),
  publish: (plan: PlanId, valid_from: string, approval_number: string, note: string) =>
    post<Plan>(`${of(plan)}/publish`, { valid_from, approval_number: approval_number || null, note: note || null }),
  discard: (plan: PlanId, note: string) => post<Plan>(`${of(plan)}/discard`, { note }),
  restore: (plan: PlanId) => post<Plan>(`${of(plan)}/restore`),
  decisions: (plan: PlanId, signal?: AbortSignal) => request<Decision[]>(`${of(plan)}/decisions`, { signal }),
  changes: (plan: PlanId, since: PlanId, signal?: AbortSignal) => request<Changes>(`${of(plan)}/changes`, { query: { since }, signal }),
}

export const comments = {
  list: (plan: PlanId, signal?: AbortSignal) => request<Comment[]>(`${of(plan)}/comments`, { signal }),
  add: (plan: PlanId, at: Position, text: string, grid: string | null) =>
    post<Comment>(`${of(plan)}/comments`, { lon: at[0], lat: at[1], text, ...(grid ? { grid } : {}) }),
  resolve: (plan: PlanId, id: number) => post<Comment>(`${of(plan)}/comments/${id}/resolve`),
}

/** How a file is read and brought; an empty `crs` is what it declares. */
export interface Bringing {
  removes: boolean
  redraws: boolean
  crs: string
}

export const files = {
  address: (plan: PlanId, format: string) => `${of(plan)}/export?format=${format}`,
  /** What a file has otherwise; with the versions that were seen, change the draft so. */
  bring: (plan: PlanId, file: File, { removes, redraws, crs }: Bringing, seen?: Record<string, number>) =>
    request<Import>(`${of(plan)}/imports`, {
      method: 'POST', body: file, query: { filename: file.name.slice(-200), removes: String(removes), redraws: String(redraws), crs: crs || null, apply: String(seen !== undefined) },
      headers: seen && { 'If-Match': Object.entries(seen).map(([uid, version]) => `"${uid}:${version}"`).join(', ') },
    }),
}

export type { Area }
