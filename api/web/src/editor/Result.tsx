import type { DraftFinding, Edit } from '../api/drafts.types'
import { useApp } from '../app/context'
import { area, count, decimal, metres } from '../app/format'
import { useEditor } from './context'
import { differing } from './findings'
import { compactness } from './shapes'

function byKind(findings: DraftFinding[]): Map<string, DraftFinding[]> {
  const found = new Map<string, DraftFinding[]>()
  for (const each of findings) found.set(each.kind, [...(found.get(each.kind) ?? []), each])
  return found
}

function Checks({ edit }: { edit: Edit }) {
  const { t } = useApp()
  const { w } = useEditor()
  const all = differing(edit)
  const [fresh, solved] = [byKind(all.fresh), byKind(all.solved)]
  const kind = (each: string) => t.analyst.kinds[each] ?? each
  const sum = (all: DraftFinding[]) => area(all.reduce((total, each) => total + each.area_m2, 0), t)
  const widest = (all: DraftFinding[]) => metres(Math.max(...all.map((each) => each.width_m)), t)
  const finest = Math.max(0, ...edit.added.map((each) => each.properties.level))
  const unstaffed = edit.added.filter((each) => each.properties.level === finest).map((each) => each.properties.name)
  const seen = new Set<string>()
  const hands = edit.moved.sources.filter((each) => !seen.has(each.uid) && seen.add(each.uid))
  return (
    <ul class="verdicts">
      {fresh.size === 0 && <li class="ok">{w.checks.whole}</li>}
      {[...fresh].map(([each, all]) => <li key={each} class="warn"><i class={`sw fill kind-${each}`} />{w.checks.fresh(kind(each), count(all.length), sum(all), widest(all))}</li>)}
      {[...solved].map(([each, all]) => <li key={each} class="ok">{w.checks.solved(kind(each), count(all.length))}</li>)}
      {unstaffed.length > 0 && <li class="warn">{w.checks.unstaffed(unstaffed.join(t.list))}</li>}
      <li class={edit.moved.count > 0 ? 'warn' : 'ok'}>
        {edit.moved.count === 0
          ? w.checks.noMoves
          : (
            <details>
              <summary>{w.checks.moves(count(edit.moved.count))}</summary>
              <ul class="hands">
                {hands.slice(0, 12).map((each) => (
                  <li key={each.uid}>{w.checks.who(each.name, each.before?.name ?? w.checks.nobody, each.after?.name ?? w.checks.nobody)}</li>
                ))}
                {edit.moved.count > 12 && <li>{w.checks.more(count(edit.moved.count - 12))}</li>}
              </ul>
            </details>
          )}
      </li>
      {edit.notes?.map((each, i) => <Note key={i} of={each} />)}
    </ul>
  )
}

function Note({ of }: { of: { zh: string; en: string } }) {
  const { say } = useApp()
  return <li class="warn">{say(of)}</li>
}

/** What an edit does or would do: areas, sources and work before and after, and what is then wrong. */
export function Result({ edit, stale }: { edit: Edit; stale: boolean }) {
  const { t } = useApp()
  const { w } = useEditor()
  const rows = edit.workload
  const fresh = new Set(edit.added.map((each) => each.properties.uid))
  const gone = new Set(edit.removed)
  const most = Math.max(1, ...rows.map((each) => each.weighted))
  const own = rows.filter((each) => !gone.has(each.uid))
  const loads = own.map((each) => each.weighted)
  const mean = loads.reduce((a, b) => a + b, 0) / Math.max(1, loads.length)
  const spread = mean > 0 ? (Math.max(...loads) - Math.min(...loads)) / mean : 0
  const shapes = [...edit.added, ...edit.changed].filter((each) => own.some((row) => row.uid === each.properties.uid))
  const ragged = shapes.length > 0 ? Math.min(...shapes.map((each) => compactness(each.geometry))) : null
  const percent = `${decimal(spread * 100, 0)}\u2009%`
  const was = (now: number | null, before: number | null, format: (n: number) => string) =>
    before !== null && now !== null && format(now) !== format(before) ? <span class="was">{w.before(format(before))}</span> : null
  return (
    <section class={stale ? 'result stale' : 'result'} aria-label={w.result} aria-busy={stale}>
      {rows.length > 0 && (
        <>
          <h3>{w.result}</h3>
          <table class="figures">
            <thead><tr><th scope="col">{w.unit}</th><th scope="col" class="r">{w.area}</th><th scope="col" class="r">{w.sources}</th><th scope="col" class="r">{w.work}</th></tr></thead>
            <tbody>
              {rows.slice(0, 12).map((row) => (
                <tr key={row.uid} class={gone.has(row.uid) ? 'gone' : undefined}>
                  <td>
                    {row.name}{fresh.has(row.uid) && <em>{w.fresh}</em>}{gone.has(row.uid) && <em>{w.gone}</em>}
                    <i class="bar-track"><i style={{ width: `${(100 * row.weighted) / most}%` }} /></i>
                  </td>
                  <td class="r">{row.area_m2 === null ? '—' : area(row.area_m2, t)}{!fresh.has(row.uid) && was(row.area_m2, row.area_m2_before, (n) => area(n, t))}</td>
                  <td class="r">{count(row.sources)}{!fresh.has(row.uid) && was(row.sources, row.sources_before, count)}</td>
                  <td class="r">{count(row.weighted)}{!fresh.has(row.uid) && was(row.weighted, row.weighted_before, count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {own.length > 1 && ragged !== null
            ? <p class="mut balance">{w.balance(percent, decimal(ragged, 2))}</p>
            : ragged !== null && <p class="mut balance">{w.compact(decimal(ragged, 2))}</p>}
        </>
      )}
      <h3>{w.checks.title}</h3>
      <Checks edit={edit} />
    </section>
  )
}
