import { plans } from '../api/gisgrid'
import { useApp } from '../app/context'
import { Answered, Empty } from '../app/states'
import { useQuery } from '../app/useQuery'
import { PlanList } from './PlanList'
import { PlanView } from './PlanView'

/** The plans one may see, and what each divides and leaves open. */
export function PlannerPanel() {
  const { t, lang, route } = useApp()
  const answer = useQuery(`plans ${lang}`, plans)
  return (
    <div class="body">
      <Answered of={answer} rows={5}>
        {(all) => {
          const chosen = all.find((plan) => String(plan.id) === route.plan)
          if (chosen) return <PlanView key={chosen.id} plan={chosen} />
          return (
            <>
              <h2 class="title">{t.planner.title}</h2>
              {all.length > 0 ? <PlanList plans={all} /> : <Empty what={t.planner.none} todo={t.planner.noneTodo} />}
            </>
          )
        }}
      </Answered>
    </div>
  )
}
