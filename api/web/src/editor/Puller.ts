/** A vertex pulled with the mouse or a finger; every grid that has it follows. */
import type { Map as MapLibre, MapMouseEvent, MapTouchEvent } from 'maplibre-gl'
import type { Grid, Position } from '../api/drafts.types'
import { ringsOf, same } from './shapes'

export interface Pull {
  at: Position
  to: Position
  /** The vertices next to it, which lines lead to. */
  ends: Position[]
  grids: string[]
}
interface Told {
  catch: (at: Position) => Position | null
  land: (at: Position) => Position
  show: (pull: Pull | null) => void
  /** Null where it was pulled back to where it is. */
  done: (pull: Pull | null) => void
}
type Event = MapMouseEvent | MapTouchEvent

/** How far from a vertex that was pulled one may take hold of it again, in pixels. */
const grip = 14

export class Puller {
  enabled = false
  grids: Grid[] = []
  private pull: Pull | null = null
  /** Pulled, and not yet saved: it is taken hold of where it is now. */
  private landed: Pull | null = null
  private readonly listeners: [string, (event: Event) => void][]

  constructor(private readonly map: MapLibre, private readonly told: Told) {
    this.listeners = [
      ['mousedown', this.down], ['touchstart', this.down], ['mousemove', this.move], ['touchmove', this.move], ['mouseup', this.up], ['touchend', this.up],
    ]
    for (const [name, listener] of this.listeners) map.on(name as 'mousedown', listener as (event: MapMouseEvent) => void)
  }

  private at = ({ lngLat }: Event): Position => [lngLat.lng, lngLat.lat]

  /** What was pulled is saved, or left as it was. */
  forget(): void {
    this.landed = null
  }

  private again(event: Event): Pull | null {
    if (!this.landed) return null
    const there = this.map.project(this.landed.to)
    return Math.hypot(there.x - event.point.x, there.y - event.point.y) <= grip ? this.landed : null
  }

  private down = (event: Event) => {
    if (!this.enabled) return
    const again = this.again(event)
    const at = again?.at ?? this.told.catch(this.at(event))
    if (!at) return
    event.preventDefault()
    if (again) {
      this.pull = again
      return this.told.show(again)
    }
    const ends: Position[] = []
    const grids: Grid[] = []
    for (const grid of this.grids) {
      for (const ring of ringsOf(grid.geometry)) {
        const open = ring.slice(0, -1)
        const i = open.findIndex((each) => same(each, at))
        if (i < 0) continue
        grids.push(grid)
        for (const end of [open[(i + open.length - 1) % open.length]!, open[(i + 1) % open.length]!]) {
          if (!ends.some((each) => same(each, end))) ends.push(end)
        }
      }
    }
    this.pull = { at, to: at, ends, grids: finest(grids) }
    this.told.show(this.pull)
  }

  private move = (event: Event) => {
    if (!this.enabled) return
    const at = this.at(event)
    if (!this.pull) {
      this.map.getCanvas().style.cursor = this.again(event) ?? this.told.catch(at) ? 'grab' : ''
      return
    }
    event.preventDefault()
    this.map.getCanvas().style.cursor = 'grabbing'
    this.pull = { ...this.pull, to: at }
    this.told.show(this.pull)
  }

  private up = () => {
    const { pull } = this
    this.pull = null
    if (!pull || !this.enabled) return
    const to = this.told.land(pull.to)
    this.landed = same(to, pull.at) ? null : { ...pull, to }
    this.told.show(this.landed)
    this.told.done(this.landed)
  }

  dispose(): void {
    for (const [name, listener] of this.listeners) this.map.off(name as 'mousedown', listener as (event: MapMouseEvent) => void)
  }
}

/** Of the grids that share a vertex, those of the finest level: the coarser ones follow. */
function finest(grids: Grid[]): string[] {
  const land = grids.filter((each) => each.properties.kind !== 'key')
  const of = land.length > 0 ? land : grids
  const depth = ({ properties: { kind, level } }: Grid) => level + (kind === 'unit' ? 100 : 0)
  const deepest = Math.max(...of.map(depth))
  return of.filter((each) => depth(each) === deepest).map((each) => each.properties.uid)
}
