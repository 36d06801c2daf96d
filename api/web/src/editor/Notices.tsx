import { useEffect } from 'preact/hooks'
import { useApp } from '../app/context'
import { Icon } from '../app/icons'
import { time, useEditor } from './context'

const staysFor_ms = 8000

/** What was just done, with the way back; told to screen readers as well. */
export function Toasts() {
  const { say, t } = useApp()
  const { desk, w } = useEditor()
  const { toast } = desk
  useEffect(() => {
    if (!toast) return
    const timer = setTimeout(() => desk.say(null), staysFor_ms)
    return () => clearTimeout(timer)
  }, [toast])
  const what = toast ? say(toast.text) : ''
  const text = toast && { done: w.done, undone: String, redone: w.redone, said: String, bad: String }[toast.how](what)
  return (
    <div class="edit-toasts" role="status" aria-live="polite">
      {toast && (
        <div class={toast.how === 'bad' ? 'edit-toast bad-toast' : 'edit-toast'}>
          <span>{text}</span>
          {toast.how === 'done' && <button type="button" class="btn small-btn" onClick={() => void desk.turn('undone')}>{w.undo}</button>}
          <button type="button" class="iconbtn" aria-label={t.close} onClick={() => desk.say(null)}><Icon name="close" /></button>
        </div>
      )}
    </div>
  )
}

/** What stands over the map while something is not as usual. */
export function Offline() {
  const { desk, w } = useEditor()
  const { ledger, store, picking } = desk
  return (
    <div class="edit-state">
      {ledger.offline && <div class="edit-badge warn" role="status"><b>{w.offline}</b> {w.offlineHint}</div>}
      {store.tooMany && <div class="edit-badge" role="status">{w.zoomIn}</div>}
      {picking && <div class="edit-badge" role="status">{w.comments.hint}</div>}
    </div>
  )
}

/** An edit that is not saved yet, and one that somebody else's came before. */
export function Conflicts() {
  const { say, t, logIn } = useApp()
  const { desk, w, setTab } = useEditor()
  const { unsent, offered, isLoggedOut, conflict } = desk.ledger
  return (
    <>
      {unsent && (
        <div class="note" role="alert">
          <b>{w.unsent.title(say(unsent.summary))}</b>
          <div>{isLoggedOut ? w.unsent.loggedOut : offered ? w.unsent.offered(time(unsent.at)) : w.unsent.waiting}</div>
          <div class="row tight-row">
            {isLoggedOut
              ? <button type="button" class="btn p small-btn" onClick={logIn}>{t.account.login}</button>
              : <button type="button" class="btn p small-btn" disabled={desk.ledger.busy} onClick={() => void desk.send()}>{w.unsent.retry}</button>}
            <button type="button" class="btn small-btn" onClick={() => desk.ledger.forget()}>{w.unsent.drop}</button>
          </div>
        </div>
      )}
      {conflict && (
        <div class="note bad" role="alert">
          <b>{desk.ledger.isOwnConflict ? w.conflict.ownTitle : w.conflict.title}</b>
          <div>{w.conflict.about}</div>
          <ul class="plain">
            {conflict.meanwhile.map((each) => <li key={each.number}>{say(each.summary)} <span class="small">{w.conflict.row(each.by, time(each.at))}</span></li>)}
          </ul>
          <div class="row tight-row">
            <button
              type="button" class="btn p small-btn"
              onClick={() => {
                const { operation } = conflict.unsent
                desk.ledger.settle()
                setTab('edit')
                desk.propose(operation)
              }}
            >
              {w.conflict.look}
            </button>
            <button type="button" class="btn small-btn" onClick={() => { desk.ledger.settle(); desk.cancelAll() }}>{w.conflict.drop}</button>
          </div>
        </div>
      )}
    </>
  )
}
