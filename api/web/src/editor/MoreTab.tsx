import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import { Choices } from '../analyst/Filters'
import * as drafts from '../api/drafts'
import type { Changes } from '../api/drafts.types'
import { useApp } from '../app/context'
import { count, day } from '../app/format'
import { Answered, Empty, Trouble } from '../app/states'
import { useQuery } from '../app/useQuery'
import { PlanTables } from '../planner/PlanView'
import { useEditor } from './context'

const formats = [['gpkg', 'GeoPackage'], ['geojson', 'GeoJSON'], ['shp', 'Shapefile']] as const

/** Take the draft away to QGIS and bring it back; the difference is shown before anything is changed. */
function Files() {
  const { w, plan, desk, mayEdit } = useEditor()
  const [file, setFile] = useState<File | null>(null)
  const [difference, setDifference] = useState<Changes | null>(null)
  const { busy, problem, act } = useAction()
  const look = (chosen: File | null) => {
    setFile(chosen)
    setDifference(null)
    if (chosen) void act(async () => setDifference((await drafts.files.bring(plan.id, chosen, false)).changes ?? { grids: [], sources_moved: 0, people_affected: [] }))
  }
  const apply = () => act(async () => {
    await drafts.files.bring(plan.id, file!, true)
    setFile(null)
    setDifference(null)
    desk.say({ text: w.files.done, how: 'said' })
    await Promise.all([desk.refresh(), desk.ledger.load()])
  })
  return (
    <>
      <h3>{w.files.out}</h3>
      <div class="chips wrap">{formats.map(([format, name]) => <a key={format} class="chip" href={drafts.files.address(plan.id, format)} download>{name}</a>)}</div>
      <p class="small gap-above">{w.files.about}</p>
      {mayEdit && (
        <>
          <h3>{w.files.in}</h3>
          <input class="field" type="file" aria-label={w.files.choose} accept=".gpkg,.geojson,.json,.zip" onChange={(event) => look(event.currentTarget.files?.[0] ?? null)} />
          {problem && <Trouble problem={problem} />}
          {difference && (difference.grids.length === 0
            ? <Empty what={w.files.none} />
            : (
              <>
                <p class="mut">{w.files.changes(count(difference.grids.length))}</p>
                <ul class="plain">{difference.grids.slice(0, 40).map((each) => <li key={`${each.uid} ${each.change}`} class="listed"><span>{each.name}</span><em class={`change ${each.change}`}>{w.compare.change[each.change] ?? each.change}</em></li>)}</ul>
                <div class="row tight-row"><button type="button" class="btn p" disabled={busy} onClick={() => void apply()}>{w.files.apply}</button></div>
              </>
            ))}
        </>
      )}
    </>
  )
}

function Filings() {
  const { lang } = useApp()
  const { w, plan } = useEditor()
  const answer = useQuery(`filings ${plan.id} ${lang}`, (signal) => drafts.filings(plan.id, signal))
  return (
    <Answered of={answer}>
      {(all) => {
        const missing = all.filter((each) => each.state === 'due' || each.state === 'overdue' || each.state === 'returned').length
        if (all.length === 0) return <Empty what={w.filings.none} />
        return (
          <>
            <p class="mut">{w.filings.missing(count(missing))}</p>
            <ul class="plain">
              {all.map((each) => (
                <li key={each.grid.uid} class="listed">
                  <span>{each.grid.name}{each.note && <span class="small"> {each.note}</span>}</span>
                  {each.deadline && <span class="num">{w.filings.deadline} {day(each.deadline)}</span>}
                  <em class={`filing ${each.state}`}>{w.filings.state[each.state] ?? each.state}</em>
                </li>
              ))}
            </ul>
          </>
        )
      }}
    </Answered>
  )
}

type Shown = 'findings' | 'grids' | 'files' | 'filings'

/** The draft as tables and as files, and who has filed. */
export function MoreTab() {
  const { t } = useApp()
  const { w, plan } = useEditor()
  const [shown, setShown] = useState<Shown>('findings')
  return (
    <>
      <Choices<Shown>
        label={t.planner.title} value={shown} onChange={setShown}
        options={[{ value: 'findings', name: w.lists.findings }, { value: 'grids', name: w.lists.grids }, { value: 'files', name: w.files.title }, { value: 'filings', name: w.filings.title }]}
      />
      {shown === 'files' && <Files />}
      {shown === 'filings' && <Filings />}
      {(shown === 'findings' || shown === 'grids') && <div class="gap-above"><PlanTables key={`${plan.id} ${shown}`} shown={shown} /></div>}
    </>
  )
}
