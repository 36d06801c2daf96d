/** A file of grids held against a draft, as the server tells it. */
import type { Edit, Said } from './drafts.types'
import type { Bounds, Text } from './types'

export type ImportChange = 'added' | 'removed' | 'reshaped' | 'moved' | 'values'
/** `followed`: a coarser grid brought it there. `left`: the file lacks it, and it stays. */
export type ImportResult = 'applied' | 'partly' | 'followed' | 'refused' | 'left'

export interface ImportItem {
  number: number
  row: number | null
  uid: string | null
  name: string
  changes: ImportChange[]
  values: Record<string, unknown>
  former: Record<string, unknown>
  bounds: Bounds | null
  area_m2_before: number | null
  area_m2_after: number | null
  moved_m: number | null
  result: ImportResult
  refused: { reason: Text; where: string; todo: Text | null }[]
  can_redraw: boolean
  is_redrawn: boolean
}

export interface Import {
  file: string
  format: string
  crs: string
  items: ImportItem[]
  unchanged: number
  /** Grids that were edited in the draft since the file was written, and not in the file: they stay. */
  behind: string[]
  rejected_count: number
  rejected: { row: number; reason: Text }[]
  notes: Text[]
  stale: { reason: Text; where: string; changed: { number: number; by: string; summary: Said }[] } | null
  edit: Edit | null
}
