/** What every part of the page may know. */
import { createContext, type RefObject } from 'preact'
import { useContext, useEffect, useLayoutEffect } from 'preact/hooks'
import type { Query } from '../api/request'
import type { Feature, Layer, Said, Session, Site } from '../api/types'
import type { Lang, Messages } from '../i18n'
import type { Click, MapController } from '../map/MapController'
import type { Place, Route } from './route'

export interface Ring extends Place {
  radius_m: number
}
export interface MapPoint extends Place {
  id: string
  name: string
}

/** What the panel shows on the map beside the layers. */
export interface Marks {
  selected: Feature | null
  ring: Ring | null
  points: MapPoint[]
}
/** What the table beside the map is narrowed to; `query` is empty where it lists all. */
export interface Narrowed {
  layers: string[]
  query: Query
}

export const noMarks: Marks = { selected: null, ring: null, points: [] }

export interface App {
  lang: Lang
  t: Messages
  say: (text: Said | null | undefined) => string
  site: Site
  /** Ask again what holds: it was published. */
  renewSite: () => void
  session: Session
  setSession: (session: Session) => void
  /** Ask who is there, over whatever is open. */
  logIn: () => void
  route: Route
  go: (change: Partial<Route>) => void
  layers: Layer[]
  visible: ReadonlySet<string>
  toggleLayer: (id: string, on: boolean) => void
  marks: Marks
  mark: (change: Partial<Marks>) => void
  narrowed: Narrowed | null
  setNarrowed: (narrowed: Narrowed | null) => void
  map: MapController | null
  clicks: RefObject<((click: Click) => void) | null>
  narrow: boolean
  /** There is no map to be seen: it failed, or only the list is wanted. */
  mapless: boolean
  /** The map has shown its first picture. */
  drawn: boolean
}

export const AppContext = createContext<App>(null as never)
export const useApp = () => useContext(AppContext)

/** Tell the download what the table lists. */
export function useNarrowed(layers: string[], query: Query): void {
  const { setNarrowed } = useApp()
  useEffect(() => {
    setNarrowed({ layers, query })
    return () => setNarrowed(null)
  }, [JSON.stringify([layers, query])])
}

/** Answer clicks on the map as long as the component is there. */
export function useMapClick(handler: (click: Click) => void): void {
  const { clicks } = useApp()
  // Before the next click, not after the next picture: drawing may take long.
  useLayoutEffect(() => {
    clicks.current = handler
    return () => {
      if (clicks.current === handler) clicks.current = null
    }
  })
}
