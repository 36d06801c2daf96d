/** Geometry on lon/lat for pointing and showing; the server measures and decides. */
import type { Area, Grid, Position } from '../api/drafts.types'
import type { Bounds, Geometry } from '../api/types'
import { boundsOf } from '../map/geometry'

type Ring = Position[]

export function ringsOf(geometry: Area | Geometry): Ring[] {
  if (geometry.type === 'Polygon') return geometry.coordinates as Ring[]
  return geometry.type === 'MultiPolygon' ? (geometry.coordinates as Ring[][]).flat() : []
}

const boxes = new WeakMap<object, Bounds>()
export function boxOf(geometry: Geometry | Area): Bounds {
  let box = boxes.get(geometry)
  if (!box) boxes.set(geometry, box = boundsOf(geometry))
  return box
}

export const overlaps = (a: Bounds, b: Bounds) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
export const holds = (outer: Bounds, inner: Bounds) =>
  outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3]
export const grown = ([w, s, e, n]: Bounds, share: number): Bounds => {
  const [dx, dy] = [(e - w) * share, (n - s) * share]
  return [Math.max(-180, w - dx), Math.max(-90, s - dy), Math.min(180, e + dx), Math.min(90, n + dy)]
}
export const around = (boxes: Bounds[]): Bounds | null =>
  boxes.length === 0 ? null : boxes.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])])

export function contains(geometry: Area, [x, y]: Position): boolean {
  const box = boxOf(geometry)
  if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return false
  let inside = false
  for (const ring of ringsOf(geometry)) {
    for (let i = 1; i < ring.length; i++) {
      const [a, b] = [ring[i - 1]!, ring[i]!]
      if (a[1] > y !== b[1] > y && x < a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0])) inside = !inside
    }
  }
  return inside
}

/** A place well inside an area, for its name: the middle of the widest of several cuts through it. */
export function innerPoint(geometry: Area | Geometry): Position {
  const [west, south, east, north] = boxOf(geometry)
  let best = { at: [(west + east) / 2, (south + north) / 2] as Position, width: 0 }
  for (let i = 1; i < 16; i++) {
    const y = south + ((north - south) * i) / 16
    const crossed: number[] = []
    for (const ring of ringsOf(geometry)) {
      for (let j = 1; j < ring.length; j++) {
        const [a, b] = [ring[j - 1]!, ring[j]!]
        if (a[1] > y !== b[1] > y) crossed.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]))
      }
    }
    crossed.sort((a, b) => a - b)
    for (let j = 1; j < crossed.length; j += 2) {
      // A cut near the edge counts less: a name is high as well.
      const width = (crossed[j]! - crossed[j - 1]!) * Math.min(i, 16 - i) ** 0.5
      if (width > best.width) best = { at: [(crossed[j]! + crossed[j - 1]!) / 2, y], width }
    }
  }
  return best.at
}

const side = (a: Position, b: Position, c: Position) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
const cross = (a: Position, b: Position, c: Position, d: Position) =>
  side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0

/** Whether a line runs through the inside of an area. */
export function runsThrough(line: Position[], area: Area): boolean {
  const rings = ringsOf(area)
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1]!, line[i]!]
    if (contains(area, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])) return true
    if (rings.some((ring) => ring.some((d, j) => j > 0 && cross(a, b, ring[j - 1]!, d)))) return true
  }
  return false
}

/** Polsby–Popper: 1 for a circle, less the more ragged or drawn out. */
export function compactness(geometry: Area): number {
  const middle = (boxOf(geometry)[1] + boxOf(geometry)[3]) / 2
  const k = Math.cos((middle * Math.PI) / 180)
  let [area, length] = [0, 0]
  for (const ring of ringsOf(geometry)) {
    for (let i = 1; i < ring.length; i++) {
      const [a, b] = [ring[i - 1]!, ring[i]!]
      area += (k * (a[0] * b[1] - b[0] * a[1])) / 2
      length += Math.hypot(k * (b[0] - a[0]), b[1] - a[1])
    }
  }
  return length > 0 ? Math.min(1, (4 * Math.PI * Math.abs(area)) / length ** 2) : 0
}

export const same = (a: Position | undefined, b: Position | undefined) => a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1]
export const nine = (at: number[]): Position => [Number(at[0]!.toFixed(9)), Number(at[1]!.toFixed(9))]

const key = (at: Position) => `${at[0].toFixed(9)},${at[1].toFixed(9)}`

/** The longest run of vertices that the outlines of two grids share, in order; none where they do not touch. */
export function sharedBoundary(one: Grid, other: Grid): Position[] | null {
  const theirs = new Set(ringsOf(other.geometry).flat().map(key))
  let best: Position[] = []
  for (const closed of ringsOf(one.geometry)) {
    const ring = closed.slice(0, -1)
    const start = ring.findIndex((each) => !theirs.has(key(each)))
    if (start < 0) continue
    let run: Position[] = []
    for (let i = 0; i <= ring.length; i++) {
      const at = ring[(start + i) % ring.length]!
      if (i < ring.length && theirs.has(key(at))) run.push(at)
      else {
        if (run.length > best.length) best = run
        run = []
      }
    }
  }
  return best.length >= 2 ? best : null
}
