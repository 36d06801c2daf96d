import type { Grid } from '../api/drafts.types'
import { coverage } from '../api/gisgrid'
import type { FindingSum } from '../api/types'
import { useApp } from '../app/context'
import { area, count } from '../app/format'
import { useQuery } from '../app/useQuery'
import { useEditor } from './context'
import { Forms } from './Forms'
import { Refusal } from './Refusal'
import { Result } from './Result'
import { needs, type Tool } from './tools'
import { alt, isTouch } from './touch'

/** What is known of a chosen grid, and what can be done to it. */
function Facts({ grid }: { grid: Grid }) {
  const { t } = useApp()
  const { desk, w, mayEdit } = useEditor()
  const { kind, level, code, area_m2, sources, weighted, holder_uid, may_edit, has_units, is_partial } = grid.properties
  const holder = desk.store.get(holder_uid)
  const rows: [string, string | null][] = [
    [w.facts.level, `${t.codes[kind] ?? kind} · ${level}`],
    [w.facts.area, area(area_m2, t)],
    [w.facts.sources, sources === null ? null : `${count(sources)}${weighted === null ? '' : ` · ${w.facts.weighted} ${count(weighted)}`}`],
    [kind === 'administrative' ? w.facts.parent : w.facts.owner, holder?.properties.name ?? null],
    [w.facts.code, code],
  ]
  const fitting: Tool[] = kind === 'administrative' ? ['split', 'divide', 'outline', 'carve', 'attributes', 'delete'] : ['split', 'outline', 'attributes', 'delete']
  const possible = kind === 'key' ? fitting.filter((each) => each !== 'split') : fitting
  return (
    <>
      <dl class="grid-facts">{rows.filter(([, value]) => value).map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>])}</dl>
      {(has_units || is_partial) && <p class="small">{[has_units && w.facts.units, is_partial && w.facts.partial].filter(Boolean).join(' · ')}</p>}
      {mayEdit && !may_edit && <p class="note">{w.facts.noEdit}</p>}
      {mayEdit && may_edit && (
        <>
          <h3>{w.facts.do}</h3>
          <div class="chips wrap">
            {possible.map((tool) => <button key={tool} type="button" class="chip" onClick={() => desk.use(tool)}>{w.tools[tool]} <kbd aria-hidden="true">{needs[tool].letter}</kbd></button>)}
          </div>
        </>
      )}
    </>
  )
}

function Several({ grids }: { grids: Grid[] }) {
  const { t } = useApp()
  const { desk, w, mayEdit } = useEditor()
  const alike = grids.every((each) => each.properties.holder_uid === grids[0]!.properties.holder_uid && each.properties.kind === grids[0]!.properties.kind)
  return (
    <>
      <ul class="plain">
        {grids.map((each) => (
          <li key={each.properties.uid} class="listed">
            <span>{each.properties.name}</span><span class="num">{area(each.properties.area_m2, t)}</span>
          </li>
        ))}
      </ul>
      {mayEdit && (
        <div class="chips wrap">
          {alike && <button type="button" class="chip" onClick={() => desk.use('merge')}>{w.tools.merge} <kbd aria-hidden="true">M</kbd></button>}
          {alike && grids.length === 2 && <button type="button" class="chip" onClick={() => desk.use('boundary')}>{w.tools.boundary} <kbd aria-hidden="true">B</kbd></button>}
          {alike && <button type="button" class="chip" onClick={() => desk.use('split')}>{w.tools.split} <kbd aria-hidden="true">S</kbd></button>}
        </div>
      )}
    </>
  )
}

/** The draft as a whole: what is wrong with it, and where to mend it. */
function Whole() {
  const { t, route, lang } = useApp()
  const { plan, w, version, setTab } = useEditor()
  const answer = useQuery(`coverage ${plan.id} ${version} ${lang} ${route.view}`, (signal) => coverage(plan.id, signal))
  const sums = new Map<string, { count: number; area: number }>()
  const add = ({ kind, size_class, count: n, area_m2 }: FindingSum) => {
    const name = size_class === 'sliver' || size_class === 'noise' ? 'sliver' : kind
    const there = sums.get(name) ?? { count: 0, area: 0 }
    sums.set(name, { count: there.count + n, area: there.area + area_m2 })
  }
  answer.value?.findings.forEach(add)
  return (
    <>
      <h3>{w.whole.title}</h3>
      {answer.value && sums.size === 0 && <p class="mut">{w.whole.fine}</p>}
      <ul class="plain">
        {[...sums].map(([kind, sum]) => (
          <li key={kind} class="listed">
            <span><i class={`sw fill kind-${kind}`} />{t.analyst.kinds[kind] ?? kind}</span>
            <span class="num">{w.whole.count(count(sum.count), area(sum.area, t))}</span>
            <button type="button" class="btn small-btn" onClick={() => setTab('checks')}>{kind === 'sliver' ? w.whole.auto : w.whole.repair}</button>
          </li>
        ))}
      </ul>
    </>
  )
}

function Missing() {
  const { desk, w } = useEditor()
  const { tool, outcome: { missing }, chosen } = desk
  if (!missing || tool === 'select') return null
  const text = missing === 'grids' && needs[tool].grids[0] > 1 && chosen.length > 0 ? w.missing.two : (isTouch && w.touch.missing[missing]) || w.missing[missing]
  return <p class="step" role="status">{text}</p>
}

export function ConfirmBar() {
  const { desk, w } = useEditor()
  const { tool, drawn, outcome } = desk
  const proposed = tool === 'select' && outcome.operation !== null
  if (tool === 'select' && !proposed) return null
  const drawing = drawn !== null && !drawn.finished
  const what = proposed ? outcome.operation!.operation : tool
  return (
    <div class="confirm-bar">
      <button type="button" class="btn p" disabled={drawing ? drawn.coordinates.length < 2 : !desk.canConfirm} onClick={() => void desk.confirm()}>
        {drawing ? w.finish : w.confirm[what] ?? w.confirm.select} <kbd aria-hidden="true">⏎</kbd>
      </button>
      <button type="button" class="btn" onClick={() => desk.cancelAll()}>{w.cancel} <kbd aria-hidden="true">Esc</kbd></button>
      {drawing && <button type="button" class="btn" onClick={() => desk.board?.back()}>{w.back} <kbd aria-hidden="true">⌫</kbd></button>}
      {drawn?.finished && tool !== 'select' && <button type="button" class="btn" onClick={() => desk.redraw()}>{w.drawAgain}</button>}
    </div>
  )
}

/** In another tab: something is under way that is confirmed, and seen, in the first. */
export function UnderWay() {
  const { desk, w, setTab } = useEditor()
  return (
    <div class="confirm-bar under-way">
      <span class="mut">{w.underWay}</span>
      <button type="button" class="btn p" onClick={() => setTab('edit')}>{w.backToIt} <kbd aria-hidden="true">⏎</kbd></button>
      <button type="button" class="btn" onClick={() => desk.cancelAll()}>{w.cancel} <kbd aria-hidden="true">Esc</kbd></button>
    </div>
  )
}

export function EditTab() {
  const { narrow } = useApp()
  const { desk, w, several, setSeveral } = useEditor()
  const { tool, chosen, drawn, outcome } = desk
  const names = chosen.slice(0, 3).map((each) => each.properties.name).join('、')
  const proposed = tool === 'select' && (outcome.operation !== null || outcome.asking)
  const title = tool === 'select' ? (chosen.length > 1 ? w.facts.chosen(count(chosen.length)) : names) : chosen.length > 0 || tool === 'vertex' || tool === 'carve' ? w.title(tool, names) : w.tools[tool]
  return (
    <>
      {title && !proposed && <h3 class="doing">{title}</h3>}
      {!proposed && (tool !== 'select' || chosen.length === 0) && <p class="mut">{isTouch && tool === 'select' ? w.touch.select : w.hints[tool]}</p>}
      {isTouch && tool === 'select' && !proposed && <div class="chips wrap"><button type="button" class="chip" aria-pressed={several} onClick={() => setSeveral(!several)}>{w.touch.several}</button></div>}
      {tool === 'select' && !proposed && chosen.length === 1 && <Facts grid={chosen[0]!} />}
      {tool === 'select' && !proposed && chosen.length > 1 && <Several grids={chosen} />}
      <Missing />
      {!isTouch && ['line', 'area', 'vertex'].includes(needs[tool].input) && <p class="small">{w.free(alt)}</p>}
      {desk.tracing && <p class="step" role="status">{w.traceOn}</p>}
      <Forms />
      {outcome.problem && <Refusal problem={outcome.problem} soft={drawn !== null && !drawn.finished} />}
      {outcome.edit && !outcome.problem && <Result edit={outcome.edit} stale={outcome.asking} />}
      {outcome.asking && !outcome.edit && !outcome.problem && <div class="skeleton" role="status" aria-label={w.asking}><i /><i /><i /></div>}
      {outcome.edit && !outcome.asking && outcome.took_ms !== null && <p class="small took">{w.took(count(Math.round(outcome.took_ms)))}</p>}
      {tool === 'select' && !proposed && chosen.length === 0 && <Whole />}
      {narrow && <ConfirmBar />}
    </>
  )
}
