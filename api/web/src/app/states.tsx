/** The states a part of the page can be in beside its answer: loading, failed, empty. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Problem } from '../api/request'
import type { Answer } from './useQuery'
import { useApp } from './context'

export function Skeleton({ rows = 4 }: { rows?: number }) {
  const { t } = useApp()
  return (
    <div class="skeleton" role="status" aria-label={t.loading}>
      {Array.from({ length: rows }, (_, row) => <i key={row} />)}
    </div>
  )
}

export function Trouble({ problem, retry, isLogin = false }: { problem: Problem; retry?: () => void; isLogin?: boolean }) {
  const { t, session, logIn } = useApp()
  const asked = useRef(session)
  useEffect(() => {
    if (problem.status === 401 && session !== asked.current) retry?.()
  }, [session])
  const expired = !isLogin && problem.status === 401 && session.user !== null
  const hopeful = problem.status <= 0 || problem.status >= 500 || problem.status === 429
  const { detail, where, todo, title } = problem.body
  // An address of the interfaces helps a programmer, not whoever asks here.
  const readable = todo && !/\/(api|ogc|tiles)\b/.test(todo) ? todo : null
  const lost = problem.status === 0
  return (
    <div class={problem.recovering ? 'note waiting' : 'note bad'} role="alert">
      <b>{lost ? t.problem.offline : (detail ?? title ?? t.problem.title)}</b>
      {where && session.user && !where.startsWith('/') && <div class="small">{where}</div>}
      {(readable || lost) && <div>{readable ?? t.problem.offlineTodo}</div>}
      {problem.recovering && <div class="recovering">{lost ? t.problem.again : t.problem.recovering}</div>}
      {expired && (
        <div>
          {t.account.expired}{' '}
          <button type="button" class="btn" onClick={logIn}>{t.account.login}</button>
        </div>
      )}
      {retry && hopeful && <button type="button" class="btn" onClick={retry}>{t.retry}</button>}
    </div>
  )
}

export function Empty({ what, todo }: { what: string; todo?: string }) {
  return (
    <div class="empty">
      <b>{what}</b>
      {todo && <div>{todo}</div>}
    </div>
  )
}

/** The answer when it is there, else what is known about its absence. */
export function Answered<T>({ of, rows, children }: { of: Answer<T>; rows?: number; children: (value: T) => ComponentChildren }) {
  return (
    <>
      {of.problem && <Trouble problem={of.problem} retry={of.retry} />}
      {of.value !== null ? children(of.value) : of.loading && <Skeleton rows={rows} />}
    </>
  )
}
