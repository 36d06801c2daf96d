import { useState } from 'preact/hooks'
import type { NearReceptor, Surroundings } from '../api/types'
import { useApp } from '../app/context'
import { count, metres } from '../app/format'
import { Empty } from '../app/states'
import { DataTable, type Field } from './DataTable'
import { compare, type Sort } from './useItems'

const column = { name: 'name', kind: 'kind', distance: 'distance_m', direction: 'bearing_deg' } as const

/** Which receptors, how near, in which direction. */
export function SurroundingsResult({ found }: { found: Surroundings }) {
  const { t, map, mark } = useApp()
  const [sort, setSort] = useState<Sort>({ column: 'distance', descending: false })
  const [chosen, setChosen] = useState<string | null>(null)
  const radius = metres(found.radius_m, t)
  if (found.count === 0) return <Empty what={t.analyst.noReceptors(radius)} todo={t.analyst.noReceptorsTodo} />
  const by = column[sort.column as keyof typeof column]
  const rows = found.receptors.toSorted((a, b) => compare(a[by], b[by], sort.descending))
  const fields: Field<NearReceptor>[] = [
    { id: 'name', title: t.analyst.receptor, cell: (row) => row.name },
    { id: 'kind', title: t.analyst.kind, cell: (row) => row.kind },
    { id: 'distance', title: t.analyst.distance, numeric: true, cell: (row) => metres(row.distance_m, t) },
    { id: 'direction', title: t.analyst.direction, cell: (row) => row.direction ? t.directions[row.direction] : '—' },
  ]
  const choose = (row: NearReceptor) => {
    setChosen(row.id)
    mark({ selected: { type: 'Feature', id: row.id, properties: {}, geometry: { type: 'Point', coordinates: [row.lon, row.lat] } } })
    map?.fly({ lon: row.lon, lat: row.lat }, 13)
  }
  return (
    <>
      <p><b>{t.analyst.receptors(count(found.count), radius)}</b></p>
      {found.center.estimate && <div class="note">{t.analyst.estimate}</div>}
      <div class="kpi">
        {found.by_kind.map((kind) => (
          <div key={kind.kind}><b>{count(kind.count)}</b><span>{kind.kind} · {t.analyst.nearest} {metres(kind.nearest_m, t)}</span></div>
        ))}
      </div>
      <DataTable label={t.analyst.receptors(count(found.count), radius)} fields={fields} rows={rows} keyOf={(row) => row.id} sort={sort} onSort={setSort} chosen={chosen} onChoose={choose} nameOf={(row) => row.name} />
    </>
  )
}
