import { useState } from 'preact/hooks'
import { DataTable } from '../analyst/DataTable'
import { Choices, useWords } from '../analyst/Filters'
import { filings, type PlanId } from '../api/upward'
import type { Filing } from '../api/upward.types'
import { useApp } from '../app/context'
import { count, day } from '../app/format'
import { Answered, Empty } from '../app/states'
import { DeadlineDialog } from './DeadlineDialog'
import { FilingDialog } from './FilingDialog'
import { FilingStateChip } from './FilingStateChip'
import { useKept } from './useKept'
import { useWordsOf } from './words'

type Shown = 'all' | 'overdue' | 'open' | 'waiting' | 'done'
const fits: Record<Shown, (filing: Filing) => boolean> = {
  all: () => true,
  overdue: (filing) => filing.overdue_days > 0,
  open: (filing) => filing.state === 'not_filed' || filing.state === 'returned',
  waiting: (filing) => filing.state === 'filed',
  done: (filing) => filing.state === 'accepted',
}

/** Which grids have filed their part of the plan with the level above, and which have not: overdue ones first. */
export function FilingsView({ plan }: { plan: PlanId }) {
  const { narrow } = useApp()
  const w = useWordsOf().filings
  const { answer, again } = useKept(`filings ${plan}`, (signal) => filings.list(plan, signal))
  const [shown, setShown] = useState<Shown>('all')
  const [open, setOpen] = useState<string | null>(null)
  const [setting, setSetting] = useState(false)
  const { words, box } = useWords()
  const done = () => {
    setOpen(null)
    setSetting(false)
    again()
  }
  return (
    <Answered of={answer} rows={6}>
      {({ counts, filings: all }) => {
        if (all.length === 0) return <Empty what={w.empty} todo={w.emptyTodo} />
        const rows = all.filter((each) => fits[shown](each) && (!words || `${each.grid.name} ${each.with_grid.name}`.includes(words)))
        const settable = rows.filter((each) => each.may_set_deadline)
        const chosen = all.find((each) => each.grid.uid === open)
        const choices = (['all', 'overdue', 'open', 'waiting', 'done'] as const).map((value) => ({ value, name: w[value], count: count(all.filter(fits[value]).length) }))
        return (
          <>
            {narrow
              ? <p><b>{count(counts.filed)} / {count(counts.total)}</b> {w.progress} · <b class={counts.overdue > 0 ? 'bad' : undefined}>{count(counts.overdue)}</b> {w.overdue}</p>
              : (
                <>
                  <p class="small">{w.about}</p>
                  <div class="kpi">
                    <div><b>{count(counts.filed)} / {count(counts.total)}</b><span>{w.progress}</span></div>
                    <div><b>{count(counts.accepted)}</b><span>{w.accepted}</span></div>
                    <div><b>{count(counts.returned)}</b><span>{w.returned}</span></div>
                    <div><b class={counts.overdue > 0 ? 'bad' : undefined}>{count(counts.overdue)}</b><span>{w.overdue}</span></div>
                  </div>
                </>
              )}
            <Choices<Shown> label={w.shown} options={choices} value={shown} onChange={setShown} />
            <div class="filters">
              {box}
              {settable.length > 0 && <button type="button" class="btn" onClick={() => setSetting(true)}>{w.setDeadline}</button>}
            </div>
            {rows.length === 0 ? <Empty what={w.none} todo={w.noneTodo} /> : <Rows rows={rows} onOpen={setOpen} />}
            {chosen && <FilingDialog plan={plan} filing={chosen} onClose={() => setOpen(null)} onDone={done} />}
            {setting && <DeadlineDialog plan={plan} listed={settable} onClose={() => setSetting(false)} onDone={done} />}
          </>
        )
      }}
    </Answered>
  )
}

function Rows({ rows, onOpen }: { rows: Filing[]; onOpen: (uid: string) => void }) {
  const w = useWordsOf().filings
  const next = (row: Filing) => row.may_answer ? w.answer : row.may_set_deadline ? w.fileFor : row.state === 'not_filed' ? w.file : w.refile
  return (
    <DataTable<Filing>
      label={w.label} rows={rows} keyOf={(row) => row.grid.uid} onChoose={(row) => onOpen(row.grid.uid)}
      fields={[
        { id: 'grid', title: w.grid, cell: (row) => <span class="named"><b>{row.grid.name}</b><span class="small">{w.to(row.with_grid.name)}</span></span> },
        {
          id: 'state',
          title: w.state,
          cell: (row) => (
            <>
              <FilingStateChip filing={row} />
              <span class="small under">{row.deadline ? w.by(day(row.deadline)) : w.noDeadline}</span>
              {row.overdue_days > 0 && row.state === 'returned' && <span class="small under bad">{w.late(count(row.overdue_days))}</span>}
              {row.has_changed && <span class="small under changed">{w.changed}</span>}
              {row.note && <span class="small under said clamped">{row.note}</span>}
            </>
          ),
        },
        {
          id: 'step',
          title: w.step,
          cell: (row) => (row.may_answer || row.may_file) && (
            <button
              type="button" class="btn small-btn" aria-label={`${next(row)} ${row.grid.name}`}
              onClick={(event) => {
                event.stopPropagation()
                onOpen(row.grid.uid)
              }}
            >
              {next(row)}
            </button>
          ),
        },
      ]}
    />
  )
}
