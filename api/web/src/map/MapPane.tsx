import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../app/context'
import { Foot } from './Foot'
import { LayerSwitcher } from './LayerSwitcher'
import { Legend } from './Legend'
import { MapTools } from './MapTools'
import type { MapController } from './MapController'

const RETRY_MS = 10_000

/** The map with its controls. Where it cannot be shown, `onFailure` is told and the lists serve. */
export function MapPane({ onReady, onFailure }: { onReady: (map: MapController | null) => void; onFailure: () => void }) {
  const app = useApp()
  const { map, layers, visible, marks, route, site, t, clicks } = app
  const holder = useRef<HTMLDivElement>(null)
  const [picture, setPicture] = useState<string | null>(null)
  const [incomplete, setIncomplete] = useState(false)

  useEffect(() => {
    let made: MapController | null = null
    let gone = false
    import('./MapController')
      .then(({ MapController }) => {
        if (gone || !holder.current) return
        made = new MapController(holder.current, site, { 'Map.Title': t.map.label })
        made.onClick = (click) => clicks.current?.(click)
        made.onTrouble = setIncomplete
        onReady(made)
      })
      .catch((error: unknown) => {
        console.warn('The map cannot be shown:', error)
        onFailure()
      })
    return () => {
      gone = true
      onReady(null)
      made?.dispose()
    }
  }, [])

  useEffect(() => void map?.setLayers(layers), [map, layers])
  useEffect(() => map?.show(visible), [map, visible])
  useEffect(() => void map?.setMarks(marks), [map, marks])
  useEffect(() => map?.setPlace(route.view === 'public' ? route.place : null), [map, route.place, route.view])
  useEffect(() => {
    const canvas = holder.current?.querySelector('canvas')
    canvas?.setAttribute('aria-label', `${t.map.label}${t.colon}${t.map.help}`)
  }, [map, t])
  useEffect(() => {
    if (!incomplete) return
    const timer = window.setInterval(() => map?.retry(), RETRY_MS)
    return () => clearInterval(timer)
  }, [map, incomplete])
  useEffect(() => {
    if (!map) return
    const before = () => setPicture(map.picture())
    addEventListener('beforeprint', before)
    return () => removeEventListener('beforeprint', before)
  }, [map])

  return (
    <div class="map">
      <div class="map-canvas" ref={holder} />
      {!map && <div class="map-waiting" role="status" aria-label={t.loading} />}
      {picture && <img class="print-map" src={picture} alt="" />}
      {map && <MapTools map={map} />}
      {map && <LayerSwitcher />}
      {map && incomplete && (
        <div class="toast noprint" role="alert">
          <span>{t.map.incomplete}</span>
          <button type="button" class="btn small-btn" onClick={() => map.retry()}>{t.retry}</button>
        </div>
      )}
      {map && <Legend map={map} />}
      <Foot />
    </div>
  )
}
