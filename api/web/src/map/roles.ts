import type { Layer } from '../api/types'

/** The catalogue's layer of the administrative grids, whatever it is called. */
export const isGridsOfAllLevels = (layer: Layer) => layer.group === 'grids' && layer.columns.some((each) => each.name === 'level')
