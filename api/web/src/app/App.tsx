import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { AnalystPanel } from '../analyst/AnalystPanel'
import { LoginDialog } from '../account/LoginDialog'
import * as gisgrid from '../api/gisgrid'
import type { Layer, Session, Site } from '../api/types'
import { messages, say } from '../i18n'
import type { Click, MapController } from '../map/MapController'
import { MapPane } from '../map/MapPane'
import { isGridsOfAllLevels } from '../map/roles'
import { PlannerPanel } from '../planner/PlannerPanel'
import { PublicPanel } from '../public/PublicPanel'
import { Bar } from './Bar'
import { AppContext, noMarks, type App as Context, type Marks, type Narrowed } from './context'
import { shownAtFirst } from './defaults'
import { mayAnalyse, mayPlan } from './roles'
import type { Route } from './route'
import { Sheet } from './Sheet'
import { Trouble } from './states'
import { useNarrow } from './useNarrow'
import { useQuery } from './useQuery'

const nothing: Layer[] = []

export function App({ route, go, session, setSession, site, renewSite }: {
  route: Route
  go: (change: Partial<Route>) => void
  session: Session
  setSession: (session: Session) => void
  site: Site
  renewSite: () => void
}) {
  const { lang } = route
  const t = messages[lang]
  const [map, setMap] = useState<MapController | null>(null)
  const [mapFailed, setMapFailed] = useState(false)
  const [marks, setMarks] = useState<Marks>(noMarks)
  const [choices, setChoices] = useState<Record<string, Record<string, boolean>>>({})
  const clicks = useRef<((click: Click) => void) | null>(null)
  const narrow = useNarrow()
  const [loggingIn, setLoggingIn] = useState(false)

  const role = session.user?.role ?? null
  const view = (route.view === 'analyst' && !mayAnalyse(role)) || (route.view === 'planner' && !mayPlan(role)) ? 'public' : route.view
  const shown = useMemo(() => ({ ...route, view }), [route, view])

  const plan = view === 'planner' ? route.plan : null
  const catalogue = useQuery(`layers ${plan ?? ''} ${session.user?.login ?? ''}`, (signal) => gisgrid.layers(plan, signal))
  const layers = useLast(catalogue.value) ?? nothing

  // A plan may lie elsewhere than the one in force; before there is one, what there is lies anywhere.
  const known = catalogue.value ?? nothing
  const land = known.find(isGridsOfAllLevels)?.bounds ?? (site.plan ? null : known.find((layer) => layer.bounds)?.bounds) ?? null
  useEffect(() => {
    if (!map || !land) return
    const elsewhere = plan !== null || !site.plan
    map.setHome(elsewhere ? land : site.bounds)
    if (elsewhere) map.seek(land)
  }, [map, plan, land?.join()])

  const scene = view === 'analyst' ? `analyst/${route.tab}` : view
  const visible = useMemo(() => {
    const own = choices[scene] ?? {}
    return new Set(layers.filter((layer) => own[layer.id] ?? shownAtFirst(scene, layer, layers)).map((layer) => layer.id))
  }, [layers, scene, choices])
  const toggleLayer = useCallback(
    (id: string, on: boolean) => setChoices((before) => ({ ...before, [scene]: { ...before[scene], [id]: on } })),
    [scene],
  )
  const mark = useCallback((change: Partial<Marks>) => setMarks((before) => ({ ...before, ...change })), [])
  // At once, so that nothing is unmarked that a quick hand chose in the new tab.
  useLayoutEffect(() => setMarks(noMarks), [view, route.tab])

  const [narrowed, setNarrowed] = useState<Narrowed | null>(null)
  const [drawn, setDrawn] = useState(false)
  useEffect(() => {
    map?.map.once('idle', () => setDrawn(true))
  }, [map])

  const withoutMap = mapFailed || shown.list
  const context: Context = {
    lang, t, say: (text) => say(lang, text), site, renewSite, session, setSession, logIn: () => setLoggingIn(true), route: shown, go, layers, visible, toggleLayer,
    marks, mark, map, clicks, narrow, mapless: withoutMap, drawn, narrowed, setNarrowed,
  }
  return (
    <AppContext.Provider value={context}>
      <a class="skip" href="#panel" onClick={(event) => { event.preventDefault(); document.getElementById('panel')?.focus() }}>{t.skip}</a>
      <div class={`app ${view}${withoutMap ? ' mapless' : ''}`}>
        <Bar />
        <main class="main">
          <Sheet>
            {view === 'public' && <PublicPanel mapFailed={mapFailed} />}
            {view === 'analyst' && <AnalystPanel />}
            {view === 'planner' && <PlannerPanel />}
          </Sheet>
          {!withoutMap && <MapPane onReady={setMap} onFailure={() => setMapFailed(true)} />}
          {catalogue.problem && <div class="layers-problem"><Trouble problem={catalogue.problem} retry={catalogue.retry} /></div>}
        </main>
      </div>
      {loggingIn && <LoginDialog onClose={() => setLoggingIn(false)} />}
    </AppContext.Provider>
  )
}

/** The last answer there was, so that the map keeps its layers while others are asked for. */
function useLast<T>(value: T | null): T | null {
  const last = useRef<T | null>(null)
  if (value !== null) last.current = value
  return last.current
}
