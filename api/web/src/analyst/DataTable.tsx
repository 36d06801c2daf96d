import type { ComponentChildren } from 'preact'
import { useApp } from '../app/context'
import type { Sort } from './useItems'

export interface Field<T> {
  id: string
  title: string
  numeric?: boolean
  oneLine?: (row: T) => boolean
  cell: (row: T) => ComponentChildren
}

/** A table whose heads sort and whose rows can be chosen, by mouse or keyboard. */
export function DataTable<T>({ label, fields, rows, keyOf, sort, onSort, chosen, onChoose, nameOf }: {
  label: string
  fields: Field<T>[]
  rows: T[]
  keyOf: (row: T) => string
  sort?: Sort | null
  onSort?: (sort: Sort) => void
  chosen?: string | null
  onChoose?: (row: T) => void
  nameOf?: (row: T) => string
}) {
  const { t } = useApp()
  const order = (field: Field<T>) => {
    if (!onSort || sort?.column !== field.id) return undefined
    return sort.descending ? 'descending' as const : 'ascending' as const
  }
  const mark = { ascending: ' ↑', descending: ' ↓' }
  return (
    <div class="scroll-x" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {fields.map((field) => {
              const sorted = order(field)
              return (
                <th key={field.id} scope="col" class={field.numeric ? 'r' : undefined} aria-sort={sorted}>
                  {onSort
                    ? (
                      <button type="button" title={t.analyst.sortBy(field.title)} onClick={() => onSort({ column: field.id, descending: sorted ? sorted === 'ascending' : field.numeric === true })}>
                        {field.title}{sorted && mark[sorted]}
                      </button>
                    )
                    : field.title}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row)
            const here = key === chosen
            return (
              <tr key={key} class={here ? 'sel' : undefined} aria-current={here ? 'true' : undefined} onClick={onChoose && (() => onChoose(row))}>
                {fields.map((field, i) => (
                  <td key={field.id} class={field.numeric ? 'r' : field.oneLine?.(row) ? 'one-line' : undefined}>
                    {i === 0 && onChoose
                      ? <button type="button" class="rowbtn" aria-label={nameOf?.(row)}>{field.cell(row)}</button>
                      : field.cell(row)}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
