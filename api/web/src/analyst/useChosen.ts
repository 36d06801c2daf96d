import { useEffect, useState } from 'preact/hooks'
import { item } from '../api/gisgrid'
import { useApp, useMapClick } from '../app/context'
import { boundsOf } from '../map/geometry'
import { keyOf } from './rows'
import type { Row } from './useItems'

/** The row chosen in a table or clicked on the map: lit in both, and flown to when it comes from the table. */
export function useChosen(ids: string[]): { chosen: Row | null; choose: (row: Row | null) => void } {
  const { mark, map, layers } = useApp()
  const [chosen, setChosen] = useState<Row | null>(null)
  useEffect(() => mark({ selected: chosen?.feature ?? null }), [chosen && keyOf(chosen)])
  const choose = (row: Row | null) => {
    setChosen(row)
    const geometry = row?.feature.geometry
    if (!geometry || !map) return
    if (geometry.type === 'Point') {
      const [lon, lat] = geometry.coordinates as [number, number]
      map.fly({ lon, lat }, 14)
    } else map.fit(boundsOf(geometry))
  }
  useMapClick(({ hits }) => {
    const hit = hits.find((each) => ids.includes(each.layer) && each.id !== undefined)
    const layer = layers.find((each) => each.id === hit?.layer)
    if (!hit || !layer) return setChosen(null)
    item(layer, hit.id!).then((feature) => setChosen({ layer, feature }), () => setChosen(null))
  })
  return { chosen, choose }
}
