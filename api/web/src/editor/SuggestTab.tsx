import { useEffect, useState } from 'preact/hooks'
import { Choices } from '../analyst/Filters'
import * as drafts from '../api/drafts'
import type { KeyAreaSuggestion, UnitSuggestion } from '../api/drafts.types'
import type { Bounds, Text } from '../api/types'
import { useApp } from '../app/context'
import { area, count, decimal } from '../app/format'
import { Answered, Empty } from '../app/states'
import { useQuery } from '../app/useQuery'
import { useEditor } from './context'
import { boxOf } from './shapes'

const around = (a: Bounds, b: Bounds): Bounds => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
const percent = (share: number) => `${decimal(share * 100, 0)}\u2009%`

function Notes({ of }: { of: Text[] }) {
  const { say } = useApp()
  return <>{of.map((each) => <p key={each.zh} class="small">{say(each)}</p>)}</>
}

function UnitTable({ of }: { of: UnitSuggestion }) {
  const { t } = useApp()
  const { w } = useEditor()
  return (
    <table class="units">
      <thead><tr><th>{w.suggest.unit}</th><th class="r">{w.suggest.load}</th><th class="r">{w.suggest.officers}</th><th class="r">{w.facts.area}</th></tr></thead>
      <tbody>
        {of.units.map((each) => (
          <tr key={each.name}><td>{each.name}</td><td class="r">{count(each.weighted)}</td><td class="r">{count(each.officers)}</td><td class="r">{area(each.area_m2, t)}</td></tr>
        ))}
      </tbody>
    </table>
  )
}

function Units({ owner }: { owner: string }) {
  const { map } = useApp()
  const { desk, w, plan, version, setTab } = useEditor()
  const [number, setNumber] = useState(4)
  const [asked, setAsked] = useState<{ number: number; seed: number } | null>(null)
  const [shown, setShown] = useState(0)
  const answer = useQuery(
    asked && `units ${plan.id} ${owner} ${asked.number} ${asked.seed} ${version}`,
    (signal) => drafts.suggestUnits(plan.id, owner, asked!.number, asked!.seed, signal),
  )
  const all = answer.value?.suggestions ?? []
  const one: UnitSuggestion | undefined = all[shown]
  useEffect(() => {
    desk.board?.overlay.showNamed('suggested', one?.units.map((each, i) => ({ geometry: each.area, turn: i, label: `${each.name}\n${w.suggest.load} ${count(each.weighted)}` })) ?? [])
    const box = one && desk.store.get(owner)
    if (box) map?.fit(boxOf(box.geometry))
    return () => desk.board?.overlay.showNamed('suggested', [])
  }, [one])
  const ask = (seed: number) => {
    setShown(0)
    setAsked({ number, seed })
  }
  const take = (each: UnitSuggestion) => {
    setTab('edit')
    desk.propose({ operation: 'adopt', owner, units: each.units.map(({ name, area: shape }) => ({ name, area: shape })), ...(answer.value?.basis ? { basis: answer.value.basis } : {}) })
  }
  const best = all.reduce((at, each, i) => (each.compactness > all[at]!.compactness ? i : at), 0)
  return (
    <>
      <form class="inline" onSubmit={(event) => { event.preventDefault(); ask(0) }}>
        <label class="short"><span>{w.suggest.number}</span><input class="field" type="number" min={2} max={60} required value={number} onInput={(event) => setNumber(Number(event.currentTarget.value))} /></label>
        <button type="submit" class="btn p">{w.suggest.ask}</button>
        {asked && !answer.loading && <button type="button" class="btn" onClick={() => ask(asked.seed + 1)}>{w.suggest.seed}</button>}
      </form>
      {answer.loading && <p class="small" role="status">{w.suggest.busy}</p>}
      {asked !== null && (
        <Answered of={answer}>
          {({ suggestions, notes }) => suggestions.length === 0
            ? <Empty what={w.suggest.none} todo={w.suggest.noneTodo} />
            : (
              <>
                <ul class="cards">
                  {suggestions.map((each, i) => (
                    <li key={i} class={i === shown ? 'here' : undefined}>
                      <div class="check">
                        <b class="check-name">
                          {w.suggest.plan(count(i + 1))}
                          {suggestions.length > 1 && (i === 0 || i === best) && <span class="small"> · {i === 0 ? w.suggest.even : w.suggest.compact}</span>}
                        </b>
                        <button type="button" class="btn small-btn" aria-pressed={i === shown} onClick={() => setShown(i)}>{w.suggest.show}</button>
                        <button type="button" class="btn p small-btn" onClick={() => take(each)}>{w.suggest.take}</button>
                      </div>
                      <dl class="measures">
                        <div><dt>{w.suggest.deviation}</dt><dd>{percent(each.deviation)}</dd></div>
                        <div><dt>{w.suggest.compactness}</dt><dd>{decimal(each.compactness, 2)} <span class="small">{w.suggest.worst(decimal(each.compactness_min, 2))}</span></dd></div>
                        <div><dt>{w.suggest.officers}</dt><dd>{count(each.officers)}</dd></div>
                      </dl>
                      {i === shown && <UnitTable of={each} />}
                    </li>
                  ))}
                </ul>
                <p class="small">{w.suggest.about}</p>
                <Notes of={notes} />
              </>
            )}
        </Answered>
      )}
    </>
  )
}

function KeyAreas({ within }: { within: string | null }) {
  const { say, map } = useApp()
  const { desk, w, plan, version, setTab } = useEditor()
  const answer = useQuery(`key areas ${plan.id} ${within ?? ''} ${version}`, (signal) => drafts.suggestKeyAreas(plan.id, within, signal))
  const show = (which: KeyAreaSuggestion[]) =>
    desk.board?.overlay.showNamed('suggested', which.map((each) => ({ geometry: each.area, turn: 0, label: String(each.rank) })))
  useEffect(() => {
    const areas = answer.value?.areas ?? []
    show(areas)
    const [first, ...others] = areas.map((each) => boxOf(each.area))
    if (first) map?.fit(others.reduce(around, first))
    return () => show([])
  }, [answer.value])
  const carve = (each: KeyAreaSuggestion, holder: { uid: string; name: string }) => {
    setTab('edit')
    map?.fit(boxOf(each.area))
    desk.propose({ operation: 'carve', kind: 'key', holder: holder.uid, area: each.area, takes: false, name: `${holder.name}${w.options.keyName} ${each.rank}`, basis: 'key_area', supervising_level: 1 })
  }
  return (
    <Answered of={answer}>
      {({ areas, notes, within: holder }) => areas.length === 0
        ? <Empty what={w.suggest.none} />
        : (
          <>
            <ol class="cards">
              {areas.map((each) => (
                <li key={each.rank}>
                  <div class="check">
                    <button type="button" class="check-name" onClick={() => map?.fit(boxOf(each.area))}><b class="pin-number">{each.rank}</b>{say(each.reason)}</button>
                    <button type="button" class="btn small-btn" onClick={() => carve(each, holder)}>{w.suggest.carve}</button>
                  </div>
                  <div class="small">{w.suggest.score(count(each.weighted), count(Math.round(each.score)))}</div>
                </li>
              ))}
            </ol>
            <Notes of={notes} />
          </>
        )}
    </Answered>
  )
}

/** Unit grids balanced by the server, and areas that deserve a key unit; each can be taken as an edit. */
export function SuggestTab() {
  const { desk, w } = useEditor()
  const [kind, setKind] = useState<'units' | 'keys'>('units')
  const owner = desk.chosen.find((each) => each.properties.kind === 'administrative')
  const uid = owner?.properties.uid ?? null
  useEffect(() => desk.cancelAll(), []) // what was taken before and not confirmed would lie over what is suggested
  return (
    <>
      <Choices label={w.suggest.title} options={[{ value: 'units', name: w.suggest.units }, { value: 'keys', name: w.suggest.keys }]} value={kind} onChange={setKind} />
      {(owner || kind === 'keys') && <h3 class="doing">{owner?.properties.name ?? w.suggest.whole}</h3>}
      {kind === 'keys' ? <KeyAreas key={uid} within={uid} /> : uid ? <Units key={uid} owner={uid} /> : <Empty what={w.suggest.choose} />}
    </>
  )
}
