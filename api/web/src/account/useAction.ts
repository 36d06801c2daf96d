import { useState } from 'preact/hooks'
import { Problem } from '../api/request'

/** Do something on the server once at a time, and keep what it said when it would not. */
export function useAction(): { busy: boolean; problem: Problem | null; act: (work: () => Promise<void>) => Promise<void> } {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const act = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(null)
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, act }
}
