import { useState } from 'preact/hooks'
import { equals, filtering } from '../api/filter'
import { items } from '../api/gisgrid'
import { useApp } from '../app/context'
import { boundsOf } from '../map/geometry'
import { isGridsOfAllLevels } from '../map/roles'

/** Choose a grid by its id: outlined and flown to. */
export function useGrid(): { uid: string | null; choose: (uid: string) => void } {
  const { layers, mark, map } = useApp()
  const [uid, setUid] = useState<string | null>(null)
  const grids = layers.find(isGridsOfAllLevels)
  const choose = (wanted: string) => {
    setUid(wanted)
    if (!grids) return
    items(grids, { limit: 1, ...filtering([equals('uid', wanted)]) }).then(
      ({ features: [grid] }) => {
        mark({ selected: grid ?? null })
        if (grid?.geometry) map?.fit(boundsOf(grid.geometry))
      },
      () => mark({ selected: null }),
    )
  }
  return { uid, choose }
}
