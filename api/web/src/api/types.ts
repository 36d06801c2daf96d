/** What the server sends, as in the HTTP contract. */

/** A text in both languages; some names exist in one only and are sent as a string. */
export interface Text {
  zh: string
  en: string
}
export type Said = Text | string

export type Bounds = [west: number, south: number, east: number, north: number]
export type Role = 'admin' | 'planner' | 'approver' | 'analyst' | 'officer' | 'department'
export type PlanState = 'draft' | 'in_review' | 'published' | 'superseded' | 'discarded'
export type Compass = 'N' | 'NE' | 'E' | 'SE' | 'S' | 'SW' | 'W' | 'NW'

export interface GridName {
  uid: string
  name: string
}
export interface DepartmentName {
  code: string
  name: Said
}

export interface User {
  login: string
  name: string
  role: Role
  jurisdiction: GridName | null
  department: DepartmentName | null
}
export interface Session {
  user: User | null
  csrf: string | null
}

export type Scope = 'read' | 'write' | 'last-writer-wins'
export interface Token {
  id: string | number
  name: string
  scopes: Scope[]
  created_at: string
  expires_at: string | null
  last_used_at: string | null
  revoked_at: string | null
}
export interface NewToken extends Token {
  token: string
}

export interface Account {
  login: string
  name: string
  role: Role
  jurisdiction: GridName | null
  department: DepartmentName | null
  disabled: boolean
  /** Only in the answer to making one whose password the server made up. */
  password?: string | null
}
export interface NewAccount {
  login: string
  name: string
  role: Role
  /** Made up by the server where there is none, and told once. */
  password: string | null
  jurisdiction: string | null
  department: string | null
}

export interface PlanHead {
  id: number | string
  title: Said
  state: PlanState
}
export interface Plan extends PlanHead {
  valid_from: string | null
  valid_to: string | null
  approval_number: string | null
  base: number | string | null
  grids: Record<string, number>
  findings: Record<string, number>
  created_at: string
  updated_at: string
  /** The latest edit in its history; never told to visitors. */
  edited: { by: string; at: string } | null
  may_discard: boolean
  may_withdraw: boolean
  may_restore: boolean
}

export interface BaseMap {
  tiles: string[]
  attribution: string
  labels: string[] | null
}
export interface Site {
  city: Text
  bounds: Bounds
  plan: (PlanHead & { valid_from: string | null; valid_to: string | null; approval_number: string | null }) | null
  levels: { level: number; name: Text; count: number }[]
  hotline: string
  verified_on: string | null
  basemap: BaseMap | null
  metric_crs: string
}
export interface Topic {
  code: string
  name: Text
  keywords: string[]
}

export interface Hit {
  kind: 'grid' | 'source' | 'receptor'
  id: string
  name: string
  detail: Said
  lon: number
  lat: number
  bounds: Bounds | null
}

export interface Post {
  title: string
  vacant: boolean
  person: string | null
  duty_phone: string | null
  verified_on?: string | null
}
export interface ChainGrid {
  uid: string
  code: string | null
  name: string
  level: number
  level_name: Text
  category: string | null
  indicative: boolean
  body: string | null
  first_responsible: Post | null
  staff: Post[]
  staff_count: number
  duty_phone: string | null
  verified_on: string | null
  /** Other grids of the same level over the place. */
  also_claimed_by: GridName[]
}
export interface KeyUnit extends ChainGrid {
  owner: GridName | null
}
export interface DutyHolder {
  code: string
  name: Said
  role: 'lead' | 'guide' | 'assist'
  holder: 'department' | 'grid'
  grid_uid: string | null
  basis: string | null
}
export interface Transfer {
  name: Said
  to: DepartmentName
  instead_of: DepartmentName[]
  basis: string | null
}
export interface Boundary {
  distance_m: number
  /** None on the very line, and where two grids lie over the place. */
  direction: Compass | null
  neighbour: { uid: string; name: string; parent_name: string | null; duty_phone: string | null } | null
  near: boolean
}
export interface Responsibility {
  lon: number
  lat: number
  on: string
  plan: PlanHead
  inside: boolean
  overlap: boolean
  chain: ChainGrid[]
  key_units: KeyUnit[]
  nearest_key_unit: { uid: string; name: string; distance_m: number } | null
  topic: { code: string; name: Text } | null
  departments: DutyHolder[]
  transfer: Transfer | null
  departments_missing_lead: boolean
  boundary: Boundary | null
  nearest: { uid: string; name: string; level: number; distance_m: number; duty_phone: string | null } | null
  gap: { kind: 'outside' | 'gap'; level: number | null } | null
  hotline: string
}

export type Group = 'grids' | 'responsibility' | 'sources' | 'coverage' | 'surroundings' | 'workload'
export interface Column {
  name: string
  title: Text
  type: 'text' | 'integer' | 'number' | 'date' | 'boolean'
  unit: string | null
  /** What the values mean, where they are codes. */
  words?: Record<string, Text> | null
}
export interface LegendEntry {
  label: Text
  color: string
  shape: 'fill' | 'line' | 'circle' | 'hatch' | 'ring'
  size: number | null
  filter: unknown[] | null
}
export interface StyleLayer {
  id: string
  type: 'fill' | 'line' | 'circle' | 'symbol' | 'heatmap'
  'source-layer'?: string
  paint?: Record<string, unknown>
  layout?: Record<string, unknown>
  filter?: unknown[]
  minzoom?: number
  maxzoom?: number
}
export interface Layer {
  id: string
  title: Text
  group: Group
  audience: 'public' | 'internal'
  geometry: 'point' | 'line' | 'polygon'
  about: Text
  count: number | null
  columns: Column[]
  legend: LegendEntry[]
  style: StyleLayer[]
  tiles: string
  items: string
  minzoom: number
  maxzoom: number
  bounds: Bounds | null
}

export type Value = string | number | boolean | null
export interface Geometry {
  type: string
  coordinates: unknown
}
export interface Feature {
  type: 'Feature'
  id: string | number
  geometry: Geometry | null
  properties: Record<string, Value>
}
export interface FeaturePage {
  features: Feature[]
  numberMatched?: number
  numberReturned?: number
  links?: { rel: string; href: string }[]
}

export interface FindingSum {
  kind: string
  size_class: string
  count: number
  area_m2: number
}
export interface Coverage {
  findings: FindingSum[]
  uncovered_sources: number
  vacant_posts: number
  gap_area_m2: number
  overlap_area_m2: number
}

export interface NearReceptor {
  id: string
  name: string
  kind: string
  distance_m: number
  bearing_deg: number | null
  direction: Compass | null
  lon: number
  lat: number
}
export interface Surroundings {
  center: { lon: number; lat: number; name: string | null; estimate: boolean }
  radius_m: number
  count: number
  receptors: NearReceptor[]
  by_kind: { kind: string; count: number; nearest_m: number }[]
}
export interface Workload {
  uid: string
  name: string
  level: number
  sources: number
  a: number
  b: number
  c: number
  undetermined: number
  weighted: number
  officers: number
  weighted_per_officer: number | null
}
