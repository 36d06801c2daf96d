/** Where a pointer catches: real vertices first, then sources, then edges. Never what tiles show, which is rounded. */
import type { Grid, Position } from '../api/drafts.types'
import type { Bounds } from '../api/types'
import { boxOf, nine, overlaps, ringsOf } from './shapes'

export interface Caught {
  at: Position
  what: 'vertex' | 'source' | 'edge'
}
interface Segment {
  a: Position
  b: Position
}

/** Nobody draws to a source from further off. */
const source_reach_m = 50
const metres_a_degree = 111_320

/** Cells of about 500 m: a few dozen vertices each. */
const cell = 0.005
const keyOf = (x: number, y: number) => `${Math.floor(x / cell)}/${Math.floor(y / cell)}`

export class Snapper {
  private vertices = new Map<string, Position[]>()
  private segments = new Map<string, Segment[]>()
  private sources: Position[] = []

  setSources(sources: Position[]): void {
    this.sources = sources
  }

  /** Learn the outlines of grids, within a box. */
  learn(grids: Grid[], within: Bounds): void {
    this.vertices = new Map()
    this.segments = new Map()
    const put = <T>(into: Map<string, T[]>, key: string, each: T) => {
      const there = into.get(key)
      if (there) there.push(each)
      else into.set(key, [each])
    }
    for (const grid of grids) {
      if (!overlaps(boxOf(grid.geometry), within)) continue
      for (const ring of ringsOf(grid.geometry)) {
        ring.forEach((b, i) => {
          put(this.vertices, keyOf(b[0], b[1]), b)
          const a = ring[i - 1]
          if (a) this.cross(a, b, within, (key) => put(this.segments, key, { a, b }))
        })
      }
    }
  }

  /** The cells that a segment's box touches; long segments are walked, not filled in. */
  private cross(a: Position, b: Position, within: Bounds, each: (key: string) => void): void {
    const box: Bounds = [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])]
    if (!overlaps(box, within)) return
    const steps = Math.max(1, Math.ceil((2 * Math.max(box[2] - box[0], box[3] - box[1])) / cell))
    const seen = new Set<string>()
    for (let i = 0; i <= steps; i++) {
      const t = i / steps
      seen.add(keyOf(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
    }
    seen.forEach(each)
  }

  private *near<T>(index: Map<string, T[]>, [x, y]: Position, reach: [number, number]): Generator<T> {
    for (let i = Math.floor((x - reach[0]) / cell); i <= Math.floor((x + reach[0]) / cell); i++) {
      for (let j = Math.floor((y - reach[1]) / cell); j <= Math.floor((y + reach[1]) / cell); j++) yield* index.get(`${i}/${j}`) ?? []
    }
  }

  /**
   * What a pointer at `place` catches within `reach` degrees of longitude and latitude.
   * @param verticesOnly leaves edges and sources out
   */
  catch(place: Position, reach: [number, number], verticesOnly = false): Caught | null {
    // So far out that half the city is within reach there is nothing to aim at.
    if (reach[0] > 40 * cell) return null
    const far = ([x, y]: Position) => ((x - place[0]) / reach[0]) ** 2 + ((y - place[1]) / reach[1]) ** 2
    const nearest = (all: Iterable<Position>) => {
      let best: { at: Position; far: number } | null = null
      for (const at of all) {
        const d = far(at)
        if (d <= 1 && (!best || d < best.far)) best = { at, far: d }
      }
      return best
    }
    const vertex = nearest(this.near(this.vertices, place, reach))
    if (vertex) return { at: vertex.at, what: 'vertex' }
    if (verticesOnly) return null
    const source = nearest(this.sources.filter((each) => apart_m(each, place) <= source_reach_m))
    if (source) return { at: source.at, what: 'source' }
    const onEdges = [...this.near(this.segments, place, reach)].map(({ a, b }) => foot(a, b, place, reach))
    const edge = nearest(onEdges)
    return edge && { at: nine(edge.at), what: 'edge' }
  }
}

const apart_m = ([x, y]: Position, [lon, lat]: Position) =>
  metres_a_degree * Math.hypot((x - lon) * Math.cos((lat * Math.PI) / 180), y - lat)

/** The point of a segment nearest to a place, in the stretched plane of the screen. */
function foot(a: Position, b: Position, [x, y]: Position, [rx, ry]: [number, number]): Position {
  const [dx, dy] = [(b[0] - a[0]) / rx, (b[1] - a[1]) / ry]
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, (((x - a[0]) / rx) * dx + ((y - a[1]) / ry) * dy) / length))
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
}
