import type { HistoryEntry } from '../api/drafts.types'
import { useApp } from '../app/context'
import { Empty, Skeleton, Trouble } from '../app/states'
import { time, useEditor } from './context'
import { Decisions } from './Decisions'

/** Who changed what and when; a click goes there. */
export function HistoryTab() {
  const { say, map } = useApp()
  const { desk, w, mayEdit } = useEditor()
  const { history, problem, busy } = desk.ledger
  const show = (entry: HistoryEntry) => {
    if (entry.bounds) map?.fit(entry.bounds)
    desk.uids = entry.touched.filter((uid) => desk.store.get(uid)).slice(0, 4)
    desk.set({})
  }
  return (
    <>
      {mayEdit && (
        <div class="row tight-row">
          <button type="button" class="btn" disabled={busy || !history?.can_undo} onClick={() => void desk.turn('undone')}>{w.undo} <kbd aria-hidden="true">Ctrl Z</kbd></button>
          <button type="button" class="btn" disabled={busy || !history?.can_redo} onClick={() => void desk.turn('redone')}>{w.redo} <kbd aria-hidden="true">⇧ Ctrl Z</kbd></button>
        </div>
      )}
      <Decisions />
      <h3>{w.history.title}</h3>
      {problem && !history && <Trouble problem={problem} retry={() => void desk.ledger.load()} />}
      {!history && !problem && <Skeleton />}
      {history?.edits.length === 0 && <Empty what={w.history.none} todo={w.history.noneTodo} />}
      <ol class="history">
        {history?.edits.map((each) => (
          <li key={each.number} class={each.state}>
            <button type="button" onClick={() => show(each)}>
              <b>{say(each.summary)}</b>
              <span class="small">
                #{each.number} · {w.history.at(each.by ?? '', each.at ? time(each.at) : '')}
                {each.state === 'undone' && <em>{w.history.undone}</em>}
                {each.state === 'dropped' && <em>{w.history.dropped}</em>}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
