import { useEffect, useState } from 'preact/hooks'
import { contains, filtering } from '../api/filter'
import { items } from '../api/gisgrid'
import { useApp } from '../app/context'
import { Answered, Empty, Skeleton } from '../app/states'
import { useQuery } from '../app/useQuery'
import { boundsOf, insidePoint } from '../map/geometry'
import { isGridsOfAllLevels } from '../map/roles'

const most = 200

/** Every grid by name: the way in without a map, and with one it waits until that is drawn. */
export function GridList({ wait }: { wait: boolean }) {
  const { t, layers, go, map, lang, site } = useApp()
  const [text, setText] = useState('')
  const [words, setWords] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setWords(text.trim()), 200)
    return () => clearTimeout(timer)
  }, [text])
  const grids = layers.find(isGridsOfAllLevels)
  const answer = useQuery(grids && !wait ? `grids ${grids.items} ${words}` : null, (signal) =>
    items(grids!, { limit: most, sortby: '+level,+name', ...filtering([words ? contains(['name'], words) : null]) }, signal))
  if (!grids) return null
  return (
    <section aria-labelledby="all-grids">
      <h3 id="all-grids">{t.public.allGrids}</h3>
      <input class="field" type="search" aria-label={t.public.filterGrids} placeholder={t.public.filterGrids} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      {wait && <Skeleton rows={8} />}
      <Answered of={answer} rows={8}>
        {(page) => page.features.length === 0
          ? <Empty what={site.plan ? t.public.noGrids : t.noPlan} />
          : (
            <ul class="gridlist">
              {page.features.map((grid) => {
                const at = grid.geometry && insidePoint(grid.geometry)
                return at && (
                  <li key={grid.id}>
                    <button
                      type="button"
                      onClick={() => {
                        go({ place: { lon: at[0], lat: at[1] } })
                        map?.fit(boundsOf(grid.geometry!))
                      }}
                    >
                      <b>{grid.properties.name}</b>
                      <span>{[lang === 'en' ? (grid.properties.level_name_en ?? grid.properties.level_name) : grid.properties.level_name, grid.properties.parent_name].filter(Boolean).join(' · ')}</span>
                    </button>
                  </li>
                )
              })}
            </ul>
          )}
      </Answered>
    </section>
  )
}
