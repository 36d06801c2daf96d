/** Which findings an edit brings and which it solves: the same land counts as the same, whatever its number or neighbours. */
import type { DraftFinding, Edit } from '../api/drafts.types'
import { boxOf } from './shapes'

/** About a metre. */
const near_deg = 1e-5
const near_m = 0.5

const areAlike = (a: DraftFinding, b: DraftFinding) =>
  a.kind === b.kind
  && Math.abs(a.area_m2 - b.area_m2) <= Math.max(1, a.area_m2 / 1000)
  && Math.abs(a.width_m - b.width_m) <= near_m
  && boxOf(a.geometry).every((each, i) => Math.abs(each - boxOf(b.geometry)[i]!) <= near_deg)

export function differing({ findings: { before, after } }: Pick<Edit, 'findings'>): { fresh: DraftFinding[]; solved: DraftFinding[] } {
  const solved = [...before]
  const fresh = after.filter((each) => {
    const was = solved.findIndex((other) => areAlike(each, other))
    if (was >= 0) solved.splice(was, 1)
    return was < 0
  })
  return { fresh, solved }
}
