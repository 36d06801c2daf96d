import { useCallback, useEffect, useState } from 'preact/hooks'
import { Problem } from '../api/request'

export interface Answer<T> {
  value: T | null
  problem: Problem | null
  loading: boolean
  retry: () => void
}

const firstWait = 1500
const longestWait = 8000

/** Ask whenever `key` changes; null asks nothing. While the service recovers, ask again by itself. */
export function useQuery<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; problem: Problem | null }>({
    key: null, value: null, problem: null,
  })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (key === null) return
    const abort = new AbortController()
    let timer = 0
    let wait = firstWait
    const run = () =>
      ask(abort.signal).then(
        (value) => abort.signal.aborted || setState({ key, value, problem: null }),
        (error: unknown) => {
          if (abort.signal.aborted) return
          const problem = error instanceof Problem ? error : new Problem(-1, { detail: String(error) })
          setState((before) => ({ key, value: before.key === key ? before.value : null, problem }))
          if (problem.recovering) timer = window.setTimeout(run, wait)
          wait = Math.min(wait * 2, longestWait)
        },
      )
    void run()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [key, attempt])
  const retry = useCallback(() => setAttempt((n) => n + 1), [])
  const current = state.key === key
  return {
    value: current ? state.value : null,
    problem: current ? state.problem : null,
    loading: key !== null && !(current && (state.value !== null || state.problem !== null)),
    retry,
  }
}
