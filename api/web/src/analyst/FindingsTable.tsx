import { useState } from 'preact/hooks'
import { contains, equals, filtering } from '../api/filter'
import type { Layer } from '../api/types'
import { useApp, useNarrowed } from '../app/context'
import { area, count, metres } from '../app/format'
import { boundsOf } from '../map/geometry'
import type { Within } from './AnalystPanel'
import { DataTable, type Field } from './DataTable'
import { Choices, useWords } from './Filters'
import { FindingDetail } from './FindingDetail'
import { RowsFoot } from './RowsFoot'
import { keyOf, nameOf } from './rows'
import { useChosen } from './useChosen'
import { useItems, type Row, type Sort } from './useItems'

const isFinding = (layer: Layer) => layer.group === 'coverage' && layer.columns.some((column) => column.name === 'width_m')
const sizes = ['real', 'strip', 'sliver', 'noise'] as const
const number = (row: Row, column: string) => Number(row.feature.properties[column] ?? 0)

/** Gaps, overlaps, protrusions and mis-nested land, all kinds together or one. */
export function FindingsTable({ onSources }: { onSources?: (within: Within) => void }) {
  const { t, say, lang, layers } = useApp()
  const findings = layers.filter(isFinding)
  const [kind, setKind] = useState('all')
  const [size, setSize] = useState('')
  const [sort, setSort] = useState<Sort>({ column: 'area_m2', descending: true })
  const { words, box } = useWords()
  const wanted = kind === 'all' ? findings : findings.filter((layer) => layer.id === kind)
  const filters = [size ? equals('size_class', size) : null, words ? contains(['parent_name', 'owner_names', 'neighbours'], words) : null]
  const found = useItems(wanted, { sort, filters })
  useNarrowed(wanted.map((layer) => layer.id), filtering(filters))
  const { chosen, choose } = useChosen(findings.map((layer) => layer.id))
  const kindOf = (row: Row) => t.analyst.kinds[String(row.feature.properties.kind)] ?? say(row.layer.title)
  const fields: Field<Row>[] = [
    { id: 'kind', title: t.analyst.type, oneLine: () => true, cell: (row) => <><i class="sw fill" style={{ '--color': row.layer.legend[0]?.color }} />{kindOf(row)}</> },
    { id: 'parent_name', title: t.analyst.place, cell: (row) => nameOf(row, lang) },
    { id: 'area_m2', title: t.analyst.area, numeric: true, cell: (row) => area(number(row, 'area_m2'), t) },
    { id: 'width_m', title: t.analyst.width, numeric: true, cell: (row) => metres(number(row, 'width_m'), t) },
    { id: 'sources_inside', title: t.analyst.inside, numeric: true, cell: (row) => count(number(row, 'sources_inside')) },
  ]
  return (
    <>
      <Choices
        label={t.analyst.type}
        options={[{ value: 'all', name: t.all }, ...findings.map((layer) => ({ value: layer.id, name: say(layer.title), count: layer.count === null ? undefined : count(layer.count) }))]}
        value={kind}
        onChange={setKind}
      />
      <div class="filters">
        {box}
        <select class="field" aria-label={t.analyst.size} value={size} onChange={(event) => setSize(event.currentTarget.value)}>
          <option value="">{t.analyst.size}{t.colon}{t.all}</option>
          {sizes.map((each) => <option key={each} value={each}>{t.analyst.classes[each]}</option>)}
        </select>
      </div>
      {chosen && (
        <FindingDetail
          row={chosen}
          onClose={() => choose(null)}
          onSources={onSources && chosen.feature.geometry ? () => onSources({ name: nameOf(chosen, lang), bounds: boundsOf(chosen.feature.geometry!) }) : undefined}
        />
      )}
      {found.rows.length > 0 && (
        <DataTable label={t.analyst.findings} fields={fields} rows={found.rows} keyOf={keyOf} sort={sort} onSort={setSort} chosen={chosen && keyOf(chosen)} onChoose={choose} nameOf={(row) => `${kindOf(row)} ${nameOf(row, lang)}`} />
      )}
      <RowsFoot of={found} empty={words || size ? t.analyst.empty : t.analyst.noFindings} todo={words || size ? t.analyst.emptyTodo : t.analyst.noFindingsTodo} />
    </>
  )
}
