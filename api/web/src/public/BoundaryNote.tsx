import type { Responsibility } from '../api/types'
import { useApp } from '../app/context'
import { spoken } from '../app/format'

const dial = (phone: string) => `tel:${phone.replaceAll(/[^\d+]/g, '')}`

/** Reports go astray near an invisible line and where two bodies claim a place, so either is said. */
export function BoundaryNote({ found }: { found: Responsibility }) {
  const { t, lang } = useApp()
  const { boundary, overlap, chain } = found
  const claimed = chain.find((grid) => grid.also_claimed_by.length > 0)
  const neighbour = boundary?.neighbour ?? null
  const phone = neighbour?.duty_phone && (
    <a href={dial(neighbour.duty_phone)} aria-label={t.public.call(neighbour.name, neighbour.duty_phone)}>{neighbour.duty_phone}</a>
  )
  if (overlap && claimed) {
    const others = claimed.also_claimed_by.map((grid) => grid.name).join(t.list)
    const own = claimed.duty_phone
    return (
      <div class="note" role="note">
        <b>{t.public.twoClaim(claimed.name, others)}</b> {t.public.twoClaimTodo}
        {own && <div>{claimed.name} <a href={dial(own)} aria-label={t.public.call(claimed.name, own)}>{own}</a></div>}
        {neighbour && phone && <div>{neighbour.name} {phone}</div>}
      </div>
    )
  }
  if (!boundary?.near) return null
  const parent = neighbour?.parent_name
  const bracketed = parent ? (lang === 'zh' ? `（${parent}）` : ` (${parent})`) : ''
  const side = boundary.direction && t.directions[boundary.direction]
  const beyond = () => {
    if (!neighbour) return side ? t.public.neighbourless(side) : t.public.confirm
    return side ? t.public.neighbour(side, neighbour.name + bracketed) : t.public.otherSide(neighbour.name + bracketed)
  }
  return (
    <div class="note" role="note">
      <b>{side ? t.public.near(spoken(boundary.distance_m, t)) : t.public.onLine}</b> {beyond()} {phone}
    </div>
  )
}
