/** Which groups of layers a screen shows at first: one question a screen. */
import type { Group, Layer } from '../api/types'

const scenes: Record<string, Group[]> = {
  public: ['grids', 'sources'],
  planner: ['grids', 'coverage', 'sources'],
  'analyst/coverage': ['grids', 'coverage'],
  'analyst/uncovered': ['grids', 'coverage'],
  'analyst/surroundings': ['grids', 'sources'],
  'analyst/responsibility': ['grids', 'responsibility'],
  'analyst/workload': ['grids', 'workload'],
}

export function shownAtFirst(scene: string, layer: Layer, layers: Layer[]): boolean {
  if (scene === 'public' && layer.audience !== 'public') return false
  if (!scenes[scene]?.includes(layer.group)) return false
  if (scene === 'analyst/responsibility' && layer.group === 'responsibility') return layer.audience === 'internal'
  // The other layers of sources draw the same points again, for a closer look.
  return layer.group !== 'sources' || layer === layers.find((each) => each.group === 'sources')
}
