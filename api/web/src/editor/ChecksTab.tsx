import { useRef, useState } from 'preact/hooks'
import * as drafts from '../api/drafts'
import type { Check, Operation, Repair, Repairs } from '../api/drafts.types'
import { useApp } from '../app/context'
import { count } from '../app/format'
import { Answered, Empty } from '../app/states'
import { useQuery } from '../app/useQuery'
import { useEditor } from './context'
import { nameOf, Noise, Pick, RepairCard, repairing, type Picking } from './Repairs'
import { boxOf } from './shapes'
import { Submit } from './Submit'

/** Of how many findings, and how much noise, the repair is looked up at first, and at most. */
const [few, all] = [50, 1000]

function Line({ check, repair, picking }: { check: Check; repair: Repair | undefined; picking: Picking }) {
  const { say, map } = useApp()
  const { w } = useEditor()
  const [open, setOpen] = useState(false)
  const go = () => {
    if (repair) map?.fit(boxOf(repair.geometry), 16)
    else if (check.lon !== null && check.lat !== null) map?.fly({ lon: check.lon, lat: check.lat }, 13)
  }
  return (
    <li class={check.blocks ? 'blocks' : undefined}>
      <div class="check">
        {repair && <Pick repair={repair} what={say(check.title)} of={picking} />}
        <button type="button" class="check-name" onClick={go}>
          <i class={`sw fill kind-${check.kind}`} aria-hidden="true" />{say(check.title)}
          {check.grid && !say(check.title).includes(check.grid.name) && <span class="small"> {check.grid.name}</span>}
        </button>
        {check.blocks && <em class={check.reason ? 'given' : 'must'}>{check.reason ? w.checksTab.reasonGiven : w.checksTab.blocks}</em>}
        {repair && <button type="button" class="btn small-btn" aria-expanded={open} onClick={() => { setOpen(!open); go() }}>{w.checksTab.fix}</button>}
      </div>
      {check.reason && <div class="small">{check.reason}</div>}
      {open && repair && <RepairCard repair={repair} />}
    </li>
  )
}

/** What stands against the draft; each entry leads to its place, and what can be mended offers how. */
export function ChecksTab() {
  const { lang } = useApp()
  const { desk, w, plan, version, mayEdit, setTab } = useEditor()
  const answer = useQuery(`checks ${plan.id} ${version} ${lang} ${plan.state}`, (signal) => drafts.review.checks(plan.id, signal))
  const [most, setMost] = useState(few)
  const asked = useQuery(mayEdit ? `repairs ${plan.id} ${version} ${lang} ${most}` : null, (signal) => drafts.repairs(plan.id, most, signal))
  const told = useRef<Repairs & { of: string }>(null)
  if (asked.value) told.current = { ...asked.value, of: version }
  const { repairs: proposed, left } = told.current?.of === version ? told.current : { repairs: [], left: 0 }
  const slight = proposed.filter((each) => each.action !== 'none' && (each.size_class === 'sliver' || each.size_class === 'noise'))
  const known = new Map(proposed.map((each) => [each.finding, each]))
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const toggle = (repair: Repair) => {
    const name = nameOf(repair)
    setPicked(picked.has(name) ? new Set([...picked].filter((each) => each !== name)) : new Set([...picked, name]))
  }
  const together = proposed.filter((each) => picked.has(nameOf(each)))
  const picking = { picked, toggle }
  const propose = (operation: Operation) => {
    setTab('edit')
    desk.propose(operation)
  }
  return (
    <Answered of={answer}>
      {({ checks, blocking }) => (
        <>
          <h3>{w.checksTab.title}</h3>
          {mayEdit && <Submit checks={checks} blocking={blocking} />}
          {mayEdit && (slight.length > 0 || together.length > 0) && (
            <div class="row tight-row">
              {slight.length > 0 && (
                <button type="button" class="btn" onClick={() => propose({ operation: 'repair', findings: null, classes: ['noise', 'sliver'] })}>
                  {w.checksTab.repairAll(`${count(slight.length)}${left > 0 ? '+' : ''}`)}
                </button>
              )}
              {together.length > 0 && <button type="button" class="btn" onClick={() => propose(repairing(together))}>{w.checksTab.repairPicked(count(together.length))}</button>}
            </div>
          )}
          {checks.length === 0
            ? <Empty what={w.checksTab.none} todo={w.checksTab.noneTodo} />
            : (
              <ul class="checks">
                {checks.toSorted((a, b) => Number(b.blocks) - Number(a.blocks)).map((each, i) => (
                  <Line key={`${drafts.keyOf(each)} ${i}`} check={each} repair={each.finding === null ? undefined : known.get(each.finding)} picking={picking} />
                ))}
              </ul>
            )}
          <Noise repairs={proposed.filter((each) => each.key !== null)} picking={picking} />
          {left > 0 && <div class="row"><button type="button" class="btn" disabled={asked.loading} onClick={() => setMost(Math.min(4 * most, all))}>{w.checksTab.more(count(left))}</button></div>}
        </>
      )}
    </Answered>
  )
}
