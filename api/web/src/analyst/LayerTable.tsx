import { useState } from 'preact/hooks'
import { contains, equals, filtering } from '../api/filter'
import type { Bounds, Layer } from '../api/types'
import { useApp, useNarrowed } from '../app/context'
import { count, isNumeric } from '../app/format'
import { Empty, Skeleton } from '../app/states'
import { DataTable } from './DataTable'
import { Choices, useWords } from './Filters'
import { RowsFoot } from './RowsFoot'
import { columnsOf, keyOf, nameOf, shown } from './rows'
import { boxed, useItems, type Row, type Sort } from './useItems'

/** In characters; longer texts may wrap. */
const longest = 14

interface Choosing {
  chosen: Row | null
  onChoose: (row: Row) => void
  within?: Bounds | null
}

/** The rows of a layer as the catalogue describes them; several layers are chosen between. */
export function LayerTable({ layers, ...choosing }: Choosing & { layers: Layer[] }) {
  const { t, say, layers: all } = useApp()
  const [id, setId] = useState<string | null>(null)
  const layer = layers.find((each) => each.id === id) ?? layers[0]
  // Before the catalogue has come, or where it fails, nobody can tell.
  if (!layer) return all.length === 0 ? <Skeleton /> : <Empty what={t.analyst.noLayer} />
  return (
    <>
      {layers.length > 1 && (
        <Choices
          label={t.analyst.layer}
          options={layers.map((each) => ({ value: each.id, name: say(each.title), count: each.count === null ? undefined : count(each.count) }))}
          value={layer.id}
          onChange={setId}
        />
      )}
      {/* Another layer begins anew: to clear what was chosen by an effect would come after a quick hand's next choice. */}
      <LayerRows key={layer.id} layer={layer} {...choosing} />
    </>
  )
}

function LayerRows({ layer, chosen, onChoose, within }: Choosing & { layer: Layer }) {
  const { t, say, lang } = useApp()
  const [sort, setSort] = useState<Sort | null>(null)
  const [kinds, setKinds] = useState<Record<string, string>>({})
  const { words, box } = useWords()
  const texts = layer.columns.filter((column) => column.type === 'text' && !column.words).map((column) => column.name)
  const filters = [
    words && texts.length > 0 ? contains(texts, words) : null,
    ...Object.entries(kinds).map(([column, value]) => (value ? equals(column, value) : null)),
  ]
  const found = useItems([layer], { sort, within, filters })
  useNarrowed([layer.id], { ...filtering(filters), ...boxed(within) })
  const fields = columnsOf(layer, lang).map((column) => ({
    id: column.name, title: say(column.title), numeric: isNumeric(column), oneLine: (row: Row) => shown(row, column, lang, t).length <= longest, cell: (row: Row) => shown(row, column, lang, t),
  }))
  return (
    <>
      <p class="small about">{say(layer.about)}</p>
      <div class="filters">
        {box}
        {layer.columns.filter((column) => column.words).slice(0, 2).map((column) => (
          <select
            key={column.name} class="field" aria-label={say(column.title)} value={kinds[column.name] ?? ''}
            onChange={(event) => setKinds({ ...kinds, [column.name]: event.currentTarget.value })}
          >
            <option value="">{say(column.title)}{t.colon}{t.all}</option>
            {Object.entries(column.words!).map(([value, name]) => <option key={value} value={value}>{say(name)}</option>)}
          </select>
        ))}
      </div>
      {found.rows.length > 0 && (
        <DataTable label={say(layer.title)} fields={fields} rows={found.rows} keyOf={keyOf} sort={sort} onSort={setSort} chosen={chosen && keyOf(chosen)} onChoose={onChoose} nameOf={(row) => nameOf(row, lang)} />
      )}
      <RowsFoot of={found} empty={t.analyst.empty} todo={words || Object.values(kinds).some(Boolean) ? t.analyst.emptyTodo : undefined} />
    </>
  )
}
