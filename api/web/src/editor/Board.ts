/** The map as a drawing board: what is drawn by hand goes in, what the server answers is shown. */
import type { Edit, EditedGrid, Grid, Position } from '../api/drafts.types'
import type { Bounds } from '../api/types'
import type { MapController } from '../map/MapController'
import { Drawing, type Drawn } from './Drawing'
import type { GridStore } from './GridStore'
import { Overlay } from './Overlay'
import { Puller, type Pull } from './Puller'
import { grown, nine, ringsOf, same } from './shapes'
import { Snapper } from './snapping'
import type { Moved } from './tools'
import { isTouch } from './touch'

export interface Owner {
  drew: (drawn: Drawn | null) => void
  pulled: (moved: Moved | null) => void
  look: () => Promise<void>
}

/** How near a pointer must come to catch, in pixels. */
const reach_px = isTouch ? 22 : 12

const heard = ['pointermove', 'pointerdown', 'pointerup', 'keydown', 'keyup'] as const

export class Board {
  readonly overlay: Overlay
  private readonly drawing: Drawing
  private readonly snapper = new Snapper()
  private readonly puller: Puller
  private handles: Position[] = []
  private isTracing = false
  /** Alt is held: nothing catches. */
  private isFree = false
  private readonly moved: () => void

  /** Spread it once the map's style is there. */
  static async on(map: MapController, owner: Owner, label: (grid: EditedGrid) => string): Promise<Board> {
    await map.ready
    return new Board(map, owner, label)
  }

  private constructor(readonly map: MapController, owner: Owner, private readonly label: (grid: EditedGrid) => string) {
    this.overlay = new Overlay(map.map)
    this.drawing = new Drawing(map.map, (place, first) => this.snap(place, first), (drawn) => owner.drew(drawn))
    this.puller = new Puller(map.map, {
      catch: (at) => this.snapper.catch(at, this.reach(), true)?.at ?? null,
      land: (at) => (this.isFree ? null : this.caught(at)) ?? nine(at),
      show: (pull) => this.showPull(pull),
      done: (pull) => {
        this.showHandles(pull)
        owner.pulled(pull && { at: pull.at, to: pull.to, grids: pull.grids })
      },
    })
    this.moved = () => void owner.look()
    for (const each of heard) addEventListener(each, this.hear, true)
    map.map.boxZoom.disable() // it would swallow the clicks that Shift adds to the choice
    map.map.on('moveend', this.moved)
  }

  private hear = (event: PointerEvent | KeyboardEvent) => {
    this.isFree = event.altKey
    // Alone it would open the browser's menu.
    if (event instanceof KeyboardEvent && event.key === 'Alt' && this.map.isBusy) event.preventDefault()
  }

  get bounds(): Bounds {
    return this.map.bounds
  }

  get isDrawing(): boolean {
    return this.drawing.active
  }

  private reach(): [number, number] {
    const centre = this.map.map.getCenter()
    const at = this.map.map.project(centre)
    const corner = this.map.map.unproject([at.x + reach_px, at.y + reach_px])
    return [Math.abs(corner.lng - centre.lng), Math.abs(corner.lat - centre.lat)]
  }

  /** The real coordinate that a pointer catches. */
  caught(place: Position): Position | null {
    return this.snapper.catch(place, this.reach())?.at ?? null
  }

  private snap(place: Position, first: Position | null): Position | undefined {
    const [rx, ry] = this.reach()
    if (first && Math.abs(first[0] - place[0]) < rx && Math.abs(first[1] - place[1]) < ry && (this.drawing.current?.coordinates.length ?? 0) >= 3) return first
    return (this.isFree ? null : this.caught(place)) ?? undefined
  }

  setGrids(store: GridStore): void {
    const { all } = store
    this.overlay.setDraft(all)
    this.map.coverLines(all.length > 0)
    this.snapper.learn(all, grown(this.bounds, 0.5))
    this.puller.grids = all
  }

  setGhost(grids: Grid[]): void {
    this.overlay.setGhost(grids)
  }

  setSources(sources: Position[]): void {
    this.snapper.setSources(sources)
  }

  /** Outline what is chosen, unless its new shape is shown instead. */
  setChosen(chosen: Grid[], edit: Edit | null): void {
    const redrawn = new Set(edit && [...edit.changed.map((each) => each.properties.uid), ...edit.removed])
    this.overlay.setChosen(chosen.filter((each) => !redrawn.has(each.properties.uid)))
  }

  setOutcome(edit: Edit | null): void {
    this.overlay.setOutcome(edit, this.label)
  }

  setRefused(at: Position | null): void {
    this.overlay.setRefused(at)
  }

  /** The area that a line not yet closed would enclose. */
  setRing(drawn: Drawn | null): void {
    const all = drawn ? [...drawn.coordinates, ...(drawn.live ? [drawn.live] : [])] : []
    this.overlay.show('ring', all.length >= 3 ? [{ geometry: { type: 'Polygon', coordinates: [[...all, all[0]!]] } }] : [])
  }

  private showPull(pull: Pull | null): void {
    this.overlay.show('rubber', (pull?.ends ?? []).map((end) => ({ geometry: { type: 'LineString', coordinates: [end, pull!.to] } })))
  }

  /** The vertices that can be pulled; one that was stands where it is now. */
  private showHandles(pulled: Pull | null): void {
    this.overlay.setVertices(pulled ? this.handles.map((each) => (same(each, pulled.at) ? pulled.to : each)) : this.handles)
  }

  /** What was pulled is saved, or left as it was. */
  clearPull(): void {
    this.puller.forget()
    this.showPull(null)
    this.showHandles(null)
  }

  begin(): void {
    this.map.isBusy = true
    this.drawing.begin()
  }

  bend(coordinates: Position[]): void {
    this.map.isBusy = true
    this.drawing.load(coordinates)
  }

  append(coordinates: Position[]): void {
    this.drawing.append(coordinates)
  }

  /** Set a vertex in the middle of the map: for the keyboard. */
  putAtCentre(): void {
    const { lon, lat } = this.map.centre
    this.drawing.append([this.caught([lon, lat]) ?? [lon, lat]])
  }

  back(): void {
    this.drawing.back()
  }

  finish(): void {
    this.drawing.finish()
  }

  /** While a boundary is traced, a click is no vertex. */
  setTracing(on: boolean): void {
    this.isTracing = on
    this.drawing.pause(on)
  }

  get tracing(): boolean {
    return this.isTracing
  }

  clearDrawing(): void {
    this.map.isBusy = false
    this.drawing.clear()
  }

  setPulling(on: boolean): void {
    this.puller.enabled = on
    this.map.isBusy = on
    this.handles = on ? this.puller.grids.flatMap((each) => ringsOf(each.geometry).flat()) : []
    this.clearPull()
  }

  renewTiles(): void {
    this.map.renew()
  }

  dispose(): void {
    this.map.map.off('moveend', this.moved)
    this.map.map.boxZoom.enable()
    for (const each of heard) removeEventListener(each, this.hear, true)
    this.puller.dispose()
    this.drawing.stop()
    this.overlay.dispose()
    this.map.coverLines(false)
    this.map.isBusy = false
  }
}
