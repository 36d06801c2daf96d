import { useCallback, useEffect, useRef } from 'preact/hooks'
import { filtering, equals } from '../api/filter'
import { items, responsibility, topics } from '../api/gisgrid'
import { useApp, useMapClick } from '../app/context'
import { Answered } from '../app/states'
import { useQuery } from '../app/useQuery'
import { boundsOf } from '../map/geometry'
import { isGridsOfAllLevels } from '../map/roles'
import { GridList } from './GridList'
import { OutsideCard } from './OutsideCard'
import { ResponsibilityCard } from './ResponsibilityCard'

/** Who is responsible here: the answer, or how to ask. */
export function PublicPanel({ mapFailed }: { mapFailed: boolean }) {
  const { route, go, t, lang, map, layers, mark, drawn } = useApp()
  const { place, topic } = route
  /** Whoever clicked sees the place already; whoever searched or followed a link is brought there. */
  const clicked = useRef<string | null>(null)
  useMapClick(({ lon, lat }) => {
    clicked.current = `${lon} ${lat}`
    go({ place: { lon, lat } })
  })

  const body = useRef<HTMLDivElement>(null)
  useEffect(() => body.current?.scrollTo({ top: 0 }), [place])

  const known = useQuery('topics', topics)
  const answer = useQuery(
    place && `who ${place.lon} ${place.lat} ${topic ?? ''} ${lang}`,
    (signal) => responsibility(place!.lon, place!.lat, topic, signal),
  )
  // A link from before the list of topics changed still names a place.
  const staleTopic = answer.problem?.body.where === 'topic'
  useEffect(() => {
    if (staleTopic) go({ topic: null })
  }, [staleTopic])
  const finest = answer.value?.chain[0]?.uid ?? null
  useEffect(() => {
    if (place && clicked.current === `${place.lon} ${place.lat}`) map?.reveal(place)
  }, [map, place?.lon, place?.lat])
  useEffect(() => {
    const grids = layers.find(isGridsOfAllLevels)
    if (!finest || !grids) return mark({ selected: null })
    const abort = new AbortController()
    items(grids, { limit: 1, ...filtering([equals('uid', finest)]) }, abort.signal)
      .then(({ features: [grid] }) => {
        mark({ selected: grid ?? null })
        if (grid?.geometry && place && clicked.current !== `${place.lon} ${place.lat}`) map?.fit(boundsOf(grid.geometry), 13)
      })
      .catch(() => {}) // the answer stands without its outline
    return () => abort.abort()
  }, [finest, layers, map])
  useEffect(() => {
    if (answer.value && !answer.value.inside) map?.fly(answer.value, 11)
  }, [answer.value, map])

  const again = useCallback(() => go({ place: null }), [])
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      const elsewhere = event.target instanceof HTMLElement && event.target.closest('input, select, dialog, .switcher, .account')
      if (event.key === 'Escape' && !elsewhere) again()
    }
    addEventListener('keydown', escape)
    return () => removeEventListener('keydown', escape)
  }, [])
  return (
    <div class="body" ref={body}>
      {(mapFailed || route.list) && (
        <div class="row">
          {mapFailed
            ? <div class="note info" role="status">{t.public.noMap}</div>
            : <button type="button" class="btn" onClick={() => go({ list: false })}>{t.public.showMap}</button>}
        </div>
      )}
      <div aria-live="polite" aria-busy={answer.loading}>
        {place && !staleTopic && (
          <Answered of={answer} rows={7}>
            {(found) => found.inside
              ? <ResponsibilityCard found={found} topics={known.value ?? []} onClear={again} />
              : <OutsideCard found={found} onClear={again} />}
          </Answered>
        )}
      </div>
      {place && !answer.value && <h2 class="visually-hidden">{t.public.title}</h2>}
      {place && answer.problem && !staleTopic && <button type="button" class="btn" onClick={again}>{t.public.again}</button>}
      {!place && (
        <div class="welcome">
          <h2 class="title">{t.public.title}</h2>
          <p>{t.public.intro}</p>
          {!route.list && !mapFailed && (
            <button type="button" class="link" onClick={() => go({ list: true })}>{t.public.gridList}</button>
          )}
        </div>
      )}
      {(mapFailed || route.list || !place) && <GridList wait={!mapFailed && !route.list && !drawn} />}
    </div>
  )
}
