import { useState } from 'preact/hooks'
import { address } from '../api/request'
import type { Layer } from '../api/types'
import { useApp } from '../app/context'
import { Icon } from '../app/icons'
import { boxed } from './useItems'

const formats = [
  ['geojson', 'GeoJSON'], ['gpkg', 'GeoPackage'], ['fgb', 'FlatGeobuf'], ['parquet', 'GeoParquet'], ['csv', 'CSV'],
] as const

/** Take a shown layer away as a file. */
export function Download() {
  const { t, say, layers, visible, map, route, narrowed } = useApp()
  const [open, setOpen] = useState(false)
  const [layer, setLayer] = useState('')
  const [format, setFormat] = useState<string>('gpkg')
  const [only, setOnly] = useState(false)
  const [filtered, setFiltered] = useState(true)
  const listed = (each: Layer) => narrowed?.layers.includes(each.id) ?? false
  const shown = layers.filter((each) => visible.has(each.id) || listed(each))
  const chosen = shown.find((each) => each.id === layer) ?? shown.find((each) => listed(each) && each.count !== 0) ?? shown.find((each) => each.group !== 'grids' && each.count !== 0) ?? shown[0]
  if (!chosen) return null
  const narrower = listed(chosen) && Object.keys(narrowed!.query).length > 0
  const href = address(`/api/layers/${encodeURIComponent(chosen.id)}/download`, {
    format, ...(narrower && filtered ? narrowed!.query : {}), ...(only && map ? boxed(map.bounds) : {}),
    plan: route.view === 'planner' ? route.plan : null,
  })
  return (
    <section class="download noprint">
      <button type="button" class="btn" aria-expanded={open} aria-controls="download" onClick={() => setOpen(!open)}>
        <Icon name="download" />{t.analyst.downloadWhat}
      </button>
      {open && (
        <div id="download" class="inline">
          <label><span>{t.analyst.layer}</span>
            <select class="field" value={chosen.id} onChange={(event) => setLayer(event.currentTarget.value)}>
              {shown.map((each) => <option key={each.id} value={each.id}>{say(each.title)}</option>)}
            </select>
          </label>
          <label class="short"><span>{t.analyst.format}</span>
            <select class="field" value={format} onChange={(event) => setFormat(event.currentTarget.value)}>
              {formats.map(([id, name]) => <option key={id} value={id}>{name}</option>)}
            </select>
          </label>
          {narrower && <label class="check"><input type="checkbox" checked={filtered} onChange={(event) => setFiltered(event.currentTarget.checked)} /><span>{t.analyst.asFiltered}</span></label>}
          {map && <label class="check"><input type="checkbox" checked={only} onChange={(event) => setOnly(event.currentTarget.checked)} /><span>{t.analyst.only}</span></label>}
          <a class="btn p" href={href} download>{t.analyst.download}</a>
        </div>
      )}
    </section>
  )
}
