import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { plans } from '../api/gisgrid'
import type { Plan } from '../api/types'
import { useApp } from '../app/context'
import { Answered, Empty, Skeleton } from '../app/states'
import { useQuery } from '../app/useQuery'
import { PlanList } from './PlanList'
import { PlanView } from './PlanView'

type EditorType = ComponentType<{ plan: Plan; plans: Plan[]; onPlans: (said?: string) => void }>

/** The editor is fetched when a draft is opened: nobody else waits for it. */
function useEditorScript(wanted: boolean): { Editor: EditorType | null; failed: boolean } {
  const [found, setFound] = useState<{ Editor: EditorType | null; failed: boolean }>({ Editor: null, failed: false })
  useEffect(() => {
    if (!wanted || found.Editor) return
    import('../editor/Editor').then((script) => setFound({ Editor: script.default, failed: false }), () => setFound({ Editor: null, failed: true }))
  }, [wanted])
  return found
}

const isOpen = (plan: Plan) => plan.state === 'draft' || plan.state === 'in_review'

/** The plans one may see, and what each divides and leaves open; a draft opens in the editor. */
export function PlannerPanel() {
  const { t, lang, route } = useApp()
  const [round, setRound] = useState(0)
  const answer = useQuery(`plans ${lang} ${round}`, plans)
  const [last, setLast] = useState<Plan[] | null>(null)
  useEffect(() => {
    if (answer.value) setLast(answer.value)
  }, [answer.value])
  const all = answer.value ?? last
  const chosen = all?.find((plan) => String(plan.id) === route.plan)
  const { Editor, failed } = useEditorScript(chosen !== undefined && isOpen(chosen))
  const [done, setDone] = useState<{ plan: string | null; said: string } | null>(null)
  const again = (said?: string) => {
    setDone(said ? { plan: route.plan, said } : null)
    setRound((n) => n + 1)
  }
  const said = done && done.plan === route.plan && <p class="note info" role="status">{done.said}</p>
  if (all && chosen && isOpen(chosen) && !failed) {
    return Editor ? <Editor key={chosen.id} plan={chosen} plans={all} onPlans={again} /> : <div class="body"><Skeleton rows={5} /></div>
  }
  return (
    <div class="body">
      {said}
      {chosen
        ? <PlanView key={chosen.id} plan={chosen} plans={all ?? []} onPlans={again} />
        : (
          <Answered of={answer} rows={5}>
            {(found) => (
              <>
                <h2 class="title">{t.planner.title}</h2>
                {found.length > 0 ? <PlanList plans={found} /> : <Empty what={t.planner.none} todo={t.planner.noneTodo} />}
              </>
            )}
          </Answered>
        )}
    </div>
  )
}
