import { useEffect, useState } from 'preact/hooks'
import { Choices } from '../analyst/Filters'
import * as drafts from '../api/drafts'
import type { KeyAreaSuggestion, UnitSuggestion } from '../api/drafts.types'
import { useApp } from '../app/context'
import { area, count, decimal } from '../app/format'
import { Answered, Empty } from '../app/states'
import { useQuery } from '../app/useQuery'
import { useEditor } from './context'
import { boxOf } from './shapes'

const percent = (share: number) => `${decimal(share * 100, 0)}\u2009%`

function Units({ owner }: { owner: string }) {
  const { lang, t, map } = useApp()
  const { desk, w, plan, version, mayEdit, setTab } = useEditor()
  const [number, setNumber] = useState(4)
  const [asked, setAsked] = useState<number | null>(null)
  const [shown, setShown] = useState(0)
  const answer = useQuery(asked === null ? null : `units ${plan.id} ${owner} ${asked} ${version} ${lang}`, (signal) => drafts.suggestUnits(plan.id, owner, asked!, signal))
  const all = answer.value?.suggestions ?? []
  const one: UnitSuggestion | undefined = all[shown]
  useEffect(() => {
    desk.board?.overlay.show('suggested', one?.units.map((each, i) => ({ geometry: each.area, properties: { turn: i, label: `${each.name}\n${count(each.weighted)}` } })) ?? [])
    const box = one && desk.store.get(owner)
    if (box) map?.fit(boxOf(box.geometry))
    return () => desk.board?.overlay.show('suggested', [])
  }, [one])
  const take = (each: UnitSuggestion) => {
    setTab('edit')
    desk.propose({ operation: 'adopt', owner, units: each.units.map(({ name, area: shape }) => ({ name, area: shape })) })
  }
  return (
    <>
      <form class="inline" onSubmit={(event) => { event.preventDefault(); setShown(0); setAsked(number) }}>
        <label class="short"><span>{w.suggest.number}</span><input class="field" type="number" min={2} max={60} required value={number} onInput={(event) => setNumber(Number(event.currentTarget.value))} /></label>
        <button type="submit" class="btn p">{w.suggest.ask}</button>
      </form>
      {answer.loading && <p class="small" role="status">{w.suggest.busy}</p>}
      {asked !== null && (
        <Answered of={answer}>
          {({ suggestions }) => suggestions.length === 0
            ? <Empty what={w.suggest.none} todo={w.suggest.noneTodo} />
            : (
              <ul class="cards">
                {suggestions.map((each, i) => (
                  <li key={i} class={i === shown ? 'here' : undefined}>
                    <div class="check"><b class="check-name">{w.suggest.plan(count(i + 1))}</b>
                      <button type="button" class="btn small-btn" aria-pressed={i === shown} onClick={() => setShown(i)}>{w.suggest.show}</button>
                      {mayEdit && <button type="button" class="btn p small-btn" onClick={() => take(each)}>{w.suggest.take}</button>}
                    </div>
                    <dl class="measures">
                      <div><dt>{w.suggest.deviation}</dt><dd>{percent(each.deviation)}</dd></div>
                      <div><dt>{w.suggest.compactness}</dt><dd>{decimal(each.compactness, 2)} <span class="small">{w.suggest.worst(decimal(each.compactness_min, 2))}</span></dd></div>
                      <div><dt>{w.suggest.officers}</dt><dd>{count(each.officers)}</dd></div>
                    </dl>
                    {i === shown && <p class="small">{each.units.map((unit) => `${unit.name} ${area(unit.area_m2, t)}`).join(' · ')}</p>}
                  </li>
                ))}
              </ul>
            )}
        </Answered>
      )}
    </>
  )
}

function KeyAreas({ owner }: { owner: string }) {
  const { lang, say, map } = useApp()
  const { desk, w, plan, version, mayEdit, setTab } = useEditor()
  const answer = useQuery(`key areas ${plan.id} ${owner} ${version} ${lang}`, (signal) => drafts.suggestKeyAreas(plan.id, owner, signal))
  useEffect(() => {
    desk.board?.overlay.show('suggested', answer.value?.areas.map((each) => ({ geometry: each.area, properties: { turn: 0, label: String(each.rank) } })) ?? [])
    return () => desk.board?.overlay.show('suggested', [])
  }, [answer.value])
  const carve = (each: KeyAreaSuggestion) => {
    setTab('edit')
    desk.propose({ operation: 'carve', kind: 'key', holder: owner, area: each.area, takes: false, name: `${desk.store.get(owner)?.properties.name ?? ''}${w.options.keyName} ${each.rank}`, basis: 'key_area', supervising_level: 1 })
  }
  return (
    <Answered of={answer}>
      {({ areas }) => areas.length === 0
        ? <Empty what={w.suggest.none} todo={w.suggest.noneTodo} />
        : (
          <ol class="cards">
            {areas.map((each) => (
              <li key={each.rank}>
                <div class="check">
                  <button type="button" class="check-name" onClick={() => map?.fit(boxOf(each.area))}><b class="pin-number">{each.rank}</b>{say(each.reason)}</button>
                  {mayEdit && <button type="button" class="btn small-btn" onClick={() => carve(each)}>{w.suggest.carve}</button>}
                </div>
                <div class="small">{w.suggest.sources(count(each.sources), count(each.class_c), count(each.receptors))}</div>
              </li>
            ))}
          </ol>
        )}
    </Answered>
  )
}

/** Unit grids balanced by the server, and areas that deserve a key unit; each can be taken as an edit. */
export function SuggestTab() {
  const { desk, w } = useEditor()
  const [kind, setKind] = useState<'units' | 'keys'>('units')
  const owner = desk.chosen.find((each) => each.properties.kind === 'administrative')
  return (
    <>
      <Choices label={w.suggest.title} options={[{ value: 'units', name: w.suggest.units }, { value: 'keys', name: w.suggest.keys }]} value={kind} onChange={setKind} />
      {owner
        ? (
          <>
            <h3 class="doing">{owner.properties.name}</h3>
            {kind === 'units' ? <Units key={owner.properties.uid} owner={owner.properties.uid} /> : <KeyAreas key={owner.properties.uid} owner={owner.properties.uid} />}
          </>
        )
        : <Empty what={w.suggest.choose} />}
    </>
  )
}
