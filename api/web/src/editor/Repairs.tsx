import { useEffect, useState } from 'preact/hooks'
import type { Operation, Repair } from '../api/drafts.types'
import { useApp } from '../app/context'
import { area, count, metres } from '../app/format'
import { useEditor } from './context'
import { boxOf } from './shapes'

/** What a repair goes by: its finding, or the key of its noise. */
export const nameOf = (repair: Repair) => repair.key ?? String(repair.finding)

/** The edit that does some repairs. */
export function repairing(repairs: Repair[]): Operation {
  return {
    operation: 'repair', classes: null,
    findings: repairs.flatMap(({ finding }) => (finding === null ? [] : [finding])),
    noise: repairs.flatMap(({ key }) => (key === null ? [] : [key])),
  }
}

export interface Picking {
  picked: ReadonlySet<string>
  toggle: (repair: Repair) => void
}

/** Whether a repair is among those that are done together. */
export function Pick({ repair, what, of: { picked, toggle } }: { repair: Repair; what: string; of: Picking }) {
  const { w, mayEdit } = useEditor()
  if (!mayEdit || repair.action === 'none') return null
  return <label class="pick"><input type="checkbox" aria-label={w.checksTab.pick(what)} checked={picked.has(nameOf(repair))} onChange={() => toggle(repair)} /></label>
}

/** One proposal to mend a defect, shown before and after on the map. */
export function RepairCard({ repair }: { repair: Repair }) {
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
              desk.propose(repairing([repair]))
            }}
          >
            {w.repair.take}
          </button>
        )}
      </div>
    </div>
  )
}

/** The hairlines between the same grids, in one line. */
function NoiseLine({ repair, picking }: { repair: Repair; picking: Picking }) {
  const { t, map } = useApp()
  const { w } = useEditor()
  const [open, setOpen] = useState(false)
  const go = () => map?.fit(boxOf(repair.geometry), 16)
  const grids = repair.before.map((each) => each.properties.name).join(' / ')
  const what = [t.analyst.kinds[repair.kind] ?? repair.kind, grids].filter(Boolean).join(' ')
  return (
    <li>
      <div class="check">
        <Pick repair={repair} what={what} of={picking} />
        <button type="button" class="check-name" onClick={go}>
          <i class={`sw fill kind-${repair.kind}`} aria-hidden="true" />{what}
          <span class="small"> {w.checksTab.pieces(count(repair.pieces))} · {metres(repair.width_m, t)}</span>
        </button>
        <button type="button" class="btn small-btn" aria-expanded={open} onClick={() => { setOpen(!open); go() }}>{w.checksTab.fix}</button>
      </div>
      {open && <RepairCard repair={repair} />}
    </li>
  )
}

/** What is too narrow to stand against the draft, and can be mended all the same. */
export function Noise({ repairs, picking }: { repairs: Repair[]; picking: Picking }) {
  const { w } = useEditor()
  if (repairs.length === 0) return null
  return (
    <section aria-label={w.checksTab.noise}>
      <h3>{w.checksTab.noise}</h3>
      <ul class="checks">{repairs.map((each) => <NoiseLine key={each.key} repair={each} picking={picking} />)}</ul>
    </section>
  )
}
