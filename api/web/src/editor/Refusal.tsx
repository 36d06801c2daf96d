import type { Problem } from '../api/request'
import { Trouble } from '../app/states'
import { useEditor } from './context'
import { placeOf } from './Desk'

/** Why the server will not do it, where, and what to do instead; `soft` while the drawing goes on. */
export function Refusal({ problem, soft }: { problem: Problem; soft: boolean }) {
  const { desk, w } = useEditor()
  const { detail, where, todo } = problem.body
  if (problem.status <= 0 || problem.status === 401 || problem.status >= 500) return <Trouble problem={problem} />
  const at = placeOf(problem)
  return (
    <div class={soft ? 'note' : 'note bad'} role={soft ? undefined : 'alert'}>
      <div class="small">{w.refused}</div>
      <b>{detail}</b>
      {where && <div class="small">{w.where}: {where}</div>}
      {todo && <div>{todo}</div>}
      {at && <button type="button" class="btn small-btn" onClick={() => desk.board?.map.fly({ lon: at[0], lat: at[1] }, 13)}>{w.show}</button>}
    </div>
  )
}
