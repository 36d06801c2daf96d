/** What goes between a grid and the one above it: filings and letters. Fetched when one of them is wanted. */
import type { PlanId } from '../api/upward'
import { FilingsView } from './FilingsView'
import { LettersView } from './LettersView'
import './upward.css'

export default function Upward({ plan, shown }: { plan: PlanId; shown: 'filings' | 'letters' }) {
  return shown === 'filings' ? <FilingsView plan={plan} /> : <LettersView plan={plan} />
}
