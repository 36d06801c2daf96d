import type { ChainGrid } from '../api/types'
import { useApp } from '../app/context'
import { day } from '../app/format'
import { Icon } from '../app/icons'

/** Everyone else on duty for the grid, for whoever wants another number. */
function Staff({ grid }: { grid: ChainGrid }) {
  const { t } = useApp()
  if (grid.staff.length === 0) return null
  return (
    <details class="staff noprint">
      <summary>{t.public.staff(grid.staff_count)}</summary>
      <ul>
        {grid.staff.map((post, i) => (
          <li key={i}>
            <span>{post.title} {post.vacant ? <b class="vac">{t.public.vacant}</b> : post.person}</span>
            {post.duty_phone && <a href={`tel:${post.duty_phone.replaceAll(/[^\d+]/g, '')}`}>{post.duty_phone}</a>}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** One level of the chain: who it is, who answers for it, and the number to call. */
export function ChainCard({ grid, first, hotline, badge }: { grid: ChainGrid; first: boolean; hotline: string; badge?: string }) {
  const { t, say } = useApp()
  const post = grid.first_responsible
  const name = grid.body ?? grid.name
  const phone = grid.duty_phone ?? post?.duty_phone ?? (grid.level === 1 ? hotline : null)
  const verified = grid.verified_on ?? post?.verified_on ?? null
  return (
    <section class={first ? 'who first' : 'who'} aria-label={name}>
      <div class="lv" title={say(grid.level_name)} aria-hidden="true">{badge ?? t.public.level(grid.level)}</div>
      <div class="n">{name}</div>
      <div class="small">
        {t.public.first}{t.colon}
        {post ? <>{post.title} {post.vacant ? <b class="vac">{t.public.vacant}</b> : <span class="whole">{post.person}</span>}</> : <b class="vac">{t.public.vacant}</b>}
        <br />
        <span class="whole">{verified ? t.public.verified(day(verified)) : t.public.unverified}</span>
        {first && grid.indicative && <span class="whole"> · {t.public.indicative}</span>}
        {grid.staff_count === 0 && <b class="vac whole"> · {t.public.noStaff}</b>}
      </div>
      {phone
        ? (
          <a class="tel" href={`tel:${phone.replaceAll(/[^\d+]/g, '')}`} aria-label={t.public.call(name, phone)}>
            <Icon name="phone" />{phone}
          </a>
        )
        : <span class="small tel-none">{t.public.noPhone}</span>}
      <Staff grid={grid} />
    </section>
  )
}
