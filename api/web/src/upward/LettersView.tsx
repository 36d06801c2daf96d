import { useState } from 'preact/hooks'
import { DataTable } from '../analyst/DataTable'
import { Choices, useWords } from '../analyst/Filters'
import { letters, type PlanId } from '../api/upward'
import type { LetterPair, LetterState } from '../api/upward.types'
import { useApp } from '../app/context'
import { count, day } from '../app/format'
import { Icon } from '../app/icons'
import { Answered, Empty } from '../app/states'
import { LetterDialog } from './LetterDialog'
import { useKept } from './useKept'
import { useWordsOf } from './words'

const states: readonly LetterState[] = ['missing', 'expired', 'handed_on', 'signed']
type Shown = 'all' | LetterState

/** Every parent and child of the plan, and the letter between them: missing ones first. */
export function LettersView({ plan }: { plan: PlanId }) {
  const { lang, narrow } = useApp()
  const w = useWordsOf().letters
  const { answer, again } = useKept(`letters ${plan}`, (signal) => letters.list(plan, signal))
  const [shown, setShown] = useState<Shown>('all')
  const [upper, setUpper] = useState('')
  const [open, setOpen] = useState<string | null>(null)
  const { words, box } = useWords()
  const done = () => {
    setOpen(null)
    again()
  }
  return (
    <Answered of={answer} rows={6}>
      {({ counts, letters: all }) => {
        if (all.length === 0) return <Empty what={w.empty} todo={w.emptyTodo} />
        const under = upper ? all.filter((each) => each.upper.grid.uid === upper) : all
        const rows = under.filter((each) => (shown === 'all' || each.state === shown) && (!words || `${each.lower.grid.name} ${each.upper.grid.name}`.includes(words)))
        const choices = [
          { value: 'all' as Shown, name: w.all, count: count(under.length) },
          ...states.map((state) => ({ value: state as Shown, name: w.states[state], count: count(under.filter((each) => each.state === state).length) })),
        ]
        const unsigned = under.filter((each) => each.state !== 'signed').length
        const chosen = all.find((each) => each.lower.grid.uid === open)
        const uppers = [...new Map(all.map((each) => [each.upper.grid.uid, each.upper.grid.name]))]
        return (
          <>
            {narrow
              ? <p><b>{count(counts.signed)} / {count(all.length)}</b> {w.signed} · <b class={counts.missing > 0 ? 'bad' : undefined}>{count(counts.missing)}</b> {w.states.missing}</p>
              : (
                <>
                  <p class="small">{w.about}</p>
                  <div class="kpi">
                    <div><b>{count(counts.signed)} / {count(all.length)}</b><span>{w.signed}</span></div>
                    <div><b class={counts.missing > 0 ? 'bad' : undefined}>{count(counts.missing)}</b><span>{w.states.missing}</span></div>
                    <div><b>{count(counts.expired)}</b><span>{w.states.expired}</span></div>
                    <div><b>{count(counts.handed_on)}</b><span>{w.states.handed_on}</span></div>
                  </div>
                </>
              )}
            <Choices<Shown> label={w.shown} options={choices} value={shown} onChange={setShown} />
            <div class="filters">
              {box}
              <select class="field" aria-label={w.upper} value={upper} onChange={(event) => setUpper(event.currentTarget.value)}>
                <option value="">{w.anyUpper}</option>
                {uppers.map(([uid, name]) => <option key={uid} value={uid}>{name}</option>)}
              </select>
            </div>
            {upper && unsigned > 0 && (
              <a class="btn" download href={letters.missing(plan, upper, lang)}><Icon name="download" />{w.missing(count(unsigned))}</a>
            )}
            {rows.length === 0 ? <Empty what={w.none} todo={w.noneTodo} /> : <Rows rows={rows} plan={plan} onOpen={setOpen} />}
            {chosen && <LetterDialog plan={plan} pair={chosen} onClose={() => setOpen(null)} onDone={done} />}
          </>
        )
      }}
    </Answered>
  )
}

function Rows({ rows, plan, onOpen }: { rows: LetterPair[]; plan: PlanId; onOpen: (uid: string) => void }) {
  const { lang } = useApp()
  const w = useWordsOf().letters
  return (
    <DataTable<LetterPair>
      label={w.label} rows={rows} keyOf={(row) => row.lower.grid.uid} onChoose={(row) => onOpen(row.lower.grid.uid)}
      fields={[
        { id: 'grid', title: w.grid, cell: (row) => <span class="named"><b>{row.lower.grid.name}</b><span class="small">{w.with(row.upper.grid.name)}</span></span> },
        {
          id: 'state',
          title: w.state,
          cell: (row) => {
            const last = row.letters[0]
            return (
              <>
                <span class={`state step-${row.state}`}>{w.states[row.state]}</span>
                {last && <span class="small under">{w.from(day(last.signed_on))}</span>}
                {last?.valid_to && <span class="small under">{w.until(day(last.valid_to))}</span>}
                {row.left.map((side) => <span key={side} class="small under changed">{w.left[side]}</span>)}
              </>
            )
          },
        },
        {
          id: 'step',
          title: w.step,
          cell: (row) => (
            <a class="btn small-btn" download href={letters.draft(plan, row.lower.grid.uid, lang)} aria-label={`${w.draft} · ${w.draftOf(row.lower.grid.name)}`} onClick={(event) => event.stopPropagation()}>
              {w.draft}
            </a>
          ),
        },
      ]}
    />
  )
}
