import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Plan } from '../api/types'
import type { EditorWords } from '../i18n/editor.zh'
import type { Desk } from './Desk'

export type EditorTab = 'edit' | 'checks' | 'history' | 'compare' | 'comments' | 'suggest' | 'more'
/** Those that the server answers so far. */
export const tabs: readonly EditorTab[] = ['edit', 'checks', 'history', 'compare', 'comments', 'suggest', 'more']

export interface Editing {
  desk: Desk
  w: EditorWords
  plan: Plan
  /** What it is compared with: the plan in force, or the one that it revised. */
  former: Plan['base']
  mayEdit: boolean
  mayDecide: boolean
  tab: EditorTab
  setTab: (tab: EditorTab) => void
  /** Every click adds to the choice: for fingers, which have no Shift key. */
  several: boolean
  setSeveral: (several: boolean) => void
  /** Grows with every edit, so that what depends on the draft is asked for again. */
  version: string
  /** The plan has changed its state; what to say of it. */
  reload: (said?: string) => void
}

export const EditorContext = createContext<Editing>(null as never)
export const useEditor = () => useContext(EditorContext)

export { time } from '../app/format'
