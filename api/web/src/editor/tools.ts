/** What can be done to a draft, and what each tool needs before the server can be asked. */
import type { Area, Attributes, Grid, GridKind, Operation, Position } from '../api/drafts.types'
import type { Drawn } from './Drawing'
import type { GridStore } from './GridStore'
import { contains, runsThrough, same } from './shapes'

export const tools = ['select', 'split', 'divide', 'merge', 'carve', 'boundary', 'vertex', 'outline', 'delete', 'attributes'] as const
export type Tool = (typeof tools)[number]

/** What the pointer does on the map while the tool is on. */
type Input = 'none' | 'line' | 'area' | 'vertex'
interface Needs {
  letter: string
  input: Input
  /** How many grids must be chosen first. */
  grids: [least: number, most: number]
  icon: string
}

export const needs: Record<Tool, Needs> = {
  select: { letter: 'V', input: 'none', grids: [0, 99], icon: 'M5 3l11.5 6.6-5 1.7-1.7 5z' },
  split: { letter: 'S', input: 'line', grids: [1, 99], icon: 'M3.5 5h13v10h-13zM12.5 2.5l-5 15' },
  divide: { letter: 'D', input: 'line', grids: [1, 1], icon: 'M3.5 4h13v12h-13zM10 4v12M3.5 10h13' },
  merge: { letter: 'M', input: 'none', grids: [2, 99], icon: 'M3.5 5h5.5v10h-5.5M16.5 5h-5.5v10h5.5M6 10h2.5M14 10h-2.5' },
  carve: { letter: 'C', input: 'area', grids: [0, 1], icon: 'M3.5 4h13v12h-13zM7.5 8.5l3-1.5 3 2-1 4-4 .5z' },
  boundary: { letter: 'B', input: 'line', grids: [2, 2], icon: 'M3 16c3.5 0 2.5-5 6-6s3-6 8-6M13.5 12.5l3-3M16.5 12.5v-3h-3' },
  vertex: { letter: 'X', input: 'vertex', grids: [0, 99], icon: 'M3 15l5.5-8 8.5 4M8.5 5.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z' },
  outline: { letter: 'R', input: 'area', grids: [1, 1], icon: 'M4 7l6-3.5 6 3.5v6l-6 3.5-6-3.5z' },
  delete: { letter: 'E', input: 'none', grids: [1, 1], icon: 'M4 6h12M8 6V4h4v2M6 6l.7 10.5h6.6L14 6' },
  attributes: { letter: 'A', input: 'none', grids: [1, 1], icon: 'M4 5.5h12M4 10h8M4 14.5h5' },
}

/** What a person may choose besides drawing. */
export interface Options {
  names: string[]
  mergedName: string
  into: string
  kind: GridKind
  takes: boolean
  name: string
  basis: string
  supervising: number
  holder: string
  land: 'neighbours' | 'holder'
  to: string
  changes: Attributes
  parent: string
}
export const defaults: Options = {
  names: [], mergedName: '', into: '', kind: 'key', takes: true, name: '', basis: '', supervising: 1, holder: '', land: 'neighbours', to: '',
  changes: {}, parent: '',
}

export interface Moved {
  grids: string[]
  at: Position
  to: Position
}

/** What is still missing: choose grids, draw, say a name, change something. */
export type Missing = 'grids' | 'line' | 'area' | 'vertex' | 'name' | 'changes' | 'siblings'

export const isMissing = (each: Operation | Missing): each is Missing => typeof each === 'string'

const lineOf = (drawn: Drawn | null): Position[] | null => {
  if (!drawn) return null
  const all = drawn.live && !same(drawn.live, drawn.coordinates.at(-1)) ? [...drawn.coordinates, drawn.live] : drawn.coordinates
  return all.length >= 2 ? all : null
}
const areaOf = (drawn: Drawn | null): Area | null => {
  const line = lineOf(drawn)
  if (!line) return null
  const ring = same(line[0], line.at(-1)) ? line : [...line, line[0]!]
  return ring.length >= 4 ? { type: 'Polygon', coordinates: [ring] } : null
}
const text = (value: string) => value.trim() || undefined

/** Who a carved grid belongs to: as chosen, or the finest grid that holds most of its corners. */
export function holderOf(options: Options, chosen: Grid[], area: Area | null, store: GridStore): Grid | undefined {
  if (options.holder) return store.get(options.holder)
  const may = (each: Grid) => each.properties.kind === 'administrative' && (options.kind !== 'administrative' || each.properties.has_children)
  const corners = (area?.coordinates as Position[][] | undefined)?.[0]?.slice(1) ?? []
  if (corners.length === 0) return chosen.filter(may).toSorted((a, b) => b.properties.level - a.properties.level)[0]
  const held = store.all.filter(may).map((grid) => ({ grid, corners: corners.filter((each) => contains(grid.geometry, each)).length }))
  return held.filter((each) => each.corners > 0).toSorted((a, b) => b.corners - a.corners || b.grid.properties.level - a.grid.properties.level)[0]?.grid
}

interface Desk {
  tool: Tool
  chosen: Grid[]
  drawn: Drawn | null
  moved: Moved | null
  options: Options
  store: GridStore
}

/** The operation to ask the server for, or what is missing for it. */
export function operationOf({ tool, chosen, drawn, moved, options, store }: Desk): Operation | Missing {
  const uids = chosen.map((each) => each.properties.uid)
  if (chosen.length < needs[tool].grids[0]) return 'grids'
  switch (tool) {
    case 'select':
      return 'grids'
    case 'split': {
      const line = lineOf(drawn)
      if (!line) return 'line'
      return { operation: 'split', grids: uids, line: { type: 'LineString', coordinates: line }, names: options.names.length > 0 ? options.names : undefined }
    }
    case 'divide': {
      const line = lineOf(drawn)
      if (!line) return 'line'
      const units = store.all.filter((each) => each.properties.kind === 'unit' && each.properties.owner_uid === uids[0])
      const shape = { type: 'LineString' as const, coordinates: line }
      const names = options.names.length > 0 ? options.names : undefined
      if (units.length === 0) return { operation: 'divide', owner: uids[0]!, line: shape, names, basis: text(options.basis) }
      const crossed = units.filter((each) => runsThrough(line, each.geometry)).map((each) => each.properties.uid)
      return { operation: 'split', grids: crossed.length > 0 ? crossed : units.map((each) => each.properties.uid), line: shape, names }
    }
    case 'merge': {
      const [first] = chosen
      const alike = chosen.every((each) => each.properties.holder_uid === first!.properties.holder_uid && each.properties.kind === first!.properties.kind)
      if (!alike) return 'siblings'
      return { operation: 'merge', grids: uids, into: options.into || largest(chosen), name: text(options.mergedName) }
    }
    case 'carve': {
      const area = areaOf(drawn)
      if (!area) return 'area'
      const holder = holderOf(options, chosen, area, store)
      if (!holder) return 'grids'
      const { kind, takes, name, basis, supervising } = options
      if (!name.trim()) return 'name'
      return {
        operation: 'carve', kind, holder: holder.properties.uid, area, takes: kind === 'key' ? false : takes, name: name.trim(), basis: text(basis),
        ...(kind === 'key' ? { supervising_level: supervising } : {}),
      }
    }
    case 'boundary': {
      const line = lineOf(drawn)
      return line ? { operation: 'redraw_boundary', grids: uids, line: { type: 'LineString', coordinates: line } } : 'line'
    }
    case 'outline': {
      const area = areaOf(drawn)
      return area ? { operation: 'replace', grid: uids[0]!, area } : 'area'
    }
    case 'vertex':
      return moved ? { operation: 'move_vertex', ...moved } : 'vertex'
    case 'delete':
      return { operation: 'delete', grid: uids[0]!, land: chosen[0]!.properties.holder_uid === null ? 'neighbours' : options.land, to: options.to || undefined }
    case 'attributes':
      if (options.changes.name?.trim() === '') return 'name'
      return attributesOf(chosen[0]!, options)
  }
}

/** Another parent and other values are one edit: both or neither. */
function attributesOf({ properties: { uid, parent_uid } }: Grid, { changes, parent }: Options): Operation | Missing {
  const moved = parent && parent !== parent_uid ? { operation: 'change_parent' as const, grid: uid, parent } : null
  const changed = Object.keys(changes).length > 0 ? { operation: 'attributes' as const, grid: uid, changes } : null
  if (moved && changed) return { operation: 'bulk', operations: [moved, changed] }
  return moved ?? changed ?? 'changes'
}

export const largest = (grids: Grid[]): string =>
  grids.reduce((a, b) => (b.properties.area_m2 > a.properties.area_m2 ? b : a)).properties.uid
