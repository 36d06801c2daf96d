/** What the editor draws over the map: real boundaries, the ghost of the former, what an edit would do, and where it is refused. */
import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl'
import type { Area, DraftFinding, Edit, EditedGrid, Grid, Position } from '../api/drafts.types'
import type { Geometry } from '../api/types'
import { differing } from './findings'
import { innerPoint, ringsOf } from './shapes'

type Data = Parameters<GeoJSONSource['setData']>[0]
interface Shape {
  geometry: Geometry | Area
  properties?: Record<string, string | number | boolean | null>
}

const accent = '#0b6e6e'
const sources = ['ghost', 'draft', 'chosen', 'outcome', 'outcome-names', 'ring', 'findings', 'refused', 'vertices', 'rubber', 'suggested', 'suggested-names', 'difference', 'repair'] as const
type Source = (typeof sources)[number]
export type Shown = Source

const level = (...widths: [number, number, number, number]) =>
  ['match', ['get', 'level'], 1, widths[0], 2, widths[1], 3, widths[2], widths[3]]
const hues: Record<string, string> = { gap: '#d55e00', overlap: '#b0569a', protrusion: '#e69f00', misnested: '#3d8fc4' }
const hue = ['match', ['get', 'kind'], ...Object.entries(hues).flat(), '#d55e00']
const change = ['match', ['get', 'change'], 'added', accent, 'removed', '#b8362b', 'reshaped', '#d8a021', '#4b5a69']

/** Below the names: from the bottom up. */
const layers = [
  { id: 'outcome-fill', type: 'fill', source: 'outcome', paint: { 'fill-color': ['match', ['get', 'turn'], 0, accent, 1, '#5b8fd0', 2, '#c58a2b', '#8a6fb0'], 'fill-opacity': 0.16 } },
  { id: 'ring-fill', type: 'fill', source: 'ring', paint: { 'fill-color': accent, 'fill-opacity': 0.1 } },
  { id: 'suggested-fill', type: 'fill', source: 'suggested', paint: { 'fill-color': ['match', ['%', ['get', 'turn'], 4], 0, accent, 1, '#5b8fd0', 2, '#c58a2b', '#8a6fb0'], 'fill-opacity': 0.16 } },
  { id: 'difference-fill', type: 'fill', source: 'difference', paint: { 'fill-color': change, 'fill-opacity': 0.35 } },
  { id: 'chosen-fill', type: 'fill', source: 'chosen', paint: { 'fill-color': accent, 'fill-opacity': 0.12 } },
  { id: 'ghost', type: 'line', source: 'ghost', layout: { 'line-join': 'round' }, paint: { 'line-color': '#8a5a2b', 'line-width': 1.6, 'line-dasharray': [2.5, 2.5], 'line-opacity': 0.9 } },
  {
    id: 'draft', type: 'line', source: 'draft', filter: ['!=', ['get', 'kind'], 'key'], layout: { 'line-join': 'round', 'line-sort-key': ['-', 0, ['get', 'level']] },
    paint: {
      'line-color': ['case', ['==', ['get', 'kind'], 'unit'], '#6f8f8c', ['match', ['get', 'level'], 1, '#17222e', 2, '#5f6f7a', 3, '#8f9b9d', '#b9c2c0']],
      'line-width': ['interpolate', ['linear'], ['zoom'], 6, level(1.6, 1, 0.4, 0.4), 10, level(3, 2.4, 1, 0.8), 15, level(4, 3.4, 2, 1.4)],
    },
  },
  { id: 'draft-key', type: 'line', source: 'draft', filter: ['==', ['get', 'kind'], 'key'], paint: { 'line-color': accent, 'line-width': 2.2, 'line-dasharray': [3, 1.5] } },
  { id: 'suggested', type: 'line', source: 'suggested', layout: { 'line-join': 'round' }, paint: { 'line-color': accent, 'line-width': 2 } },
  { id: 'difference', type: 'line', source: 'difference', paint: { 'line-color': change, 'line-width': 1.6 } },
  { id: 'chosen', type: 'line', source: 'chosen', layout: { 'line-join': 'round' }, paint: { 'line-color': accent, 'line-width': 3.5 } },
  { id: 'outcome', type: 'line', source: 'outcome', layout: { 'line-join': 'round' }, paint: { 'line-color': accent, 'line-width': 2.2 } },
  { id: 'findings-fill', type: 'fill', source: 'findings', paint: { 'fill-color': hue, 'fill-opacity': 0.45 } },
  { id: 'findings', type: 'line', source: 'findings', paint: { 'line-color': hue, 'line-width': 2.4 } },
  { id: 'repair', type: 'line', source: 'repair', paint: { 'line-color': '#2e7d4f', 'line-width': 3 } },
  { id: 'rubber', type: 'line', source: 'rubber', paint: { 'line-color': accent, 'line-width': 2.4, 'line-dasharray': [2.5, 2] } },
  { id: 'refused-line', type: 'line', source: 'refused', filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': '#b8362b', 'line-width': 3 } },
]
/** Above the names, which give way to theirs. */
const above = [
  { id: 'vertices', type: 'circle', source: 'vertices', minzoom: 9, paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 1.6, 12, 3.2, 15, 4.5], 'circle-color': '#ffffff', 'circle-stroke-color': '#4b5a69', 'circle-stroke-width': 1.3 } },
  { id: 'refused', type: 'circle', source: 'refused', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 12, 'circle-color': '#b8362b', 'circle-opacity': 0.18, 'circle-stroke-color': '#b8362b', 'circle-stroke-width': 3 } },
  {
    id: 'outcome-name', type: 'symbol', source: 'outcome-names', layout: { 'text-field': ['get', 'label'], 'text-font': ['sans-serif'], 'text-size': 13, 'text-allow-overlap': true },
    paint: { 'text-color': '#0b4f4f', 'text-halo-color': '#ffffff', 'text-halo-width': 2 },
  },
  {
    id: 'suggested-name', type: 'symbol', source: 'suggested-names', layout: { 'text-field': ['get', 'label'], 'text-font': ['sans-serif'], 'text-size': 12 },
    paint: { 'text-color': '#0b4f4f', 'text-halo-color': '#ffffff', 'text-halo-width': 2 },
  },
]

const idOf = (source: string) => `editor-${source}`
const collection = (shapes: Shape[]) =>
  ({ type: 'FeatureCollection', features: shapes.map(({ geometry, properties = {} }) => ({ type: 'Feature', geometry, properties })) }) as unknown as Data
const point = (at: Position): Geometry => ({ type: 'Point', coordinates: at })

/** Every ring on its own, so that outlines are lines and not cut at the edges of tiles. */
const outlines = (grid: Grid): Shape => ({
  geometry: { type: 'MultiLineString', coordinates: ringsOf(grid.geometry) },
  properties: { kind: grid.properties.kind, level: grid.properties.level + (grid.properties.kind === 'unit' ? 10 : 0) },
})

export class Overlay {
  constructor(private readonly map: MapLibre) {
    for (const source of sources) {
      map.addSource(idOf(source), { type: 'geojson', data: collection([]), tolerance: 0.05 })
    }
    const add = (each: { id: string; source: string }, before?: string) =>
      map.addLayer({ ...each, id: idOf(each.id), source: idOf(each.source) } as unknown as LayerSpecification, before)
    for (const each of layers) add(each, 'points')
    for (const each of above) add(each)
  }

  show(source: Source, shapes: Shape[]): void {
    ;(this.map.getSource(idOf(source)) as GeoJSONSource | undefined)?.setData(collection(shapes))
  }

  /** Areas, and the name of each at one place: as a name of the area it would be set once in every tile. */
  showNamed(source: 'outcome' | 'suggested', areas: { geometry: Geometry | Area; turn: number; label: string }[]): void {
    this.show(source, areas.map(({ geometry, turn }) => ({ geometry, properties: { turn } })))
    this.show(`${source}-names`, areas.map(({ geometry, label }) => ({ geometry: point(innerPoint(geometry)), properties: { label } })))
  }

  setDraft(grids: Grid[]): void {
    this.show('draft', grids.map(outlines))
  }

  setGhost(grids: Grid[]): void {
    this.show('ghost', grids.map(outlines))
  }

  setChosen(grids: Grid[]): void {
    this.show('chosen', grids.map(({ geometry }) => ({ geometry })))
  }

  setOutcome(edit: Edit | null, label: (grid: EditedGrid) => string): void {
    const grids = edit ? [...edit.changed, ...edit.added] : []
    // Grids of a coarser level only follow along their common edge.
    const finest = Math.max(...grids.map((each) => each.properties.level))
    const own = grids.filter((each) => each.properties.level === finest)
    this.showNamed('outcome', own.map((each, i) => ({ geometry: each.geometry, turn: i % 4, label: label(each) })))
    this.setFindings(edit ? differing(edit).fresh : [])
  }

  setFindings(findings: DraftFinding[]): void {
    this.show('findings', findings.map((each) => ({ geometry: each.geometry, properties: { kind: each.kind } })))
  }

  setRefused(at: Position | null): void {
    this.show('refused', at ? [{ geometry: point(at) }] : [])
  }

  setVertices(vertices: Position[]): void {
    this.show('vertices', vertices.map((at) => ({ geometry: point(at) })))
  }

  dispose(): void {
    for (const each of [...layers, ...above]) if (this.map.getLayer(idOf(each.id))) this.map.removeLayer(idOf(each.id))
    for (const each of sources) if (this.map.getSource(idOf(each))) this.map.removeSource(idOf(each))
  }
}
