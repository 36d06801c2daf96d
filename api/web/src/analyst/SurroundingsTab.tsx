import { useEffect, useState } from 'preact/hooks'
import { surroundings } from '../api/gisgrid'
import { useApp, useMapClick } from '../app/context'
import type { Place } from '../app/route'
import { metres } from '../app/format'
import { Icon } from '../app/icons'
import { Answered } from '../app/states'
import { useQuery } from '../app/useQuery'
import { boxAround } from '../map/geometry'
import { LayerTable } from './LayerTable'
import { RadiusChooser } from './RadiusChooser'
import { nameOf } from './rows'
import { SurroundingsResult } from './SurroundingsResult'
import type { Row } from './useItems'

type Center = { kind: 'source'; id: string; name: string } | ({ kind: 'place' } & Place)

/** What lies around a source, or around any place. */
export function SurroundingsTab() {
  const { t, lang, layers, map, mark } = useApp()
  const [center, setCenter] = useState<Center | null>(null)
  const [radius, setRadius] = useState(500)
  const [drawing, setDrawing] = useState(false)
  const sources = layers.filter((layer) => layer.group === 'sources')
  const query = center && (center.kind === 'source' ? { source: center.id } : { lon: center.lon, lat: center.lat })
  const answer = useQuery(query && `around ${JSON.stringify(query)} ${radius} ${lang}`, (signal) => surroundings({ ...query!, radius_m: radius }, signal))
  const found = answer.value

  useMapClick(({ lon, lat, hits }) => {
    if (drawing) {
      setDrawing(false)
      return setCenter({ kind: 'place', lon, lat })
    }
    const hit = hits.find((each) => sources.some((layer) => layer.id === each.layer) && each.id !== undefined)
    if (hit) setCenter({ kind: 'source', id: String(hit.id), name: String(hit.properties.name ?? '') })
  })
  useEffect(() => {
    mark({
      ring: found && { lon: found.center.lon, lat: found.center.lat, radius_m: found.radius_m },
      points: found?.receptors ?? [],
      selected: found && { type: 'Feature', id: 0, properties: {}, geometry: { type: 'Point', coordinates: [found.center.lon, found.center.lat] } },
    })
    if (found) map?.fit(boxAround(found.center.lon, found.center.lat, found.radius_m), 17)
  }, [found])
  const choose = (row: Row) => setCenter({ kind: 'source', id: String(row.feature.id), name: nameOf(row, lang) })
  return (
    <div onKeyDown={(event) => event.key === 'Escape' && setDrawing(false)}>
      <div class="row tight">
        <RadiusChooser radius={radius} onChange={setRadius} />
        <button type="button" class="btn" aria-pressed={drawing} onClick={() => setDrawing(!drawing)}><Icon name="circle" />{t.analyst.drawCircle}</button>
      </div>
      {drawing && <div class="note info" role="status">{t.analyst.drawHint}</div>}
      {center
        ? (
          <div aria-live="polite" aria-busy={answer.loading}>
            <div class="row head">
              <h2 class="title">{center.kind === 'source' ? (found?.center.name ?? center.name) : t.analyst.circle} <span class="where">{metres(radius, t)}</span></h2>
              <button type="button" class="btn small-btn" onClick={() => setCenter(null)}>{t.analyst.choose}</button>
            </div>
            <Answered of={answer} rows={6}>{(value) => <SurroundingsResult found={value} />}</Answered>
          </div>
        )
        : (
          <>
            <p class="mut">{t.analyst.clickSource}</p>
            <LayerTable layers={sources.slice(0, 1)} chosen={null} onChoose={choose} />
          </>
        )}
    </div>
  )
}
