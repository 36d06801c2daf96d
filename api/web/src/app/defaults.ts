/** Which groups of layers a screen shows at first: one question a screen. */
import type { Group, Layer } from '../api/types'

const scenes: Record<string, Group[]> = {
  public: ['grids', 'sources'],
  planner: ['grids', 'coverage'],
  'analyst/coverage': ['grids', 'coverage'],
  'analyst/uncovered': ['grids', 'coverage'],
  'analyst/surroundings': ['grids', 'sources'],
  'analyst/responsibility': ['grids', 'responsibility'],
  'analyst/workload': ['grids', 'workload'],
}

export function shownAtFirst(scene: string, layer: Layer): boolean {
  if (scene === 'public' && layer.audience !== 'public') return false
  return scenes[scene]?.includes(layer.group) ?? false
}
