/** The MapLibre map behind a few verbs. Loaded on demand: the answer does not wait for the map. */
import 'maplibre-gl/dist/maplibre-gl.css'
import * as maplibre from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { GeoJSONSource } from 'maplibre-gl'
import type { Bounds, Geometry, Layer, LegendEntry, Site, Value } from '../api/types'
import type { MapPoint, Marks } from '../app/context'
import type { Place } from '../app/route'
import { circle } from './geometry'
import { drawPin, pin } from './pin'
import { isGridsOfAllLevels } from './roles'
import { arrange, baseStyle, fonts, idOf, sourceOf, tilesOf } from './style'

maplibre.setWorkerUrl(workerUrl)

export interface MapHit {
  layer: string
  id: string | number | undefined
  properties: Record<string, Value>
}
export interface Click extends Place {
  hits: MapHit[]
  /** Shift, Ctrl or ⌘ was held: add to what is chosen. */
  more?: boolean
}
export interface Cursor extends Place {
  scale: number
}

type Tile = { x: number; y: number; z: number }
/** What MapLibre says of a tile that did not come. */
interface Failure {
  error: Error
  sourceId?: string
  tile?: { tileID: { canonical: Tile } }
}
type Data = Parameters<GeoJSONSource['setData']>[0]

/** Around the first view. */
const margin_px = 24
const metresPerCssPixel = 0.0254 / 96
const reach = matchMedia('(pointer: coarse)').matches ? 14 : 5
const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** A link may name a place that is none, with longitude and latitude swapped: the server says so. */
const onEarth = ({ lon, lat }: Place) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90

const collection = (features: unknown[]) => ({ type: 'FeatureCollection', features }) as unknown as Data
const shape = (geometry: Geometry | { type: string; coordinates: unknown }, properties: object = {}) => ({
  type: 'Feature', properties, geometry,
})

export class MapController {
  readonly map: maplibre.Map
  onClick: (click: Click) => void = () => {}
  /** Some tiles did not come, or are asked for again. */
  onTrouble: (isIncomplete: boolean) => void = () => {}
  /** Somebody else sees to the pointer: a tool that draws. */
  isBusy = false
  private areLinesCovered = false
  private layers: Layer[] = []
  private visible: ReadonlySet<string> = new Set()
  /** The tiles that did not come, by source. */
  private readonly missing = new Map<string, Tile[]>()
  private marker: maplibre.Marker | null = null
  private readonly loaded: Promise<unknown>
  private home: Bounds
  /** What was brought into view, as long as nobody has moved the map since. */
  private fitted: { bounds: Bounds; maxZoom: number; padding: number } | null
  /** The sides that something else lies over. */
  private covered = { left: 0, top: 0 }
  /** The level of the whole city's grid. */
  private readonly top: number

  /** Throws where the browser has no WebGL 2. */
  constructor(container: HTMLElement, site: Site, locale: Record<string, string>) {
    this.home = site.bounds
    this.fitted = { bounds: site.bounds, maxZoom: 15, padding: margin_px }
    this.top = Math.min(...site.levels.map((each) => each.level))
    this.map = new maplibre.Map({
      container,
      style: baseStyle(site.bounds, site.basemap),
      bounds: site.bounds,
      fitBoundsOptions: { padding: margin_px },
      attributionControl: false,
      localIdeographFontFamily: fonts,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 19,
      locale,
    })
    this.map.touchZoomRotate.disableRotation()
    this.loaded = new Promise((done) => this.map.once('style.load', done))
    this.map.on('click', (event) => this.onClick({ ...this.at(event.lngLat), hits: this.hits(event.point), more: event.originalEvent.shiftKey || event.originalEvent.ctrlKey || event.originalEvent.metaKey }))
    this.map.on('movestart', (event) => {
      if ('originalEvent' in event && event.originalEvent) this.fitted = null
    })
    this.map.on('mousemove', (event) => {
      if (this.isBusy) return
      this.map.getCanvas().style.cursor = this.hits(event.point, true).length > 0 ? 'pointer' : 'crosshair'
    })
    this.map.on('error', (event) => {
      const { tile, sourceId, error } = event as unknown as Failure
      if (!tile || !sourceId) return console.warn('The map:', error)
      this.missing.set(sourceId, [...(this.missing.get(sourceId) ?? []), tile.tileID.canonical])
      this.onTrouble(true)
    })
    this.map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.onClick({ ...this.centre, hits: this.hits(this.map.project(this.map.getCenter())) })
    })
  }

  private at = ({ lng, lat }: { lng: number; lat: number }): Place => ({ lon: lng, lat })

  get centre(): Place {
    return this.at(this.map.getCenter())
  }

  /** The denominator of the scale at the centre, on a screen of 96 dots an inch. */
  get scale(): number {
    const metres = (Math.cos((this.map.getCenter().lat * Math.PI) / 180) * 2 * Math.PI * 6378137) / (512 * 2 ** this.map.getZoom())
    return metres / metresPerCssPixel
  }

  get bounds(): Bounds {
    const box = this.map.getBounds()
    return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
  }

  /** What lies under a pixel, the topmost first; `points` leaves out land, which lies everywhere. */
  private hits(point: maplibre.Point, points = false): MapHit[] {
    const shown = this.layers.filter((layer) => this.visible.has(layer.id) && (!points || layer.group !== 'grids'))
    const ids = shown.flatMap((layer) => layer.style.map((style) => idOf(layer, style))).filter((id) => this.map.getLayer(id))
    if (ids.length === 0) return []
    const box: [maplibre.PointLike, maplibre.PointLike] = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]]
    return this.map.queryRenderedFeatures(box, { layers: ids }).map((each) => ({
      layer: each.source.replace('layer:', ''),
      id: each.id,
      properties: each.properties as Record<string, Value>,
    }))
  }

  /** Replace the catalogue's layers. */
  async setLayers(layers: Layer[]): Promise<void> {
    await this.loaded
    const sources = new Set(this.layers.map(sourceOf))
    for (const each of this.map.getStyle().layers) if ('source' in each && sources.has(each.source as string)) this.map.removeLayer(each.id)
    for (const each of sources) this.map.removeSource(each)
    this.layers = layers
    for (const layer of layers) {
      this.map.addSource(sourceOf(layer), tilesOf(layer))
    }
    this.whiten(layers.find(isGridsOfAllLevels))
    for (const { before, specification } of arrange(layers)) this.map.addLayer(specification, before)
    this.show(this.visible)
  }

  /** Show these layers and no others. */
  show(visible: ReadonlySet<string>): void {
    this.visible = visible
    for (const layer of this.layers) {
      for (const style of layer.style) {
        const id = idOf(layer, style)
        if (this.map.getLayer(id)) this.map.setLayoutProperty(id, 'visibility', visible.has(layer.id) && !(this.areLinesCovered && layer.group === 'grids' && style.type === 'line') ? 'visible' : 'none')
      }
    }
  }

  /** Leave the grids' outlines to somebody who draws them from exact coordinates. */
  coverLines(covered: boolean): void {
    if (covered === this.areLinesCovered) return
    this.areLinesCovered = covered
    this.show(this.visible)
  }

  /** Ask for the tiles again: what they show has changed. */
  renew(): void {
    for (const layer of this.layers) if (this.map.getSource(sourceOf(layer))) this.map.refreshTiles(sourceOf(layer))
  }

  /** Ask again for the tiles that did not come. */
  retry(): void {
    const wanted = [...this.missing]
    this.missing.clear()
    this.onTrouble(false)
    // One by one: asked for as a whole, a source waits for ever for a tile that has failed (MapLibre 6.17).
    for (const [source, tiles] of wanted) if (this.map.getSource(source)) this.map.refreshTiles(source, tiles)
  }

  /** When the layers can be added to. */
  get ready(): Promise<unknown> {
    return this.loaded
  }

  /** The legend's lines that stand for something in view. */
  explained(): Map<string, LegendEntry[]> {
    const found = new Map<string, LegendEntry[]>()
    for (const layer of this.layers) {
      if (!this.visible.has(layer.id)) continue
      const ids = layer.style.map((style) => idOf(layer, style)).filter((id) => this.map.getLayer(id))
      const seen = layer.legend.filter((entry) =>
        ids.length > 0 && this.map.queryRenderedFeatures({ layers: ids, filter: (entry.filter ?? undefined) as maplibre.FilterSpecification | undefined }).length > 0)
      if (seen.length > 0) found.set(layer.id, seen)
    }
    return found
  }

  async setMarks({ selected, ring, points }: Marks): Promise<void> {
    await this.loaded
    this.fill('selected', selected?.geometry ? [shape(selected.geometry)] : [])
    this.fill('ring', ring ? [shape({ type: 'Polygon', coordinates: [circle(ring.lon, ring.lat, ring.radius_m)] })] : [])
    this.fill('points', points.map((each: MapPoint) => shape({ type: 'Point', coordinates: [each.lon, each.lat] }, { name: each.name })))
  }

  /** The whole city, white on the ground where there is no base map. */
  private whiten(grids: Layer | undefined): void {
    if (!grids || this.map.getSource('basemap')) return
    const city = { source: sourceOf(grids), 'source-layer': grids.id, filter: ['==', ['get', 'level'], this.top] as maplibre.FilterSpecification }
    const first = this.map.getStyle().layers.find((each) => each.id !== 'ground')?.id
    this.map.addLayer({ id: 'city', type: 'fill', ...city, paint: { 'fill-color': '#ffffff', 'fill-antialias': false } }, first)
  }

  private fill(source: string, features: unknown[]): void {
    (this.map.getSource(source) as GeoJSONSource | undefined)?.setData(collection(features))
  }

  setPlace(place: Place | null): void {
    if (!place || !onEarth(place)) {
      this.marker?.remove()
      this.marker = null
      return
    }
    this.marker ??= new maplibre.Marker({ element: pin(), anchor: 'bottom' })
    this.marker.setLngLat([place.lon, place.lat]).addTo(this.map)
  }

  private get pace(): number {
    return calm.matches ? 0 : 600
  }

  fit(bounds: Bounds, maxZoom = 15): void {
    const { width, height } = this.map.getCanvas().getBoundingClientRect()
    this.fitted = { bounds, maxZoom, padding: Math.min(64, width / 6, height / 6) }
    this.refit(this.pace)
  }

  private refit(duration: number): void {
    if (!this.fitted) return
    const { bounds, maxZoom, padding } = this.fitted
    const { left, top } = this.covered
    this.map.fitBounds(bounds, { padding: { left: padding + left, top: padding + top, right: padding, bottom: padding }, maxZoom, duration })
  }

  /** Keep what is brought into view, and what is there now, clear of something that lies over the map. */
  keepClear(covered: { left: number; top: number }): void {
    this.covered = covered
    this.refit(0)
  }

  /** It lies there no longer; the view stays. */
  uncover(): void {
    this.covered = { left: 0, top: 0 }
  }

  fly(place: Place, zoom: number): void {
    if (!onEarth(place)) return
    this.fitted = null
    this.map.easeTo({ center: [place.lon, place.lat], zoom: Math.max(zoom, this.map.getZoom()), duration: this.pace })
  }

  /** Bring a place into view, without moving when it is well inside already. */
  reveal(place: Place): void {
    if (!onEarth(place)) return
    const point = this.map.project([place.lon, place.lat])
    const { width, height } = this.map.getCanvas().getBoundingClientRect()
    const inside = point.x > 40 && point.y > 60 && point.x < width - 40 && point.y < height - 60
    if (!inside) this.fly(place, 11)
  }

  zoom(by: number): void {
    this.fitted = null
    this.map.zoomTo(this.map.getZoom() + by, { duration: this.pace / 2 })
  }

  /** Where the home button leads. */
  setHome(bounds: Bounds): void {
    this.home = bounds
  }

  goHome(): void {
    this.fit(this.home)
  }

  /** Bring land into view that is out of it, or hardly to be seen in it. */
  seek(bounds: Bounds): void {
    const [west, south, east, north] = this.bounds
    const apart = bounds[0] > east || bounds[2] < west || bounds[1] > north || bounds[3] < south
    const share = ((bounds[2] - bounds[0]) * (bounds[3] - bounds[1])) / ((east - west) * (north - south))
    if (apart || share < 0.02) this.fit(bounds)
  }

  /** The map as a picture with the chosen place, for printing: browsers print WebGL canvases blank. */
  picture(): string {
    this.map.redraw()
    const drawn = this.map.getCanvas()
    const copy = Object.assign(document.createElement('canvas'), { width: drawn.width, height: drawn.height })
    const picture = copy.getContext('2d')
    if (!picture) return drawn.toDataURL('image/png')
    picture.drawImage(drawn, 0, 0)
    if (this.marker) {
      const { x, y } = this.map.project(this.marker.getLngLat())
      drawPin(picture, x, y, drawn.width / drawn.clientWidth, getComputedStyle(drawn).getPropertyValue('--accent'))
    }
    return copy.toDataURL('image/png')
  }

  dispose(): void {
    this.map.remove()
  }
}
