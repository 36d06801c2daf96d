import * as drafts from '../api/drafts'
import { useApp } from '../app/context'
import { useQuery } from '../app/useQuery'
import { time, useEditor } from './context'

function useDecisions() {
  const { lang } = useApp()
  const { plan } = useEditor()
  return useQuery(`decisions ${plan.id} ${plan.state} ${plan.updated_at} ${lang}`, (signal) => drafts.review.decisions(plan.id, signal)).value ?? []
}

/** Who handed in, gave back, approved, and what they said. */
export function Decisions() {
  const { w } = useEditor()
  const decisions = useDecisions()
  if (decisions.length === 0) return null
  return (
    <>
      <h3>{w.decide.decisions}</h3>
      <ul class="plain">
        {decisions.map((each, i) => <li key={i}>{w.decide.actions[each.action] ?? each.action} <span class="small">{each.by} · {time(each.at)}</span>{each.note && <div>{each.note}</div>}</li>)}
      </ul>
    </>
  )
}

/** At the head of a draft that was given back: by whom, when, and what is to be changed. */
export function Returned() {
  const { w, plan } = useEditor()
  const last = useDecisions().at(-1)
  if (plan.state !== 'draft' || last?.action !== 'return') return null
  return <div class="note returned" role="status"><b>{w.decide.givenBack(last.by, time(last.at))}</b><div>{last.note}</div></div>
}
