/** Lines drawn by hand. terra-draw takes the input; what is drawn is only ever asked of the server. */
import type { Map as MapLibre } from 'maplibre-gl'
import { TerraDraw, TerraDrawLineStringMode, TerraDrawModeUndoRedo, TerraDrawRenderMode, TerraDrawSelectMode, type TerraDrawMouseEvent } from 'terra-draw'
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter'
import type { Position } from '../api/drafts.types'
import { nine, same } from './shapes'

export interface Drawn {
  /** The vertices set so far. */
  coordinates: Position[]
  /** Where the pointer would set the next. */
  live: Position | null
  finished: boolean
}
export type Snap = (place: Position, first: Position | null) => Position | undefined

const accent = '#0b6e6e'
const points = { coordinatePointWidth: 4.5, coordinatePointColor: '#ffffff', coordinatePointOutlineColor: accent, coordinatePointOutlineWidth: 2.6 } as const
const snapped = { snappingPointWidth: 6, snappingPointColor: '#e69f00', snappingPointOutlineColor: '#ffffff', snappingPointOutlineWidth: 2 } as const
const closing = { closingPointWidth: 6, closingPointColor: accent, closingPointOutlineColor: '#ffffff', closingPointOutlineWidth: 2 } as const
/** Off the canvas, so that no vertex is taken for the one that ends the line. */
const nowhere = { containerX: -1e6, containerY: -1e6, button: 'left', heldKeys: [], isContextMenu: false } as const
const always = { leftClick: true, rightClick: false, contextMenu: false, onDragStart: true, onDrag: true, onDragEnd: true }

export class Drawing {
  private readonly draw: TerraDraw
  private readonly line: TerraDrawLineStringMode
  private raw = false
  /** How many vertices each step added: a traced boundary is taken back whole. */
  private steps: number[] = []
  private finishing = false

  constructor(map: MapLibre, private readonly snap: Snap, private readonly onChange: (drawn: Drawn | null) => void) {
    const toCustom = (event: TerraDrawMouseEvent, context?: { getCurrentGeometrySnapshot: () => { coordinates: unknown } | null }) => {
      if (this.raw) return undefined
      const first = (context?.getCurrentGeometrySnapshot()?.coordinates as Position[] | undefined)?.[0] ?? null
      return this.snap([event.lng, event.lat], first)
    }
    this.line = new TerraDrawLineStringMode({
      pointerDistance: 14,
      snapping: { toCustom },
      keyEvents: { cancel: null, finish: 'Enter' },
      pointerEvents: always,
      showCoordinatePoints: true,
      styles: { lineStringColor: accent, lineStringWidth: 3, lineStringDash: [7, 5], ...points, ...snapped, ...closing },
    })
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
      modes: [
        this.line,
        new TerraDrawSelectMode({
          pointerDistance: 16,
          keyEvents: null,
          flags: { linestring: { feature: { coordinates: { draggable: true, midpoints: true, deletable: true, snappable: { toCustom } } } } },
          styles: {
            selectedLineStringColor: accent, selectedLineStringWidth: 3, selectedLineStringDash: [7, 5],
            selectionPointColor: '#ffffff', selectionPointOutlineColor: accent, selectionPointOutlineWidth: 2.6, selectionPointWidth: 4.5,
            midPointColor: accent, midPointOutlineColor: '#ffffff', midPointWidth: 3, midPointOutlineWidth: 1.5,
          },
        }),
        new TerraDrawRenderMode({ modeName: 'still', styles: {} }),
      ],
      undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
    })
    this.draw.start()
    this.draw.setMode('still')
    this.draw.on('change', () => this.look())
    this.draw.on('finish', (_, { action }) => {
      if (action === 'draw') this.rest()
    })
  }

  get current(): Drawn | null {
    const line = this.draw.getSnapshot().find((each) => each.geometry.type === 'LineString')
    if (!line) return null
    const all = (line.geometry.coordinates as number[][]).map(nine)
    if (!line.properties.currentlyDrawing) return { coordinates: all, live: null, finished: true }
    return { coordinates: all.slice(0, -1), live: all.at(-1)!, finished: false }
  }

  get active(): boolean {
    return this.draw.enabled && this.draw.getMode() === 'linestring'
  }

  private look(): void {
    const drawn = this.current
    this.onChange(drawn)
    // Back at the first vertex: the ring is closed, and done.
    if (!drawn || drawn.finished || this.finishing || drawn.coordinates.length < 4) return
    if (same(drawn.coordinates[0], drawn.coordinates.at(-1))) {
      this.finishing = true
      queueMicrotask(() => {
        this.finishing = false
        this.finish()
      })
    }
  }

  /** Begin a line. */
  begin(): void {
    this.clear()
    this.draw.setMode('linestring')
  }

  /** A line that is there already, to be bent. */
  load(coordinates: Position[]): void {
    this.clear()
    const [added] = this.draw.addFeatures([
      { type: 'Feature', geometry: { type: 'LineString', coordinates: coordinates.map(nine) }, properties: { mode: 'linestring' } },
    ])
    if (added?.valid && added.id !== undefined) this.draw.selectFeature(added.id)
    this.look()
  }

  /** The line is done; its vertices can still be dragged. */
  private rest(): void {
    const line = this.draw.getSnapshot().find((each) => each.geometry.type === 'LineString')
    if (line?.id !== undefined) this.draw.selectFeature(line.id)
    this.look()
  }

  finish(): void {
    if (this.active && (this.current?.coordinates.length ?? 0) >= 2) this.line.onKeyUp({ key: 'Enter', heldKeys: [], preventDefault: () => {} })
  }

  /** Set vertices as if they had been clicked, one step to take back. */
  append(coordinates: Position[], snapped = false): void {
    if (!this.active) return
    this.raw = !snapped
    const before = this.current?.coordinates.length ?? 0
    for (const [lng, lat] of coordinates) this.line.onClick({ lng, lat, ...nowhere, heldKeys: [] })
    this.raw = false
    const added = (this.current?.coordinates.length ?? 0) - before
    if (added > 1) this.steps.push(before)
  }

  /** Take back the last vertex, or the last traced boundary. */
  back(): void {
    if (!this.active) return
    const before = this.current?.coordinates.length ?? 0
    const until = this.steps.length > 0 && this.steps.at(-1)! < before ? this.steps.pop()! : before - 1
    for (let n = before; n > until && n > 0; n--) this.draw.undo()
    this.look()
  }

  /** Let clicks pass by without setting vertices. */
  pause(on: boolean): void {
    this.line.updateOptions({ pointerEvents: { ...always, leftClick: !on } })
  }

  clear(): void {
    this.steps = []
    this.draw.setMode('still')
    this.draw.clear()
    this.look()
  }

  stop(): void {
    this.draw.stop()
  }
}
