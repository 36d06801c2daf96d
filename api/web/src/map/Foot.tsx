import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../app/context'
import { coordinates, count, day } from '../app/format'
import type { Place } from '../app/route'

const rounded = (n: number) => {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1)
  return Math.round(n / step) * step
}

/** Where the cursor is, at which scale, and how far the map may be trusted. */
export function Foot() {
  const { map, site, t, narrow } = useApp()
  const [at, setAt] = useState<Place | null>(null)
  const [scale, setScale] = useState<number | null>(null)
  useEffect(() => {
    if (!map) return
    const moved = () => {
      setScale(map.scale)
      setAt(map.centre)
    }
    const pointed = (event: { lngLat: { lng: number; lat: number } }) => setAt({ lon: event.lngLat.lng, lat: event.lngLat.lat })
    moved()
    map.map.on('moveend', moved)
    map.map.on('mousemove', pointed)
    return () => {
      map.map.off('moveend', moved)
      map.map.off('mousemove', pointed)
    }
  }, [map])
  return (
    <footer class="foot">
      {!narrow && at && <span class="at noprint">{coordinates(at.lon, at.lat)} · CGCS2000</span>}
      {!narrow && scale && <span class="noprint">{t.map.scale} 1:{count(rounded(scale))}</span>}
      <i class="sp" />
      {site.basemap && <span>{site.basemap.attribution}</span>}
      <span>
        {site.plan?.approval_number
          ? `${t.map.approval}${t.colon}${site.plan.approval_number}`
          : <>{!narrow && t.map.indicative + t.duties.separator}{t.map.approval}{t.colon}<b class="bad">{t.map.unreviewed}</b></>}
      </span>
      {site.verified_on && <span>{t.map.dataVerified(day(site.verified_on))}</span>}
    </footer>
  )
}
