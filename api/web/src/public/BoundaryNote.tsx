import type { Boundary } from '../api/types'
import { useApp } from '../app/context'
import { spoken } from '../app/format'

/** Reports go astray near an invisible line, so it is said when one is near. */
export function BoundaryNote({ boundary }: { boundary: Boundary }) {
  const { t, lang } = useApp()
  const { neighbour } = boundary
  const side = t.directions[boundary.direction]
  const bracketed = neighbour?.parent_name ? (lang === 'zh' ? `（${neighbour.parent_name}）` : ` (${neighbour.parent_name})`) : ''
  return (
    <div class="note" role="note">
      <b>{t.public.near(spoken(boundary.distance_m, t))}</b>{' '}
      {neighbour ? t.public.neighbour(side, neighbour.name + bracketed) : t.public.neighbourless(side)}
      {neighbour?.duty_phone && (
        <> <a href={`tel:${neighbour.duty_phone.replaceAll(/[^\d+]/g, '')}`} aria-label={t.public.call(neighbour.name, neighbour.duty_phone)}>{neighbour.duty_phone}</a></>
      )}
    </div>
  )
}
