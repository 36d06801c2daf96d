/** How rows of layers are named, keyed and shown, from what the catalogue says of their columns. */
import type { Column, Layer, Value } from '../api/types'
import { cell } from '../app/format'
import { say, type Lang, type Messages } from '../i18n'
import type { Row } from './useItems'

export const keyOf = (row: Row) => `${row.layer.id}/${row.feature.id}`

const pairs = /_en$/
/** What tells a row apart but answers nothing stands last. */
const identifying = new Set(['uid', 'code', 'finding_id', 'level_name', 'level_name_en'])

/** The columns for the page's language: where a text comes in both, only the fitting one. */
export function columnsOf(layer: Layer, lang: Lang): Column[] {
  const names = new Set(layer.columns.map((column) => column.name))
  const fitting = layer.columns.filter(({ name }) =>
    lang === 'zh' ? !(pairs.test(name) && names.has(name.replace(pairs, ''))) : !names.has(`${name}_en`))
  const place = ({ name }: Column) => (name === 'name' ? 0 : identifying.has(name) ? 2 : 1)
  return fitting.toSorted((a, b) => place(a) - place(b))
}

export function shown(row: Row, column: Column, lang: Lang, t: Messages): string {
  const value: Value | undefined = row.feature.properties[column.name]
  const words = typeof value === 'string' ? column.words?.[value] : undefined
  return words ? say(lang, words) : cell(value, column, t)
}

/** "胡家镇 61%、林场 39%" names two neighbours. */
export const neighbourNames = (text: Value | undefined): string[] =>
  typeof text === 'string' ? text.split('、').map((each) => each.replace(/\s*[\d.]+\s*%$/, '')) : []

export function nameOf(row: Row, lang: Lang): string {
  const { name, owner_names, neighbours, parent_name } = row.feature.properties
  const text = name || owner_names || neighbourNames(neighbours).slice(0, 2).join('—') || parent_name
  return text ? String(text) : `${say(lang, row.layer.title)} ${row.feature.id}`
}
