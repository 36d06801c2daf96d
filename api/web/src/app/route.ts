/** What the address holds, so that a link opens the same place, topic, tab and language. */
import { useCallback, useLayoutEffect, useState } from 'preact/hooks'
import { firstLanguage, type Lang } from '../i18n'

export const views = ['public', 'analyst', 'planner'] as const
export type View = (typeof views)[number]
export const tabs = ['coverage', 'uncovered', 'surroundings', 'responsibility', 'workload'] as const
export type Tab = (typeof tabs)[number]
/** What is shown of a plan. */
export const planParts = ['findings', 'grids', 'filings', 'letters'] as const
export type PlanPart = (typeof planParts)[number]

export interface Place {
  lon: number
  lat: number
}
export interface Route {
  view: View
  tab: Tab
  lang: Lang
  place: Place | null
  topic: string | null
  plan: string | null
  part: PlanPart | null
  list: boolean
}

const oneOf = <T extends string>(all: readonly T[], given: string | null, otherwise: T): T =>
  all.find((each) => each === given) ?? otherwise

function placeOf(parameters: URLSearchParams): Place | null {
  const [lon, lat] = [parameters.get('lon'), parameters.get('lat')]
  if (!lon || !lat || !Number.isFinite(Number(lon)) || !Number.isFinite(Number(lat))) return null
  return { lon: Number(lon), lat: Number(lat) }
}

export function parse(hash: string): Route {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  return {
    view: oneOf(views, parameters.get('view'), 'public'),
    tab: oneOf(tabs, parameters.get('tab'), 'coverage'),
    lang: oneOf(['zh', 'en'] as const, parameters.get('lang'), firstLanguage()),
    place: placeOf(parameters),
    topic: parameters.get('topic'),
    plan: parameters.get('plan'),
    part: planParts.find((each) => each === parameters.get('part')) ?? null,
    list: parameters.get('list') === '1',
  }
}

export function write(route: Route): string {
  const parameters = new URLSearchParams()
  if (route.place) {
    parameters.set('lon', route.place.lon.toFixed(6))
    parameters.set('lat', route.place.lat.toFixed(6))
  }
  if (route.topic) parameters.set('topic', route.topic)
  if (route.view !== 'public') parameters.set('view', route.view)
  if (route.view === 'analyst') parameters.set('tab', route.tab)
  if (route.view === 'planner' && route.plan) parameters.set('plan', route.plan)
  if (route.view === 'planner' && route.plan && route.part) parameters.set('part', route.part)
  if (route.list) parameters.set('list', '1')
  parameters.set('lang', route.lang)
  return `#${parameters}`
}

export function useRoute(): [Route, (change: Partial<Route>) => void] {
  const [route, setRoute] = useState(() => parse(location.hash))
  // At once: between the first paint and a mere effect an address could change unheard.
  useLayoutEffect(() => {
    const read = () => setRoute(parse(location.hash))
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  const go = useCallback((change: Partial<Route>) => {
    setRoute((before) => {
      const after = { ...before, ...change }
      const moves = change.view !== undefined || change.tab !== undefined || change.plan !== undefined || change.part !== undefined
      if (write(after) !== location.hash) history[moves ? 'pushState' : 'replaceState'](null, '', write(after))
      return after
    })
  }, [])
  return [route, go]
}
