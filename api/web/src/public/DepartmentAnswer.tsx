import type { DutyHolder, Responsibility } from '../api/types'
import { useApp } from '../app/context'

/** One sentence: who leads on the topic, who guides, who assists, and which rule decided it. */
export function DepartmentAnswer({ found }: { found: Responsibility }) {
  const { t, say } = useApp()
  const topic = say(found.topic?.name)
  const nameOf = (holder: DutyHolder) => {
    const grid = holder.holder === 'grid' ? found.chain.find((each) => each.uid === holder.grid_uid) : undefined
    return grid?.body ?? grid?.name ?? say(holder.name)
  }
  const of = (role: DutyHolder['role']) => {
    const names = found.departments.filter((each) => each.role === role).map(nameOf)
    return [...new Set(names)].join(t.list)
  }
  const parts: [string, string, string][] = []
  if (of('lead')) parts.push(t.duties.lead(topic, of('lead')))
  if (of('guide')) parts.push(t.duties.guide(of('guide')))
  if (of('assist')) parts.push(t.duties.assist(of('assist')))
  const bases = [...new Set(found.departments.map((each) => each.basis).filter(Boolean))]
  return (
    <div class={found.departments_missing_lead ? 'note' : 'note info'}>
      {found.departments_missing_lead && <div>{t.public.missingLead(topic, found.hotline)}</div>}
      {parts.length > 0 && (
        <div>
          {parts.map(([before, who, after], i) => (
            <span key={i}>{i > 0 && t.duties.separator}{before}<b>{who}</b>{after}</span>
          ))}
          {t.duties.stop}
        </div>
      )}
      {found.transfer && (
        <div>
          {t.public.transfer(say(found.transfer.name), say(found.transfer.to.name), found.transfer.instead_of.map((each) => say(each.name)).join(t.list))}
        </div>
      )}
      {(found.transfer?.basis || bases.length > 0) && (
        <div class="small">{t.public.basis}{t.colon}{found.transfer?.basis ?? bases.join(t.list)}</div>
      )}
    </div>
  )
}
