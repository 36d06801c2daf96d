/** The drawing desk: tool, chosen grids, what is drawn, and what the server says it would do. */
import * as drafts from '../api/drafts'
import type { Edit, EditedGrid, Grid, Operation, Position } from '../api/drafts.types'
import { Problem } from '../api/request'
import type { Plan, Text } from '../api/types'
import type { MapController } from '../map/MapController'
import { Board } from './Board'
import type { Drawn } from './Drawing'
import { GridStore } from './GridStore'
import { Ledger } from './Ledger'
import { around, boxOf, nine, same, sharedBoundary } from './shapes'
import { defaults, isMissing, needs, operationOf, type Missing, type Moved, type Options, type Tool } from './tools'

/** A pause in drawing after which the server is asked. */
const pause = 60

export interface Outcome {
  operation: Operation | null
  missing: Missing | null
  edit: Edit | null
  problem: Problem | null
  asking: boolean
  took_ms: number | null
}
const nothing: Outcome = { operation: null, missing: null, edit: null, problem: null, asking: false, took_ms: null }

export interface Toast {
  text: string | Text
  how: 'done' | 'undone' | 'redone' | 'said' | 'bad'
}

export class Desk {
  tool: Tool = 'select'
  uids: string[] = []
  drawn: Drawn | null = null
  moved: Moved | null = null
  /** The boundary that was there to be bent. */
  private bent: Position[] | null = null
  options: Options = defaults
  outcome: Outcome = nothing
  tracing = false
  /** The next click on the map is for somebody else: a comment's place. */
  picking: ((at: Position) => void) | null = null
  toast: Toast | null = null
  readonly store: GridStore
  readonly former: GridStore | null
  readonly ledger: Ledger
  board: Board | null = null
  private timer = 0
  private inFlight = false
  private again = false
  private round = 0

  constructor(readonly plan: Plan, login: string, readonly mayEdit: boolean, private readonly onChange: () => void, onCourse: () => void) {
    this.store = new GridStore(plan.id, () => this.gridsChanged())
    this.former = plan.base === null ? null : new GridStore(plan.base, () => this.haunt())
    this.ledger = new Ledger(plan.id, plan.state, login, {
      onChange,
      onCourse,
      onEdit: (edit, how) => this.edited(edit, how),
      onStale: () => void this.refresh(),
      onOthers: (by, what) => this.say({ text: { zh: `${by.zh}：${what.zh}`, en: `${by.en}: ${what.en}` }, how: 'said' }),
    })
  }

  /** Spread the desk on a map. */
  async attach(map: MapController, label: (grid: EditedGrid) => string): Promise<void> {
    this.board = await Board.on(map, this, label)
    this.draw()
    void this.look()
  }

  detach(): void {
    this.board?.dispose()
    this.board = null
  }

  dispose(): void {
    clearTimeout(this.timer)
    this.detach()
    this.ledger.dispose()
  }

  /** A line is on the board other than the one that was there to be bent. */
  private get isDrawn(): boolean {
    return this.drawn !== null && JSON.stringify(this.drawn.coordinates) !== JSON.stringify(this.bent)
  }

  /** Something is on the board that would be lost if the draft changed now. */
  get isUnsaved(): boolean {
    return this.isDrawn || this.moved !== null || (this.drawn === null && this.outcome.operation !== null)
  }

  /** Enter would do something. */
  get isUnderWay(): boolean {
    return this.isUnsaved || this.outcome.operation !== null
  }

  get chosen(): Grid[] {
    return this.uids.map((uid) => this.store.get(uid)).filter((each) => each !== undefined)
  }

  /** The etags of the holders whose members an edit changes, as they were when it was drawn. */
  private etags(edit: Edit): string[] {
    return Object.entries(edit.holders).map(([uid, version]) => this.store.get(uid)?.properties.etag ?? `"${uid}:${version}"`)
  }

  async look(): Promise<void> {
    const bounds = this.board?.bounds
    if (!bounds) return
    await Promise.all([this.store.look(bounds), this.former?.look(bounds)])
  }

  /** The former outline of what the draft has changed. */
  private haunt(): void {
    if (!this.former || this.store.loading) return
    const same = (grid: Grid) => JSON.stringify(this.store.get(grid.properties.uid)?.geometry) === JSON.stringify(grid.geometry)
    this.board?.setGhost(this.former.all.filter((each) => !same(each)))
  }

  private gridsChanged(): void {
    this.haunt()
    this.uids = this.uids.filter((uid) => this.store.loading || this.store.get(uid))
    this.board?.setGrids(this.store)
    this.draw()
    this.onChange()
  }

  async refresh(): Promise<void> {
    this.board?.renewTiles()
    await this.store.refresh()
    this.reconsider()
  }

  private draw(): void {
    this.board?.setChosen(this.chosen, this.outcome.edit)
  }

  // -- choosing ---------------------------------------------------------------------------------------------

  use(tool: Tool): void {
    if (!this.mayEdit && tool !== 'select') return
    this.board?.clearPull()
    this.moved = null
    this.tracing = false
    this.tool = tool
    const [, most] = needs[tool].grids
    if (this.uids.length > most) this.uids = this.uids.slice(0, most)
    this.options = { ...defaults, kind: this.options.kind, supervising: this.options.supervising }
    this.start()
  }

  /** Begin to draw where the tool draws and all is chosen. */
  start(): void {
    const { input, grids: [least] } = needs[this.tool]
    this.moved = null
    this.drawn = null
    this.board?.setPulling(input === 'vertex')
    const ready = this.chosen.length >= least
    this.bent = null
    if ((input === 'line' || input === 'area') && ready) {
      const shared = this.tool === 'boundary' ? sharedBoundary(this.chosen[0]!, this.chosen[1]!) : null
      if (shared) {
        this.bent = shared.map(nine)
        this.board?.bend(shared)
      } else this.board?.begin()
    } else this.board?.clearDrawing()
    this.outcome = nothing
    this.consider()
  }

  /** Draw a line anew in place of the one to be bent. */
  redraw(): void {
    this.drawn = null
    this.bent = null
    this.board?.begin()
    this.consider()
  }

  /** Give the next click on the map to somebody else; null takes that back. */
  pick(take: ((at: Position) => void) | null): void {
    this.picking = take
    this.onChange()
  }

  click(at: Position, more: boolean): void {
    if (this.picking) {
      const take = this.picking
      this.pick(null)
      take(at)
      return
    }
    if (this.tracing) {
      void this.traceTo(at)
      return
    }
    if (this.board?.isDrawing || this.drawn || needs[this.tool].input === 'vertex') return
    const here = this.store.at(at)
    // Again on the same place: the next coarser grid under it.
    const one = here.find((each) => each.properties.uid === this.uids.at(-1))
    const next = one && !more ? here[(here.indexOf(one) + 1) % here.length] : here[0]
    this.choose(next?.properties.uid ?? null, more)
  }

  choose(uid: string | null, more = false): void {
    const [, most] = needs[this.tool].grids
    const several = more || (this.tool !== 'select' && most > 1)
    if (!uid) this.uids = several ? this.uids : []
    else if (!several) this.uids = [uid]
    else this.uids = this.uids.includes(uid) ? this.uids.filter((each) => each !== uid) : [...this.uids, uid].slice(-most)
    this.options = { ...this.options, changes: {}, parent: '', to: '', into: '' }
    this.draw()
    if (this.tool === 'select') this.onChange()
    else this.start()
  }

  set(change: Partial<Options>): void {
    this.options = { ...this.options, ...change }
    this.consider()
  }

  // -- drawing ----------------------------------------------------------------------------------------------

  drew(drawn: Drawn | null): void {
    if (drawn === null && this.drawn === null) return
    this.drawn = drawn
    this.board?.setRing(needs[this.tool].input === 'area' ? drawn : null)
    this.consider()
  }

  pulled(moved: Moved | null): void {
    this.moved = moved
    this.consider()
  }

  trace(on: boolean): void {
    this.tracing = on && this.drawn !== null && !this.drawn.finished
    this.board?.setTracing(this.tracing)
    this.onChange()
  }

  private async traceTo(at: Position): Promise<void> {
    this.trace(false)
    const from = this.drawn?.coordinates.at(-1)
    if (!from) return
    try {
      const holder = this.chosen[0]?.properties.holder_uid ?? null
      const { geometry } = await drafts.trace(this.plan.id, from, this.board?.caught(at) ?? at, holder)
      this.board?.append(geometry.coordinates.filter((each, i) => i > 0 || !same(each, from)))
    } catch (error) {
      this.fail(error)
    }
  }

  /** Leave what is under way: the trace, the drawing, the tool or what is proposed, the choice, in this order. */
  cancel(): void {
    if (this.picking) this.picking = null
    else if (this.tracing) this.trace(false)
    else if (this.isDrawn || this.moved) {
      this.moved = null
      this.board?.clearPull()
      this.start()
    } else if (this.tool !== 'select' || this.outcome.operation) this.use('select')
    else this.uids = []
    this.draw()
    this.onChange()
  }

  /** Leave the tool and all that is under way with it. */
  cancelAll(): void {
    this.picking = null
    this.use('select')
  }

  // -- what it would do -------------------------------------------------------------------------------------

  /** Ask what the edit under way would do, a moment after the last change; one question at a time. */
  consider(): void {
    const next = operationOf({ ...this.described, store: this.store })
    if (isMissing(next)) {
      this.round++
      clearTimeout(this.timer)
      this.outcome = { ...nothing, missing: next }
      this.board?.setOutcome(null)
      this.board?.setRefused(null)
    } else {
      this.outcome = { ...this.outcome, operation: next, missing: null, asking: true }
      clearTimeout(this.timer)
      this.timer = window.setTimeout(() => void this.ask(), pause)
    }
    this.draw()
    this.onChange()
  }

  private get described() {
    return { tool: this.tool, chosen: this.chosen, drawn: this.drawn, moved: this.moved, options: this.options }
  }

  /** Show what an operation would do that was not drawn by hand: a suggestion, a repair, an edit offered again. */
  propose(operation: Operation): void {
    this.use('select')
    this.outcome = { ...nothing, operation, asking: true }
    void this.ask()
  }

  /** Ask anew what is under way would do, now that the draft or the session is another one. */
  private reconsider(): void {
    if (this.tool === 'select' && this.outcome.operation) this.propose(this.outcome.operation)
    else this.consider()
  }

  private async ask(): Promise<void> {
    if (this.inFlight) {
      this.again = true
      return
    }
    const { operation } = this.outcome
    if (!operation) return
    this.inFlight = true
    const round = ++this.round
    const from = performance.now()
    let edit: Edit | null = null
    let problem: Problem | null = null
    try {
      edit = await drafts.edits.preview(this.plan.id, operation)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem = error
    }
    this.inFlight = false
    if (round === this.round) {
      const current = this.outcome.operation === operation
      this.outcome = { ...this.outcome, edit, problem, asking: !current, took_ms: performance.now() - from }
      this.board?.setOutcome(edit)
      this.board?.setRefused(problem && placeOf(problem))
      this.draw()
      this.onChange()
    }
    if (this.again) {
      this.again = false
      void this.ask()
    }
  }

  get canConfirm(): boolean {
    const { edit, asking } = this.outcome
    const drawing = this.drawn !== null && !this.drawn.finished
    return edit !== null && !asking && !drawing && !this.ledger.busy && this.ledger.unsent === null && this.ledger.conflict === null
  }

  /** Enter: end the line, then do what was shown. */
  async confirm(): Promise<void> {
    if (this.drawn && !this.drawn.finished) {
      this.board?.finish()
      return
    }
    const { operation, edit } = this.outcome
    if (!this.canConfirm || !operation || !edit) return
    try {
      if (await this.ledger.save(operation, this.etags(edit), edit.summary)) return
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // That one must log in is told with the edit that waits for it.
      if (!this.ledger.isLoggedOut) this.outcome = { ...this.outcome, problem: error, asking: false }
      this.board?.setRefused(placeOf(error))
    }
    this.onChange()
  }

  private edited(edit: Edit, how: 'done' | 'undone' | 'redone'): void {
    this.outcome = nothing
    this.moved = null
    this.drawn = null
    this.board?.clearPull()
    this.board?.setOutcome(null)
    this.board?.setRefused(null)
    this.board?.setRing(null)
    this.board?.clearDrawing()
    this.tool = 'select'
    this.board?.setPulling(false)
    this.store.apply(edit)
    void this.store.refresh()
    this.uids = how === 'done' ? [...edit.added, ...edit.changed].map((each) => each.properties.uid).slice(0, 1) : []
    this.board?.renewTiles()
    this.say({ text: edit.summary, how })
    this.draw()
    this.onChange()
  }

  /** Take back or make again: first what is not saved yet, and never a saved edit in its stead. */
  async turn(how: 'undone' | 'redone'): Promise<void> {
    if (this.ledger.busy) return
    if (this.isUnsaved) {
      if (how === 'redone') return
      if (this.board?.isDrawing && this.drawn) this.board.back()
      else this.cancel()
      return
    }
    try {
      await this.ledger.turn(how)
    } catch (error) {
      this.fail(error)
    }
  }

  async send(): Promise<void> {
    try {
      await this.ledger.send()
    } catch (error) {
      this.fail(error)
    }
  }

  /** Somebody has logged in again. */
  async resume(): Promise<void> {
    try {
      await this.ledger.resume()
      if (this.outcome.operation) this.reconsider()
    } catch (error) {
      this.fail(error)
    }
  }

  fail(error: unknown): void {
    if (!(error instanceof Problem)) throw error
    this.say({ text: error.message, how: 'bad' })
  }

  say(toast: Toast | null): void {
    this.toast = toast
    this.onChange()
  }

  // -- the map ----------------------------------------------------------------------------------------------

  fit(grids: { geometry: { type: string; coordinates: unknown } }[]): void {
    const box = around(grids.map((each) => boxOf(each.geometry)))
    if (box) this.board?.map.fit(box)
  }
}

/** Where something was refused, as far as it is told. */
export function placeOf({ body }: Problem): Position | null {
  if (body.lon !== undefined && body.lat !== undefined) return [body.lon, body.lat]
  const told = /(-?\d{1,3}\.\d+)°?\s*E?[,，\s]+(-?\d{1,2}\.\d+)/.exec(body.where ?? '')
  return told ? [Number(told[1]), Number(told[2])] : null
}
