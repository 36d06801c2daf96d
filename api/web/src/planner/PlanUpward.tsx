import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Problem } from '../api/request'
import type { PlanId } from '../api/upward'
import { Skeleton, Trouble } from '../app/states'

type UpwardType = ComponentType<{ plan: PlanId; shown: 'filings' | 'letters' }>

/** The filings or letters of a plan; the script is fetched when they are wanted. */
export function PlanUpward({ plan, shown }: { plan: PlanId; shown: 'filings' | 'letters' }) {
  const [found, setFound] = useState<{ Upward: UpwardType | null; failed: boolean }>({ Upward: null, failed: false })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    import('../upward/Upward').then((script) => setFound({ Upward: script.default, failed: false }), () => setFound({ Upward: null, failed: true }))
  }, [attempt])
  if (found.failed) return <Trouble problem={new Problem(0, {})} retry={() => setAttempt((n) => n + 1)} />
  return found.Upward ? <found.Upward plan={plan} shown={shown} /> : <Skeleton rows={6} />
}
