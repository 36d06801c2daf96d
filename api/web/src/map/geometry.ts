/** Small geometry on lon/lat, for showing only: the server measures. */
import type { Bounds, Geometry } from '../api/types'

type Point = [number, number]

function* points(coordinates: unknown): Generator<Point> {
  if (!Array.isArray(coordinates)) return
  if (typeof coordinates[0] === 'number') yield coordinates as Point
  else for (const each of coordinates) yield* points(each)
}

export function boundsOf(geometry: Geometry): Bounds {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points(geometry.coordinates)) {
    box[0] = Math.min(box[0], x)
    box[1] = Math.min(box[1], y)
    box[2] = Math.max(box[2], x)
    box[3] = Math.max(box[3], y)
  }
  return box
}

function polygons(geometry: Geometry): Point[][][] {
  if (geometry.type === 'Polygon') return [geometry.coordinates as Point[][]]
  return geometry.type === 'MultiPolygon' ? (geometry.coordinates as Point[][][]) : []
}

/** Longitudes at which the polygon's rings cross a parallel, in order: inside lies between pairs. */
function crossings(rings: Point[][], y: number): number[] {
  const found: number[] = []
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [a, b] = [ring[i - 1]!, ring[i]!]
      if (a[1] > y !== b[1] > y) found.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]))
    }
  }
  return found.sort((a, b) => a - b)
}

/** A point inside the geometry: the middle of the widest stretch along a parallel. */
export function insidePoint(geometry: Geometry): Point | null {
  if (geometry.type === 'Point') return geometry.coordinates as Point
  let best: { width: number; at: Point } | null = null
  for (const rings of polygons(geometry)) {
    const [, south, , north] = boundsOf({ type: 'Polygon', coordinates: rings })
    for (const part of [0.5, 0.37, 0.63]) {
      const y = south + (north - south) * part
      const across = crossings(rings, y)
      for (let i = 1; i < across.length; i += 2) {
        const width = across[i]! - across[i - 1]!
        if (!best || width > best.width) best = { width, at: [(across[i]! + across[i - 1]!) / 2, y] }
      }
    }
  }
  return best?.at ?? null
}

/** A ring around a place, near enough to draw: the earth as a sphere of its mean radius. */
export function circle(lon: number, lat: number, radius_m: number): Point[] {
  const dLat = (radius_m / 6_371_008.8) * (180 / Math.PI)
  const dLon = dLat / Math.cos((lat * Math.PI) / 180)
  return Array.from({ length: 97 }, (_, i) => {
    const angle = (i / 96) * 2 * Math.PI
    return [lon + dLon * Math.sin(angle), lat + dLat * Math.cos(angle)]
  })
}

export function boxAround(lon: number, lat: number, radius_m: number): Bounds {
  return boundsOf({ type: 'LineString', coordinates: circle(lon, lat, radius_m) })
}

/** Parallels and meridians around the city: finer ones belong to closer zooms. */
export function graticule([west, south, east, north]: Bounds, step: number, margin: number): Geometry {
  const lines: Point[][] = []
  const [w, s, e, n] = [west - margin, south - margin, east + margin, north + margin]
  for (let x = Math.ceil(w / step) * step; x <= e; x += step) lines.push([[x, s], [x, n]])
  for (let y = Math.ceil(s / step) * step; y <= n; y += step) lines.push([[w, y], [e, y]])
  return { type: 'MultiLineString', coordinates: lines }
}
