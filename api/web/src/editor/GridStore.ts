/** The grids of a plan around the view, with the server's own coordinates. */
import * as drafts from '../api/drafts'
import type { Edit, Grid, Position } from '../api/drafts.types'
import { Problem } from '../api/request'
import type { Bounds } from '../api/types'
import { contains, grown, holds } from './shapes'

/** How much further than the view is loaded, as a share of it. */
const margin = 0.35

const rank = ({ properties: { kind, level } }: Grid) => (kind === 'key' ? 300 : kind === 'unit' ? 200 : 0) + level
/** The finest last, so that it lies and is hit on top. */
const byDepth = (a: Grid, b: Grid) => rank(a) - rank(b)

export class GridStore {
  readonly grids = new Map<string, Grid>()
  /** Grows whenever the grids change. */
  version = 0
  /** There are more grids in view than can be edited: the map must be zoomed in. */
  tooMany = false
  problem: Problem | null = null
  loading = false
  private loaded: Bounds | null = null
  private abort: AbortController | null = null

  constructor(readonly plan: number | string, private readonly onChange: () => void) {}

  get all(): Grid[] {
    return [...this.grids.values()].sort(byDepth)
  }

  get(uid: string | null | undefined): Grid | undefined {
    return uid ? this.grids.get(uid) : undefined
  }

  /** What lies at a place, the finest first. */
  at(place: Position): Grid[] {
    return this.all.filter((grid) => contains(grid.geometry, place)).reverse()
  }

  members(holder: string | null): Grid[] {
    return this.all.filter((grid) => grid.properties.holder_uid === holder)
  }

  /** Load what the view shows, unless it is there. */
  async look(view: Bounds): Promise<void> {
    if (this.loaded && holds(this.loaded, view) && !this.problem) return
    await this.load(grown(view, margin))
  }

  /** Load again what was loaded. */
  async refresh(): Promise<void> {
    if (this.loaded) await this.load(this.loaded)
  }

  private async load(bounds: Bounds): Promise<void> {
    this.abort?.abort()
    const abort = this.abort = new AbortController()
    this.loading = true
    this.onChange()
    try {
      const { features } = await drafts.grids(this.plan, bounds, abort.signal)
      this.grids.clear()
      for (const grid of features) this.grids.set(grid.properties.uid, grid)
      this.loaded = bounds
      this.tooMany = false
      this.problem = null
    } catch (error) {
      if (abort.signal.aborted) return
      if (!(error instanceof Problem)) throw error
      this.tooMany = error.status === 422
      this.problem = this.tooMany ? null : error
      this.loaded = null
    }
    this.loading = false
    this.version++
    this.onChange()
  }

  /** What an edit has changed, as far as it tells; the rest is asked for right after. */
  apply(edit: Edit): void {
    for (const uid of edit.removed) this.grids.delete(uid)
    for (const grid of [...edit.changed, ...edit.added]) {
      const there = this.grids.get(grid.properties.uid)
      if (there) this.grids.set(grid.properties.uid, { ...there, geometry: grid.geometry, properties: { ...there.properties, ...grid.properties } })
    }
    this.version++
    this.onChange()
  }
}
