import { useEffect, useState } from 'preact/hooks'
import { useQuery, type Answer } from '../app/useQuery'

/** An answer that stays while it is asked for again, so that the list does not vanish under a dialog. */
export function useKept<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): { answer: Answer<T>; again: () => void } {
  const [round, setRound] = useState(0)
  const answer = useQuery(`${key} ${round}`, ask)
  const [last, setLast] = useState<{ key: string; value: T } | null>(null)
  useEffect(() => {
    if (answer.value !== null) setLast({ key, value: answer.value })
  }, [answer.value])
  const value = answer.value ?? (last?.key === key ? last.value : null)
  return { answer: { ...answer, value, loading: answer.loading && value === null }, again: () => setRound((n) => n + 1) }
}
