/** Numbers as people read them: with units, few digits, thin spaces between thousands. */
import type { Column, Value } from '../api/types'
import type { Lang, Messages } from '../i18n'

const digits = (places: number) =>
  new Intl.NumberFormat('en', { maximumFractionDigits: places, minimumFractionDigits: places, useGrouping: true })
const grouped = (text: string) => text.replaceAll(',', '\u2009')

export const count = (n: number) => grouped(digits(0).format(n))
export const decimal = (n: number, places: number) => grouped(digits(places).format(n))

export function area(m2: number, t: Messages): string {
  if (m2 >= 1e7) return `${decimal(m2 / 1e6, 1)} ${t.units.km2}`
  if (m2 >= 1e5) return `${decimal(m2 / 1e6, 2)} ${t.units.km2}`
  return `${m2 < 1 ? decimal(m2, 2) : count(m2)} ${t.units.m2}`
}

export function metres(m: number, t: Messages): string {
  if (m >= 10_000) return `${decimal(m / 1000, 0)} ${t.units.km}`
  if (m >= 1000) return `${decimal(m / 1000, 1).replace(/\.0$/, '')} ${t.units.km}`
  if (m > 0 && m < 0.2) return `${decimal(m * 100, 1)} ${t.units.cm}`
  return m < 10 && !Number.isInteger(m) ? `${decimal(m, 1)} ${t.units.m}` : `${count(m)} ${t.units.m}`
}

/** A distance in a sentence: 38 米, 38 m. */
export function spoken(m: number, t: Messages): string {
  return m >= 1000 ? `${decimal(m / 1000, m >= 100_000 ? 0 : 1).replace(/\.0$/, '')} ${t.units.kilometres}` : `${count(m)} ${t.units.metres}`
}

export const day = (iso: string) => iso.slice(0, 10)

/** The calendar date where the reader is. */
export function today(): string {
  const now = new Date()
  return day(new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString())
}

/** "08:15", or the day as well when it was another. */
export function time(iso: string | Date): string {
  const at = new Date(iso)
  const clock = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  if (at.toDateString() === new Date().toDateString()) return clock
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')} ${clock}`
}

/** A value of a table's column, with its unit. */
export function cell(value: Value | undefined, column: Column, t: Messages): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return value ? t.yes : t.no
  if (typeof value === 'number') {
    if (column.unit === 'm²') return area(value, t)
    if (column.unit === 'm') return metres(value, t)
    return column.type === 'integer' ? count(value) : decimal(value, Number.isInteger(value) ? 0 : 1)
  }
  if (column.type === 'date') return day(value)
  return t.codes[value] ?? value
}

export const isNumeric = (column: Column) => column.type === 'number' || column.type === 'integer'

export function coordinates(lon: number, lat: number): string {
  const part = (x: number, positive: string, negative: string) => `${Math.abs(x).toFixed(4)}°${x < 0 ? negative : positive}`
  return `${part(lon, 'E', 'W')} ${part(lat, 'N', 'S')}`
}

/** "盘锦市" stands as "盘锦" in front of the product's name. */
export const shortCity = (name: string, lang: Lang) => (lang === 'zh' ? name.replace(/[市县区]$/, '') : name.replace(/ (City|city)$/, ''))
