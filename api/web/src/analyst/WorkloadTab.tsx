import { useState } from 'preact/hooks'
import { workload } from '../api/gisgrid'
import type { Workload } from '../api/types'
import { useApp } from '../app/context'
import { count, decimal } from '../app/format'
import { Answered, Empty } from '../app/states'
import { useQuery } from '../app/useQuery'
import { DataTable, type Field } from './DataTable'
import { Choices } from './Filters'
import { useGrid } from './useGrid'
import { compare, type Sort } from './useItems'
import { WorkloadChart } from './WorkloadChart'

/** How the work is spread: a chart, and the same in a table. */
export function WorkloadTab() {
  const { t, say, site, lang } = useApp()
  const levels = site.levels.filter((each) => each.count > 1)
  const [level, setLevel] = useState(levels[0]?.level ?? 2)
  const [sort, setSort] = useState<Sort>({ column: 'weighted_per_officer', descending: true })
  const { uid, choose } = useGrid()
  const answer = useQuery(`workload ${level} ${lang}`, (signal) => workload(level, signal))
  const number = (id: keyof Workload, title: string): Field<Workload> => ({ id, title, numeric: true, cell: (row) => count(Number(row[id] ?? 0)) })
  const fields: Field<Workload>[] = [
    { id: 'name', title: t.analyst.grid, cell: (row) => row.name },
    {
      id: 'weighted_per_officer', title: t.analyst.perOfficer, numeric: true,
      cell: (row) => row.weighted_per_officer === null ? <b class="vac">{t.analyst.noOfficers}</b> : decimal(row.weighted_per_officer, 1),
    },
    number('officers', t.analyst.officers), number('weighted', t.analyst.weighted), number('sources', t.analyst.total),
    number('c', 'C'), number('b', 'B'), number('a', 'A'), number('undetermined', t.analyst.undetermined),
  ]
  const sorted = (rows: Workload[]) => rows.toSorted((a, b) => {
    const column = sort.column as keyof Workload
    return compare(a[column], b[column], sort.descending)
  })
  return (
    <>
      <Choices label={t.analyst.level} options={levels.map((each) => ({ value: String(each.level), name: say(each.name), count: count(each.count) }))} value={String(level)} onChange={(value) => setLevel(Number(value))} />
      <p class="small about">{t.analyst.workloadHow}</p>
      <Answered of={answer} rows={8}>
        {(rows) => rows.length === 0
          ? <Empty what={t.analyst.empty} />
          : (
            <>
              <WorkloadChart rows={sorted(rows)} onChoose={choose} />
              <DataTable label={t.tabs.workload} fields={fields} rows={sorted(rows)} keyOf={(row) => row.uid} sort={sort} onSort={setSort} chosen={uid} onChoose={(row) => choose(row.uid)} nameOf={(row) => row.name} />
            </>
          )}
      </Answered>
    </>
  )
}
