import type { ComponentChildren } from 'preact'
import { useApp } from '../app/context'
import { Icon } from '../app/icons'
import { columnsOf, nameOf, shown } from './rows'
import type { Row } from './useItems'

/** All that is known of the chosen row. */
export function Details({ row, onClose, children }: { row: Row; onClose: () => void; children?: ComponentChildren }) {
  const { lang, t, say } = useApp()
  const columns = columnsOf(row.layer, lang).filter((column) => {
    const value = row.feature.properties[column.name]
    return column.name !== 'name' && value !== null && value !== undefined && value !== ''
  })
  return (
    <section class="note info details" aria-label={t.analyst.details} aria-live="polite">
      <button type="button" class="iconbtn corner" aria-label={t.close} onClick={onClose}><Icon name="close" /></button>
      <b>{nameOf(row, lang)}</b>
      <dl>
        {columns.map((column) => [<dt key={column.name}>{say(column.title)}</dt>, <dd key={`${column.name} value`}>{shown(row, column, lang, t)}</dd>])}
      </dl>
      {children}
    </section>
  )
}
