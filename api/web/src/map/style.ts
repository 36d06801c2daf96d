/** The ground the layers lie on, the marks above them, and the order in between. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { BaseMap, Bounds, Layer, StyleLayer } from '../api/types'
import { graticule } from './geometry'

export const colors = { ground: '#eef1ee', graticule: '#d9dfdc', accent: '#0b6e6e', soft: '#0b6e6e', point: '#17222e' }
export const fonts = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'

const empty = { type: 'FeatureCollection' as const, features: [] }
/** Drawn as it is: what is marked is small, and a ring must look round. */
const geojson = (data: unknown) => ({ type: 'geojson' as const, data: data as typeof empty, tolerance: 0.05 })

function graticuleSource(bounds: Bounds, step: number, margin: number) {
  return geojson({ type: 'Feature', properties: {}, geometry: graticule(bounds, step, margin) })
}

function ground(basemap: BaseMap | null): LayerSpecification[] {
  const quiet = (id: string, zooms: { minzoom?: number; maxzoom?: number }): LayerSpecification => ({
    id, type: 'line', source: id, ...zooms, paint: { 'line-color': colors.graticule, 'line-width': 1 },
  })
  const below: LayerSpecification[] = [{ id: 'ground', type: 'background', paint: { 'background-color': colors.ground } }]
  if (!basemap) return [...below, quiet('graticule', { maxzoom: 11 }), quiet('graticule-fine', { minzoom: 11 })]
  below.push({ id: 'basemap', type: 'raster', source: 'basemap' })
  if (basemap.labels) below.push({ id: 'basemap-labels', type: 'raster', source: 'basemap-labels' })
  return below
}

/** Marks, and the layers that the catalogue's are put in front of. */
const marks: LayerSpecification[] = [
  {
    id: 'selected-fill', type: 'fill', source: 'selected', filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': colors.soft, 'fill-opacity': 0.14 },
  },
  { id: 'ring-fill', type: 'fill', source: 'ring', paint: { 'fill-color': colors.accent, 'fill-opacity': 0.06 } },
  {
    id: 'selected-line', type: 'line', source: 'selected', layout: { 'line-join': 'round' },
    filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': colors.accent, 'line-width': 3.5 },
  },
  { id: 'ring-line', type: 'line', source: 'ring', paint: { 'line-color': colors.accent, 'line-width': 2.4 } },
  {
    id: 'points', type: 'circle', source: 'points',
    paint: { 'circle-radius': 5, 'circle-color': '#ffffff', 'circle-stroke-color': colors.point, 'circle-stroke-width': 2 },
  },
  {
    id: 'selected-point', type: 'circle', source: 'selected', filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': 10, 'circle-color': colors.accent, 'circle-opacity': 0.12,
      'circle-stroke-color': colors.accent, 'circle-stroke-width': 3,
    },
  },
]

export function baseStyle(bounds: Bounds, basemap: BaseMap | null): StyleSpecification {
  const span = Math.max(bounds[2] - bounds[0], bounds[3] - bounds[1])
  const step = [0.1, 0.2, 0.5, 1, 2].find((each) => span < 40 * each) ?? 5
  const style: StyleSpecification = {
    version: 8,
    sources: {
      graticule: graticuleSource(bounds, step, 40 * step),
      'graticule-fine': graticuleSource(bounds, step / 5, 10 * step),
      selected: geojson(empty),
      ring: geojson(empty),
      points: geojson(empty),
    },
    layers: [...ground(basemap), ...marks],
  }
  const raster = (tiles: string[]) => ({
    type: 'raster' as const, tileSize: 256, tiles: tiles.map((each) => new URL(each, location.origin).href.replaceAll('%7B', '{').replaceAll('%7D', '}')),
  })
  if (basemap) {
    style.sources.basemap = raster(basemap.tiles)
    if (basemap.labels) style.sources['basemap-labels'] = raster(basemap.labels)
  }
  return style
}

/** The layer's vector tiles, at the address that its TileJSON would tell; a plan that is asked for may be a draft, which grows. */
export const tilesOf = (layer: Layer) => ({
  type: 'vector' as const,
  tiles: [location.origin + layer.tiles.replace('.json', '/{z}/{x}/{y}.mvt')],
  minzoom: layer.minzoom,
  maxzoom: layer.maxzoom,
  ...(layer.bounds && !layer.tiles.includes('plan=') ? { bounds: layer.bounds } : {}),
})

export const sourceOf = (layer: Layer) => `layer:${layer.id}`
export const idOf = (layer: Layer, style: StyleLayer) => `${sourceOf(layer)}/${style.id}`

/** Fills of the grids lie lowest, findings above points, names on top of all. */
function rank(layer: Layer, style: StyleLayer): number {
  if (style.type === 'symbol') return 6
  if (layer.group === 'coverage') return 5
  if (style.type === 'circle') return 4
  if (layer.group === 'surroundings') return 3
  if (style.type === 'line') return 2
  return layer.group === 'grids' ? 0 : 1
}

/** The mark that a rank lies under, so that the selection shows between grids and points. */
const under = ['selected-fill', 'selected-fill', 'selected-line', 'selected-line', 'points', 'points', 'selected-point']

export interface Placed {
  layer: Layer
  before: string
  specification: LayerSpecification
}

/** The catalogue's style layers in the order they are to be added. */
export function arrange(layers: Layer[]): Placed[] {
  const all = layers.flatMap((layer) => layer.style.map((style) => ({ layer, style, rank: rank(layer, style) })))
  all.sort((a, b) => a.rank - b.rank)
  return all.map(({ layer, style, rank: at }) => ({
    layer,
    before: under[at]!,
    specification: {
      ...style, id: idOf(layer, style), source: sourceOf(layer), 'source-layer': style['source-layer'] ?? layer.id,
    } as LayerSpecification,
  }))
}
