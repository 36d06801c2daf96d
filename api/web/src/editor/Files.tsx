import { useEffect, useRef, useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import * as drafts from '../api/drafts'
import type { Import, ImportItem } from '../api/imports.types'
import type { Problem } from '../api/request'
import { useApp } from '../app/context'
import { area, count, metres } from '../app/format'
import { Empty, Trouble } from '../app/states'
import { useEditor } from './context'
import { Result } from './Result'

const formats = [['gpkg', 'GeoPackage'], ['geojson', 'GeoJSON'], ['shp', 'Shapefile']] as const
const systems = ['', 'EPSG:4490', 'gcj02', 'bd09']
const accepted = '.gpkg,.geojson,.json,.zip'

/** What an attribute was and is to be. */
function Values({ item }: { item: ImportItem }) {
  const { t } = useApp()
  const { w } = useEditor()
  const told = (value: unknown) => (value === null || value === undefined || value === '' ? w.files.empty : typeof value === 'boolean' ? (value ? t.yes : t.no) : String(value))
  return (
    <>
      {Object.entries(item.values).map(([column, value]) => (
        <div key={column} class="small">
          {w.files.columns[column] ?? column}: {item.uid !== null && <><del>{told(item.former[column])}</del> → </>}{told(value)}
        </div>
      ))}
    </>
  )
}

/** A grid that the file has otherwise, and what becomes of it. */
function Item({ item }: { item: ImportItem }) {
  const { t, say, map } = useApp()
  const { w } = useEditor()
  return (
    <li class={item.result === 'refused' ? 'blocks' : undefined}>
      <div class="check">
        <button type="button" class="check-name" disabled={!item.bounds} onClick={() => item.bounds && map?.fit(item.bounds)}>
          {item.name}<span class="small"> {item.changes.map((each) => w.files.change[each] ?? each).join(t.list)}</span>
        </button>
        <em class={item.result === 'refused' ? 'must' : undefined}>{w.files.result[item.result] ?? item.result}</em>
        <span class="num">
          {item.area_m2_after !== null && area(item.area_m2_after, t)}
          {item.area_m2_before !== null && item.area_m2_before !== item.area_m2_after && <span class="was">{w.compare.from(area(item.area_m2_before, t))}</span>}
        </span>
      </div>
      {item.changes.includes('reshaped') && item.moved_m !== null && item.moved_m > 0 && <div class="small">{w.files.moved(metres(item.moved_m, t))}</div>}
      {item.changes.includes('values') && <Values item={item} />}
      {item.refused.map((each) => <div key={each.reason.zh + each.where} class="note bad small"><b>{say(each.reason)}</b>{each.todo && <div>{say(each.todo)}</div>}</div>)}
    </li>
  )
}

/** What the file says besides: how it was read, which rows were not, and what happened since it was written. */
function Remarks({ of: told }: { of: Import }) {
  const { say } = useApp()
  const { w } = useEditor()
  return (
    <>
      <p class="small">{w.files.read(told.format, told.crs, count(told.unchanged))}</p>
      {told.notes.map((each) => <p key={each.zh} class="small">{say(each)}</p>)}
      {told.behind.length > 0 && <p class="note info small">{w.files.behind(count(told.behind.length))}</p>}
      {told.stale && (
        <div class="note waiting small">
          <b>{w.files.stale}</b>
          <ul>{told.stale.changed.map((each) => <li key={each.number}>{each.by}: {say(each.summary)}</li>)}</ul>
        </div>
      )}
      {told.rejected_count > 0 && (
        <details class="note bad small" open>
          <summary>{w.files.rejected(count(told.rejected_count))}</summary>
          <ul>{told.rejected.map((each) => <li key={each.row}>{w.files.row(count(each.row))}: {say(each.reason)}</li>)}</ul>
        </details>
      )}
    </>
  )
}

/** The difference of a file that was chosen, and the edit that it would be. */
function Bring() {
  const { t } = useApp()
  const { desk, w, plan, version } = useEditor()
  const [file, setFile] = useState<File | null>(null)
  const [options, setOptions] = useState<drafts.Bringing>({ removes: false, redraws: false, crs: '' })
  const [told, setTold] = useState<Import | null>(null)
  const { busy, problem, act } = useAction()
  const asked = useRef(0)
  const take = (chosen: File | null) => {
    setFile(chosen)
    setOptions({ ...options, crs: '' }) // what was said of one file is not said of another
  }
  const look = () => {
    const turn = ++asked.current
    setTold(null)
    if (file) void act(async () => {
      const found = await drafts.files.bring(plan.id, file, options)
      if (turn === asked.current) setTold(found)
    })
  }
  useEffect(look, [file, options, version]) // an edit meanwhile may change what comes of it
  const apply = () =>
    act(async () => {
      await drafts.files.bring(plan.id, file!, options, told!.edit!.holders)
      setFile(null)
      desk.say({ text: w.files.done, how: 'said' })
      await Promise.all([desk.refresh(), desk.ledger.load()])
    })
  const done = told?.items.filter((each) => each.result === 'applied' || each.result === 'partly' || each.result === 'followed').length ?? 0
  return (
    <>
      <h3>{w.files.in}</h3>
      <label
        class="drop"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => { event.preventDefault(); take(event.dataTransfer?.files[0] ?? null) }}
      >
        <span>{file ? file.name : w.files.choose}</span>
        <input type="file" class="visually-hidden" accept={accepted} disabled={busy} onChange={(event) => { take(event.currentTarget.files?.[0] ?? null); event.currentTarget.value = '' }} />
      </label>
      {file && (['removes', 'redraws'] as const).map((each) => (
        <label key={each} class="tick"><input type="checkbox" disabled={busy} checked={options[each]} onChange={(event) => setOptions({ ...options, [each]: event.currentTarget.checked })} /><span>{w.files[each]}</span></label>
      ))}
      {file && (
        <label>
          <span>{w.files.crs}</span>
          <select class="field" disabled={busy} value={options.crs} onChange={(event) => setOptions({ ...options, crs: event.currentTarget.value })}>
            {systems.map((each) => <option key={each} value={each}>{w.files.systems[each]}</option>)}
          </select>
        </label>
      )}
      {busy && <p class="small" role="status">{w.files.asking}</p>}
      {problem && <Stopped problem={problem} retry={look} />}
      {told && (
        <>
          <Remarks of={told} />
          {told.items.length === 0
            ? <Empty what={w.files.none} />
            : <ul class="checks">{told.items.map((each) => <Item key={each.number} item={each} />)}</ul>}
          {told.edit && <Result edit={told.edit} stale={busy} />}
          {told.items.length > 0 && (told.edit
            ? <div class="row tight-row"><button type="button" class="btn p" disabled={busy} onClick={() => void apply()}>{w.files.apply(count(done))}</button><button type="button" class="btn" disabled={busy} onClick={() => setFile(null)}>{t.close}</button></div>
            : <p class="small">{w.files.nothing}</p>)}
        </>
      )}
    </>
  )
}

/** What kept the file from being compared or applied; the file stays chosen. */
function Stopped({ problem, retry }: { problem: Problem; retry: () => void }) {
  const { say } = useApp()
  const { w } = useEditor()
  return (
    <>
      <Trouble problem={problem} />
      {problem.body.changed && <ul class="small">{problem.body.changed.map((each) => <li key={each.number}>{each.by}: {say(each.summary)}</li>)}</ul>}
      <button type="button" class="btn" onClick={retry}>{w.files.again}</button>
    </>
  )
}

/** Take the draft away as a file, and bring it back: the difference is shown before anything is changed. */
export function Files() {
  const { w, plan, mayEdit } = useEditor()
  return (
    <>
      <h3>{w.files.out}</h3>
      <ul class="plain">
        {formats.map(([format, name]) => (
          <li key={format} class="listed"><a class="chip" href={drafts.files.address(plan.id, format)} download>{name}</a><span class="small">{w.files.for[format]}</span></li>
        ))}
      </ul>
      <p class="small gap-above">{w.files.about}</p>
      {mayEdit && <Bring />}
    </>
  )
}
