/** CQL2 JSON filters. JSON, because a quote in a name can then break nothing. */

export type Filter = { op: string; args: unknown[] }

export const equals = (property: string, value: string | number): Filter => ({ op: '=', args: [{ property }, value] })

/** Any of the text columns contains the words. */
export const contains = (properties: string[], words: string): Filter =>
  any(properties.map((property) => ({ op: 'like', args: [{ property }, `%${words}%`] })))

const any = (filters: Filter[]): Filter => (filters.length === 1 ? filters[0]! : { op: 'or', args: filters })

/** The query parameters for all of the filters together; none when there are none. */
export function filtering(filters: (Filter | null)[]): { filter?: string; 'filter-lang'?: string } {
  const given = filters.filter((each) => each !== null)
  if (given.length === 0) return {}
  const all = given.length === 1 ? given[0] : { op: 'and', args: given }
  return { filter: JSON.stringify(all), 'filter-lang': 'cql2-json' }
}
