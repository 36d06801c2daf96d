import { useEffect, useState } from 'preact/hooks'
import * as drafts from '../api/drafts'
import type { Check, Repair } from '../api/drafts.types'
import { useApp } from '../app/context'
import { area, count, metres } from '../app/format'
import { Answered, Empty } from '../app/states'
import { useQuery } from '../app/useQuery'
import { useEditor } from './context'
import { boxOf } from './shapes'
import { Submit } from './Submit'

/** One proposal to mend a defect, shown before and after on the map. */
function RepairCard({ repair }: { repair: Repair }) {
  const { t } = useApp()
  const { desk, w, mayEdit, setTab } = useEditor()
  const [side, setSide] = useState<'before' | 'after'>('after')
  const show = (which: 'before' | 'after') => {
    setSide(which)
    desk.board?.overlay.show('repair', (which === 'before' ? repair.before : repair.after).map(({ geometry }) => ({ geometry: { type: 'MultiLineString', coordinates: geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat() } })))
    desk.board?.overlay.show('findings', [{ geometry: repair.geometry, properties: { kind: repair.kind } }])
  }
  useEffect(() => {
    show('after')
    return () => {
      desk.board?.overlay.show('repair', [])
      desk.board?.overlay.show('findings', [])
    }
  }, [repair])
  const action = w.repair.action[repair.action]?.(repair.receiver?.name ?? '')
  return (
    <div class="note info">
      <b>{action}</b>
      <div class="small">{area(repair.area_m2, t)} · {t.analyst.width} {metres(repair.width_m, t)}</div>
      <div class="row tight-row">
        {(['before', 'after'] as const).map((each) => <button key={each} type="button" class="btn small-btn" aria-pressed={side === each} onClick={() => show(each)}>{w.repair[each]}</button>)}
        {mayEdit && repair.action !== 'none' && (
          <button
            type="button" class="btn p small-btn"
            onClick={() => {
              setTab('edit')
              desk.propose({ operation: 'repair', findings: [repair.finding], classes: null })
            }}
          >
            {w.repair.take}
          </button>
        )}
      </div>
    </div>
  )
}

function Line({ check, repair }: { check: Check; repair: Repair | undefined }) {
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
  const repairs = useQuery(mayEdit ? `repairs ${plan.id} ${version} ${lang}` : null, (signal) => drafts.repairs(plan.id, signal))
  const proposed = repairs.value?.repairs ?? []
  const slight = proposed.filter((each) => each.action !== 'none' && (each.size_class === 'sliver' || each.size_class === 'noise'))
  const known = new Map(proposed.map((each) => [each.finding, each]))
  return (
    <Answered of={answer}>
      {({ checks, blocking }) => (
        <>
          <h3>{w.checksTab.title}</h3>
          {mayEdit && <Submit checks={checks} blocking={blocking} />}
          {mayEdit && slight.length > 0 && (
            <div class="row tight-row">
              <button
                type="button" class="btn"
                onClick={() => {
                  setTab('edit')
                  desk.propose({ operation: 'repair', findings: null, classes: ['noise', 'sliver'] })
                }}
              >
                {w.checksTab.repairAll(count(slight.length))}
              </button>
            </div>
          )}
          {checks.length === 0
            ? <Empty what={w.checksTab.none} todo={w.checksTab.noneTodo} />
            : (
              <ul class="checks">
                {checks.toSorted((a, b) => Number(b.blocks) - Number(a.blocks)).map((each, i) => (
                  <Line key={`${drafts.keyOf(each)} ${i}`} check={each} repair={each.finding === null ? undefined : known.get(each.finding)} />
                ))}
              </ul>
            )}
        </>
      )}
    </Answered>
  )
}
