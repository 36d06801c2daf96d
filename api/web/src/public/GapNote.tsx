import type { Responsibility } from '../api/types'
import { useApp } from '../app/context'
import { spoken } from '../app/format'

/** Nobody has this place at a level that divides the land around it: worth reporting, and to whom. */
export function GapNote({ found }: { found: Responsibility }) {
  const { t, say, site } = useApp()
  const { gap, nearest, chain } = found
  if (gap?.kind !== 'gap') return null
  const level = say(site.levels.find((each) => each.level === gap.level)?.name)
  return (
    <div class="note bad-soft" role="note">
      <b>{t.public.gapHere(level)}</b> {chain[0] && t.public.gapOwner(chain[0].name)}
      {nearest && (
        <div>
          {t.public.nearest}{t.colon}{nearest.name}{t.duties.separator}{t.public.away(spoken(nearest.distance_m, t))}
          {nearest.duty_phone && <> <a href={`tel:${nearest.duty_phone.replaceAll(/[^\d+]/g, '')}`} aria-label={t.public.call(nearest.name, nearest.duty_phone)}>{nearest.duty_phone}</a></>}
        </div>
      )}
    </div>
  )
}
