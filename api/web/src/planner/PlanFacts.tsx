import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { count, day, time } from '../app/format'

/** When a plan holds, how many grids it has a level, and what the check found. */
export function PlanFacts({ plan }: { plan: Plan }) {
  const { t, site, say } = useApp()
  const levels = Object.entries(plan.grids).map(([level, n]) => {
    const name = site.levels.find((each) => String(each.level) === level)?.name
    return `${name ? say(name) : t.public.level(Number(level))} ${count(n)}`
  })
  const isDraft = plan.state === 'draft' || plan.state === 'discarded'
  const changed = plan.edited
    ? t.planner.edited(plan.edited.by, time(plan.edited.at))
    : isDraft ? t.planner.neverEdited(day(plan.created_at)) : t.planner.updated(day(plan.updated_at))
  const findings = Object.entries(plan.findings).filter(([, n]) => n > 0)
  return (
    <span class="facts">
      <span class="small">
        {plan.valid_from ? t.since(day(plan.valid_from)) : t.planner.openEnded}
        {plan.valid_to && ` ${t.until(day(plan.valid_to))}`} · {changed}
      </span>
      <span class="small">{levels.join(' · ')}</span>
      <span class="small">
        {findings.length > 0
          ? findings.map(([kind, n]) => <span key={kind} class="finding"><i class={`sw fill kind-${kind}`} />{t.analyst.kinds[kind] ?? kind} {count(n)}</span>)
          : t.planner.noFindings}
      </span>
    </span>
  )
}
