/** An edit that was confirmed and has not been answered yet, kept on this device until it is. */
import type { Operation } from '../api/drafts.types'
import type { Text } from '../api/types'

export interface Unsent {
  operation: Operation
  etags: string[]
  summary: Text
  at: string
}

const keyOf = (plan: number | string, login: string) => `gisgrid.unsent.${login}.${plan}`

export function keep(plan: number | string, login: string, unsent: Unsent): void {
  try {
    localStorage.setItem(keyOf(plan, login), JSON.stringify(unsent))
  } catch {
    // Without storage it is kept as long as the page is open.
  }
}
export function drop(plan: number | string, login: string): void {
  try {
    localStorage.removeItem(keyOf(plan, login))
  } catch {
    // There was none.
  }
}
export function kept(plan: number | string, login: string): Unsent | null {
  try {
    const text = localStorage.getItem(keyOf(plan, login))
    const unsent = text ? (JSON.parse(text) as Partial<Unsent>) : null
    return unsent?.operation && unsent.etags && unsent.summary && unsent.at ? (unsent as Unsent) : null
  } catch {
    return null
  }
}
