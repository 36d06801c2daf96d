import type { Responsibility } from '../api/types'
import { useApp } from '../app/context'
import { coordinates, spoken } from '../app/format'
import { Icon } from '../app/icons'
import { PrintedFoot } from './PrintedFoot'
import { ShareRow } from './ShareRow'

const dial = (phone: string) => `tel:${phone.replaceAll(/[^\d+]/g, '')}`

/** Nobody is responsible: say so, name the nearest grid, and what to do. */
export function OutsideCard({ found, onClear }: { found: Responsibility; onClear: () => void }) {
  const { t } = useApp()
  const { nearest, hotline } = found
  return (
    <article aria-label={t.public.outside}>
      <h2 class="title">{t.public.outside}</h2>
      <p class="small">{coordinates(found.lon, found.lat)}</p>
      <div class="note bad-soft">{found.gap?.kind === 'gap' ? t.public.gapWhy : t.public.outsideWhy}</div>
      <section class="who first" aria-label={t.public.hotline}>
        <div class="lv" aria-hidden="true"><Icon name="phone" /></div>
        <div class="n">{t.public.hotline}</div>
        <div class="small">{t.public.outsideTodo(hotline)}</div>
        <a class="tel" href={dial(hotline)} aria-label={t.public.callHotline(hotline)}>{hotline}</a>
      </section>
      {nearest && (
        <>
          <h3>{t.public.nearest}</h3>
          <section class="who" aria-label={nearest.name}>
            <div class="lv" aria-hidden="true">{t.public.level(nearest.level)}</div>
            <div class="n">{nearest.name}</div>
            <div class="small">{t.public.away(spoken(nearest.distance_m, t))}</div>
            {nearest.duty_phone && <a class="tel" href={dial(nearest.duty_phone)} aria-label={t.public.call(nearest.name, nearest.duty_phone)}>{nearest.duty_phone}</a>}
          </section>
        </>
      )}
      <ShareRow onClear={onClear} />
      <PrintedFoot />
    </article>
  )
}
