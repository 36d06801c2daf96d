import { useState } from 'preact/hooks'
import { useApp } from '../app/context'
import { Icon } from '../app/icons'
import type { MapController } from './MapController'

export function MapTools({ map }: { map: MapController }) {
  const { t, go, narrow, route } = useApp()
  const [locating, setLocating] = useState(false)
  const [failed, setFailed] = useState(false)
  const locate = () => {
    setFailed(false)
    if (!('geolocation' in navigator)) return setFailed(true)
    setLocating(true)
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setLocating(false)
        const place = { lon: coords.longitude, lat: coords.latitude }
        go({ place })
        map.fly(place, 13)
      },
      () => {
        setLocating(false)
        setFailed(true)
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    )
  }
  return (
    <>
      <div class="tools" role="group" aria-label={t.map.label}>
        {route.view === 'public' && (
          <button type="button" class="tool" aria-label={t.locate} title={t.locate} aria-busy={locating} onClick={locate}>
            <Icon name="locate" />
          </button>
        )}
        {!narrow && (
          <>
            <button type="button" class="tool" aria-label={t.map.zoomIn} title={t.map.zoomIn} onClick={() => map.zoom(1)}><Icon name="plus" /></button>
            <button type="button" class="tool" aria-label={t.map.zoomOut} title={t.map.zoomOut} onClick={() => map.zoom(-1)}><Icon name="minus" /></button>
          </>
        )}
        <button type="button" class="tool" aria-label={t.map.home} title={t.map.home} onClick={() => map.goHome()}><Icon name="home" /></button>
      </div>
      {failed && (
        <div class="toast" role="alert">
          <span>{t.locateFailed}</span>
          <button type="button" class="iconbtn" aria-label={t.close} onClick={() => setFailed(false)}><Icon name="close" /></button>
        </div>
      )}
    </>
  )
}
