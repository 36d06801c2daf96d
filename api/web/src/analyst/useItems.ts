/** Rows of one or several layers, page by page, sorted and filtered by the server. */
import { useRef, useState } from 'preact/hooks'
import { filtering, type Filter } from '../api/filter'
import { items } from '../api/gisgrid'
import type { Problem } from '../api/request'
import type { Bounds, Feature, Layer, Value } from '../api/types'
import { useQuery } from '../app/useQuery'

export interface Row {
  layer: Layer
  feature: Feature
}
export interface Sort {
  column: string
  descending: boolean
}
export interface Wanted {
  sort: Sort | null
  filters: (Filter | null)[]
  within?: Bounds | null
}
export interface Rows {
  rows: Row[]
  total: number
  loading: boolean
  problem: Problem | null
  more: (() => void) | null
  retry: () => void
}

const pageSize = 50
interface Page {
  rows: Row[]
  matched: number
}

const rank = (value: Value | undefined) => (value === null || value === undefined ? null : value)

/** Numbers by size, texts as their language sorts them, what is missing last either way. */
export function compare(a: Value | undefined, b: Value | undefined, descending: boolean): number {
  const [x, y] = [rank(a), rank(b)]
  if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
  const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), 'zh')
  return descending ? -order : order
}

function merge(pages: Page[], sort: Sort | null): Row[] {
  const rows = pages.flatMap((page) => page.rows)
  if (!sort) return rows
  const { column, descending } = sort
  return rows.sort((a, b) => compare(a.feature.properties[column], b.feature.properties[column], descending))
}

/** The query parameter for what lies inside a box. */
export const boxed = (within: Bounds | null | undefined) => (within ? { bbox: within.map((each) => each.toFixed(6)).join(',') } : {})

async function page(layers: Layer[], n: number, { sort, filters, within }: Wanted, signal: AbortSignal): Promise<Page> {
  const query = {
    limit: pageSize,
    offset: n * pageSize,
    ...boxed(within),
    sortby: sort && `${sort.descending ? '-' : '+'}${sort.column}`,
    ...filtering(filters),
  }
  const answers = await Promise.all(layers.map((layer) => items(layer, query, signal)))
  return {
    rows: answers.flatMap((answer, i) => answer.features.map((feature) => ({ layer: layers[i]!, feature }))),
    matched: answers.reduce((sum, answer) => sum + (answer.numberMatched ?? answer.features.length), 0),
  }
}

export function useItems(layers: Layer[], wanted: Wanted): Rows {
  const { sort, filters, within } = wanted
  const key = JSON.stringify([layers.map((layer) => layer.items), sort, filters, within])
  const [turned, setTurned] = useState({ key, n: 0 })
  const n = turned.key === key ? turned.n : 0
  const known = useRef<{ key: string; pages: Page[] }>({ key, pages: [] })
  if (known.current.key !== key) known.current = { key, pages: [] }
  const answer = useQuery(layers.length > 0 ? `${key} ${n}` : null, (signal) => page(layers, n, wanted, signal))
  if (answer.value) known.current.pages[n] = answer.value
  const { pages } = known.current
  const all = merge(pages.filter(Boolean), layers.length > 1 ? sort : null)
  const total = pages[0]?.matched ?? 0
  return {
    rows: all,
    total,
    loading: answer.loading,
    problem: answer.problem,
    more: !answer.loading && all.length < total ? () => setTurned({ key, n: n + 1 }) : null,
    retry: answer.retry,
  }
}
