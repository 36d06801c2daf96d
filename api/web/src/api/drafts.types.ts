/** What the server sends and takes where plans are drawn, as in the HTTP contract. */
import type { Bounds, Geometry, GridName, Plan, Said, Text } from './types'

export type Position = [lon: number, lat: number]
export interface Line {
  type: 'LineString'
  coordinates: Position[]
}
export interface Area {
  type: 'Polygon' | 'MultiPolygon'
  coordinates: Position[][] | Position[][][]
}
export type GridKind = 'administrative' | 'unit' | 'key'

export interface GridFacts {
  uid: string
  kind: GridKind
  level: number
  code: string | null
  name: string
  category: string | null
  parent_uid: string | null
  owner_uid: string | null
  /** The parent of an administrative grid, the owner of a unit or key grid. */
  holder_uid: string | null
  basis: string | null
  is_partial: boolean
  supervising_level: number | null
  area_m2: number
  version: number
  /** Of its members: named, in quotes, in If-Match. */
  etag: string
  may_edit: boolean
  has_children: boolean
  has_units: boolean
  sources: number | null
  weighted: number | null
}
export interface Grid {
  type: 'Feature'
  id: string
  geometry: Area
  properties: GridFacts
}
export interface Grids {
  type: 'FeatureCollection'
  features: Grid[]
}

export type Operation =
  | { operation: 'split'; grids: string[]; line: Line; names?: string[] }
  | { operation: 'divide'; owner: string; line: Line; names?: string[]; basis?: string }
  | { operation: 'merge'; grids: string[]; into?: string; name?: string }
  | {
    operation: 'carve'; kind: GridKind; holder: string; area: Area; takes: boolean; name: string
    code?: string; category?: string; basis?: string; supervising_level?: number
  }
  | { operation: 'redraw_boundary'; grids: string[]; line: Line }
  | { operation: 'move_vertex'; grids: string[]; at: Position; to: Position }
  | { operation: 'replace'; grid: string; area: Area }
  | { operation: 'delete'; grid: string; land: 'neighbours' | 'holder'; to?: string }
  | { operation: 'change_parent'; grid: string; parent: string }
  | { operation: 'attributes'; grid: string; changes: Attributes }
  | { operation: 'adopt'; owner: string; units: { area: Area; name: string }[]; basis?: string }
  | { operation: 'repair'; findings: number[] | null; noise?: string[] | null; classes: string[] | null }
  | { operation: 'bulk'; operations: Operation[] }

export interface Attributes {
  name?: string
  code?: string | null
  category?: string | null
  basis?: string | null
  is_partial?: boolean
  supervising_level?: number | null
}

export interface DraftFinding {
  id: number | null
  kind: string
  size_class: string
  area_m2: number
  width_m: number
  parent: GridName | null
  owners: GridName[]
  geometry: Geometry
}
export interface MovedSource {
  uid: string
  name: string
  level: number
  before: GridName | null
  after: GridName | null
}
export interface WorkloadChange {
  uid: string
  name: string
  sources: number
  weighted: number
  sources_before: number | null
  weighted_before: number | null
  area_m2: number | null
  area_m2_before: number | null
}
export interface EditHead {
  number: number | null
  operation: string
  at: string | null
  by: string | null
  state: 'applied' | 'undone' | 'dropped'
  summary: Text
}
/** A grid as an edit leaves it; how it is held is asked of the grids. */
export interface EditedGrid {
  type: 'Feature'
  id: string
  geometry: Area
  properties: Pick<GridFacts, 'uid' | 'kind' | 'level' | 'code' | 'name' | 'category' | 'basis' | 'is_partial' | 'supervising_level' | 'area_m2'>
}
/** What an edit does, or would do. */
export interface Edit extends EditHead {
  /** The versions of the grids whose members change, as they are after it. */
  holders: Record<string, number>
  notes?: Text[]
  changed: EditedGrid[]
  added: EditedGrid[]
  removed: string[]
  findings: { before: DraftFinding[]; after: DraftFinding[] }
  moved: { count: number; sources: MovedSource[] }
  workload: WorkloadChange[]
}
export interface HistoryEntry extends EditHead {
  bounds: Bounds | null
  touched: string[]
}
export interface History {
  edits: HistoryEntry[]
  can_undo: number | null
  can_redo: number | null
}
/** What somebody else did meanwhile, told with a refusal of what is stale. */
export interface Meanwhile {
  number: number
  by: string
  at: string
  summary: Said
}

export interface Repair {
  /** Null of noise, which is named by its key. */
  finding: number | null
  key: string | null
  pieces: number
  kind: string
  size_class: string
  area_m2: number
  width_m: number
  action: 'give' | 'cut' | 'reparent' | 'none'
  receiver: GridName | null
  geometry: Geometry
  before: EditedGrid[]
  after: EditedGrid[]
}

/** The smallest defects first; `left` more are not told. */
export interface Repairs {
  repairs: Repair[]
  left: number
}

export interface Check {
  key?: string
  kind: string
  blocks: boolean
  title: Text
  grid: GridName | null
  finding: number | null
  lon: number | null
  lat: number | null
  reason: string | null
}
export interface Checks {
  blocking: number
  checks: Check[]
}
export interface Decision {
  action: string
  by: string
  at: string
  note: string | null
}
export interface GridChange {
  uid: string
  name: string
  /** Of what was renamed. */
  name_before: string | null
  change: string
  area_m2_before: number | null
  area_m2_after: number | null
  geometry: Geometry | null
}
export interface Changes {
  grids: GridChange[]
  sources_moved: number
  people_affected: { name?: string; title?: string; grid?: GridName | null }[]
}
export interface Comment {
  id: number
  lon: number
  lat: number
  text: string
  grid: GridName | null
  by: string
  at: string
  resolved_at?: string | null
  resolved_by?: string | null
}

export interface UnitSuggestion {
  deviation: number
  compactness: number
  compactness_min: number
  officers: number
  units: { name: string; area: Area; area_m2: number; sources: number; weighted: number; officers: number }[]
}
export interface UnitSuggestions {
  suggestions: UnitSuggestion[]
  cells: number
  basis: string | null
  notes: Text[]
}
export interface KeyAreaSuggestion {
  rank: number
  score: number
  reason: Text
  area: Area
  sources: number
  class_c: number
  receptors: number
  area_m2: number
  weighted: number
}
export interface KeyAreaSuggestions {
  within: GridName
  areas: KeyAreaSuggestion[]
  notes: Text[]
}

export type { GridName, Plan, Said }
