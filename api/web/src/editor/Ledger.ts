/** Saving edits, taking them back, and what happens when the server is away or somebody else was first. */
import * as drafts from '../api/drafts'
import type { Edit, History, Meanwhile, Operation } from '../api/drafts.types'
import { Problem } from '../api/request'
import type { PlanState, Text } from '../api/types'
import { drop, keep, kept, type Unsent } from './outbox'

export interface Conflict {
  unsent: Unsent
  meanwhile: Meanwhile[]
}
interface Told {
  onChange: () => void
  /** An edit is in the draft, by whatever way. */
  onEdit: (edit: Edit, how: 'done' | 'undone' | 'redone') => void
  /** The draft is another than the one shown. */
  onStale: () => void
  onOthers: (by: Text, what: Text) => void
  /** The last decision on the plan leaves it in another state than the one shown. */
  onCourse: () => void
}

const firstWait = 2000
const longestWait = 15_000
const lookEvery = 15_000
/** Why an answer is missing that may yet come. */
const mayPass = (problem: Problem) => problem.status === 0 || problem.status === 429 || problem.status >= 500
/** Where a plan stands after a decision. */
const after: Record<string, PlanState> = { submit: 'in_review', approve: 'in_review', return: 'draft', withdraw: 'draft', restore: 'draft', discard: 'discarded', publish: 'published' }
const elsewhere = { zh: '您（另一个窗口）', en: 'You (another window)' }
/** The server's clock and this device's may differ. */
const slack = 120_000

export class Ledger {
  history: History | null = null
  problem: Problem | null = null
  unsent: Unsent | null
  /** From an earlier visit: offered again, not sent by itself. */
  offered: boolean
  /** It was not taken because the session has ended. */
  isLoggedOut = false
  conflict: Conflict | null = null
  busy = false
  savedAt: Date | null = null
  private reachable = navigator.onLine
  private timer = 0
  private wait = firstWait
  private readonly watch: number
  private decided = ''
  /** The numbers of the edits made here, not in another window. */
  private readonly own = new Set<number | null>()

  constructor(readonly plan: number | string, private readonly state: PlanState, private readonly login: string, private readonly told: Told) {
    this.unsent = kept(plan, login)
    this.offered = this.unsent !== null
    addEventListener('online', this.online)
    addEventListener('offline', this.online)
    this.watch = window.setInterval(() => void this.look(), lookEvery)
    void this.load()
    void this.lookAtCourse()
  }

  get offline(): boolean {
    return !this.reachable
  }

  private reached(yes: boolean): void {
    if (this.reachable === yes) return
    this.reachable = yes
    this.told.onChange()
  }

  private online = () => {
    this.reached(navigator.onLine)
    if (navigator.onLine && this.unsent && !this.offered) void this.send()
    else if (navigator.onLine) void this.load()
  }

  async load(): Promise<void> {
    try {
      this.history = await drafts.edits.list(this.plan)
      this.problem = null
      this.reached(true)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (error.status === 0) this.reached(false)
      this.problem = error
    }
    this.told.onChange()
  }

  /** Has somebody else changed the draft? */
  private async look(): Promise<void> {
    if (this.busy || document.hidden) return
    await this.lookAtCourse()
    const known = this.history
    await this.load()
    const [before, latest] = [known?.edits[0], this.history?.edits[0]]
    if (!known || !latest || (before?.number === latest.number && before.state === latest.state)) return
    this.told.onStale()
    if (!latest.by || this.own.has(latest.number)) return
    this.told.onOthers(latest.by === this.login ? elsewhere : { zh: latest.by, en: latest.by }, latest.summary)
  }

  /** Has the plan been submitted, returned or published meanwhile? */
  private async lookAtCourse(): Promise<void> {
    let last
    try {
      last = (await drafts.review.decisions(this.plan)).at(-1)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return // it is asked again, and what is wrong is told with the edits
    }
    if (!last || after[last.action] === this.state || this.decided === last.at) return
    this.decided = last.at
    this.told.onCourse()
  }

  /** Save an edit. It is kept on this device until the server has answered. Whether it was saved. */
  async save(operation: Operation, etags: string[], summary: Text): Promise<boolean> {
    this.unsent = { operation, etags, summary, at: new Date().toISOString() }
    this.offered = false
    this.wait = firstWait
    keep(this.plan, this.login, this.unsent)
    return this.send()
  }

  /** Send what has not been sent; throws what the server refuses. */
  async send(): Promise<boolean> {
    const { unsent } = this
    if (!unsent || this.busy) return false
    clearTimeout(this.timer)
    this.busy = true
    this.told.onChange()
    try {
      const edit = await drafts.edits.apply(this.plan, unsent.operation, unsent.etags)
      this.own.add(edit.number)
      this.forget()
      this.conflict = null
      this.reached(true)
      this.savedAt = new Date()
      this.told.onEdit(edit, 'done')
      void this.load()
      return true
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return this.failed(error, unsent)
    } finally {
      this.busy = false
      this.told.onChange()
    }
  }

  private failed(problem: Problem, unsent: Unsent): boolean {
    if (problem.status === 412) return this.late(problem.body.changed ?? [], unsent)
    this.isLoggedOut = problem.status === 401
    if (this.isLoggedOut) throw problem
    if (!mayPass(problem)) {
      this.forget()
      throw problem
    }
    if (problem.status === 0) this.reached(false)
    this.offered = false
    this.timer = window.setTimeout(() => void this.send().catch(() => {}), this.wait)
    this.wait = Math.min(this.wait * 2, longestWait)
    return false
  }

  /** Somebody was first; or it was this very edit, whose answer was lost on the way. */
  private late(meanwhile: Meanwhile[], unsent: Unsent): boolean {
    this.forget()
    const since = new Date(unsent.at).getTime() - slack
    const own = meanwhile.some((each) => each.by === this.login && [unsent.summary.zh, unsent.summary.en].includes(typeof each.summary === 'string' ? each.summary : each.summary.zh) && new Date(each.at).getTime() >= since)
    if (!own) this.conflict = { unsent, meanwhile }
    else this.savedAt = new Date()
    this.told.onStale()
    void this.load()
    return own
  }

  /** Somebody has logged in again: what waited for that is sent. */
  async resume(): Promise<void> {
    if (this.unsent && this.isLoggedOut) await this.send()
    else await this.load()
  }

  forget(): void {
    clearTimeout(this.timer)
    this.unsent = null
    this.offered = false
    this.isLoggedOut = false
    drop(this.plan, this.login)
    this.told.onChange()
  }

  /** The other edit of a conflict was made by the same person, in another window. */
  get isOwnConflict(): boolean {
    return this.conflict !== null && this.conflict.meanwhile.length > 0 && this.conflict.meanwhile.every((each) => each.by === this.login)
  }

  settle(): void {
    this.conflict = null
    this.told.onChange()
  }

  /** Take back or make again; throws what the server refuses. */
  async turn(how: 'undone' | 'redone'): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.told.onChange()
    try {
      const edit = await (how === 'undone' ? drafts.edits.undo(this.plan) : drafts.edits.redo(this.plan))
      this.own.add(edit.number)
      this.savedAt = new Date()
      this.reached(true)
      this.told.onEdit(edit, how)
      await this.load()
    } catch (error) {
      if (error instanceof Problem && error.status === 0) this.reached(false)
      throw error
    } finally {
      this.busy = false
      this.told.onChange()
    }
  }

  dispose(): void {
    clearTimeout(this.timer)
    clearInterval(this.watch)
    removeEventListener('online', this.online)
    removeEventListener('offline', this.online)
  }
}
