import { useEffect } from 'preact/hooks'
import { filtering, equals } from '../api/filter'
import { items, responsibility, topics } from '../api/gisgrid'
import { useApp, useMapClick } from '../app/context'
import { Answered } from '../app/states'
import { useQuery } from '../app/useQuery'
import { GridList } from './GridList'
import { OutsideCard } from './OutsideCard'
import { ResponsibilityCard } from './ResponsibilityCard'

/** Who is responsible here: the answer, or how to ask. */
export function PublicPanel({ mapFailed }: { mapFailed: boolean }) {
  const { route, go, t, lang, map, layers, mark } = useApp()
  const { place, topic } = route
  useMapClick(({ lon, lat }) => go({ place: { lon, lat } }))

  const known = useQuery('topics', topics)
  const answer = useQuery(
    place && `who ${place.lon} ${place.lat} ${topic ?? ''} ${lang}`,
    (signal) => responsibility(place!.lon, place!.lat, topic, signal),
  )
  const finest = answer.value?.chain[0]?.uid ?? null
  useEffect(() => {
    if (place) map?.reveal(place)
  }, [map, place?.lon, place?.lat])
  useEffect(() => {
    const grids = layers.find((layer) => layer.group === 'grids' && layer.columns.some((each) => each.name === 'level'))
    if (!finest || !grids) return mark({ selected: null })
    const abort = new AbortController()
    items(grids, { limit: 1, ...filtering([equals('uid', finest)]) }, abort.signal)
      .then((page) => mark({ selected: page.features[0] ?? null }))
      .catch(() => {}) // the answer stands without its outline
    return () => abort.abort()
  }, [finest, layers])

  const again = () => go({ place: null })
  return (
    <div class="body" onKeyDown={(event) => event.key === 'Escape' && place && again()}>
      {(mapFailed || route.list) && (
        <div class="row">
          {mapFailed
            ? <div class="note info" role="status">{t.public.noMap}</div>
            : <button type="button" class="btn" onClick={() => go({ list: false })}>{t.public.showMap}</button>}
        </div>
      )}
      <div aria-live="polite" aria-busy={answer.loading}>
        {place && (
          <Answered of={answer} rows={7}>
            {(found) => found.inside
              ? <ResponsibilityCard found={found} topics={known.value ?? []} />
              : <OutsideCard found={found} />}
          </Answered>
        )}
      </div>
      {place && <button type="button" class="link noprint" onClick={again}>{t.public.again}</button>}
      {!place && (
        <div class="welcome">
          <h1>{t.public.title}</h1>
          <p>{t.public.intro}</p>
          {!route.list && !mapFailed && (
            <button type="button" class="btn" onClick={() => go({ list: true })}>{t.public.gridList}</button>
          )}
        </div>
      )}
      {(mapFailed || route.list || !place) && <GridList />}
    </div>
  )
}
