/** The planner's editor: the draft on the map, and beside it what is being done to it. */
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import type { Plan } from '../api/types'
import { useApp, useMapClick } from '../app/context'
import { area } from '../app/format'
import { en } from '../i18n/editor.en'
import { zh } from '../i18n/editor.zh'
import type { MapController } from '../map/MapController'
import { Discard } from '../planner/Discard'
import { StateChip } from '../planner/StateChip'
import { EditorContext, tabs, time, type Editing, type EditorTab } from './context'
import { Desk } from './Desk'
import './editor.css'
import { ConfirmBar, EditTab, UnderWay } from './EditTab'
import { Returned } from './Decisions'
import { ChecksTab } from './ChecksTab'
import { CommentsTab } from './CommentsTab'
import { CompareTab } from './CompareTab'
import { HistoryTab } from './HistoryTab'
import { MoreTab } from './MoreTab'
import { Conflicts, Offline, Toasts } from './Notices'
import { OnMap } from './OnMap'
import { SuggestTab } from './SuggestTab'
import { Toolbar } from './Toolbar'
import { Withdraw } from './Withdraw'
import { useShortcuts } from './useShortcuts'

const words = { zh, en }

export default function Editor({ plan, plans, onPlans }: { plan: Plan; plans: Plan[]; onPlans: (said?: string) => void }) {
  const { lang, t, session, map, mapless, go, say, mark, narrow, route } = useApp()
  const w = words[lang]
  const role = session.user?.role ?? null
  const login = session.user?.login ?? ''
  const mayEdit = plan.state === 'draft' && (role === 'planner' || role === 'admin')
  const mayDecide = plan.state === 'in_review' && (role === 'approver' || role === 'admin')
  const [ticks, tick] = useReducer((n: number) => n + 1, 0)
  const [tab, setTab] = useState<EditorTab>(mapless || route.part ? 'more' : plan.state === 'in_review' ? 'compare' : 'edit')
  const [several, setSeveral] = useState(false)
  const desk = useMemo(() => new Desk(plan, login, mayEdit, () => tick(0), () => onPlans()), [plan.id, plan.state, login])
  useEffect(() => () => desk.dispose(), [desk])
  useBoard(desk, map)
  useShortcuts(desk, !narrow, tab === 'edit' ? null : () => setTab('edit'))
  useEffect(() => mark({ selected: null }), [desk])
  useEffect(() => {
    if (!mayEdit && tab === 'suggest') setTab('edit')
  }, [mayEdit])
  useMapClick(({ lon, lat, more }) => {
    if (tab === 'more') return
    if (tab !== 'edit' && !desk.picking && tab !== 'suggest') setTab('edit')
    desk.click([lon, lat], more === true || several)
  })
  const shown = useRef(session)
  useEffect(() => {
    if (session !== shown.current) void desk.resume()
    shown.current = session
  }, [session])
  // The desk is another one when the plan is in another state: that one says it.
  const toSay = useRef<string | null>(null)
  const reload = (said?: string) => {
    toSay.current = said ?? null
    onPlans(said)
  }
  useEffect(() => {
    if (toSay.current) desk.say({ text: toSay.current, how: 'said' })
    toSay.current = null
  }, [desk])
  const latest = desk.ledger.history?.edits[0]
  const version = `${latest?.number ?? 0}${latest?.state ?? ''}`
  const base = plans.find((each) => each.id === plan.base)
  const holds = plan.state === 'draft' || plan.state === 'in_review' ? plans.find((each) => each.state === 'published') : undefined
  const former = holds?.id ?? plan.base
  const editing: Editing = useMemo(
    () => ({ desk, w, plan, former, mayEdit, mayDecide, tab, setTab, several, setSeveral, version, reload }),
    [desk, w, plan, former, mayEdit, mayDecide, tab, several, version, ticks],
  )
  const { ledger } = desk
  const state = ledger.busy ? w.saving : ledger.unsent ? w.notSaved : ledger.savedAt ? w.saved(time(ledger.savedAt)) : latest?.at ? w.saved(time(latest.at)) : null
  return (
    <EditorContext.Provider value={editing}>
      <div class="editor-head">
        <button type="button" class="link" onClick={() => go({ plan: null })}>← {t.planner.back}</button>
        <div class="row head"><h2 class="title">{say(plan.title)}</h2><StateChip state={plan.state} /></div>
        <div class="small">
          {w.head(base ? say(base.title) : '', String(latest?.number ?? 0))}
          {state && <> · <span class={ledger.unsent ? 'bad' : undefined}>{state}</span></>}
          {ledger.offline && <b class="offline">{w.offline}</b>}
        </div>
      </div>
      <Tabs value={tab} of={mayEdit ? tabs : tabs.filter((each) => each !== 'suggest')} onChange={setTab} />
      <div class="body editor-body" id="editor-panel" role="tabpanel" aria-labelledby={`editor-${tab}`} tabIndex={0}>
        <Conflicts />
        <Returned />
        {!mayEdit && <p class="note info">{plan.state === 'draft' ? w.readOnly.notYours : w.readOnly[plan.state]}</p>}
        <Withdraw />
        {tab === 'edit' && (mapless ? <p class="note info">{w.noMap}</p> : <EditTab />)}
        {tab === 'checks' && <ChecksTab />}
        {tab === 'history' && <HistoryTab />}
        {tab === 'compare' && <CompareTab />}
        {tab === 'comments' && <CommentsTab />}
        {tab === 'suggest' && <SuggestTab />}
        {tab === 'more' && <MoreTab />}
        {tab === 'more' && plan.may_discard && <div class="row gap-above"><Discard plan={plan} onDiscarded={onPlans} /></div>}
      </div>
      {!narrow && tab === 'edit' && <ConfirmBar />}
      {tab !== 'edit' && desk.isUnderWay && <UnderWay />}
      <OnMap>
        {!(narrow && tab === 'more') && <Toolbar />}
        <Offline />
        <Toasts />
      </OnMap>
    </EditorContext.Provider>
  )

  function useBoard(of: Desk, on: MapController | null) {
    useEffect(() => {
      if (!on) return
      let gone = false
      void of.attach(on, (grid) => `${grid.properties.name}\n${area(grid.properties.area_m2, t)}`).then(() => gone && of.detach())
      return () => {
        gone = true
        of.detach()
      }
    }, [of, on])
  }
}

function Tabs({ value, of, onChange }: { value: EditorTab; of: readonly EditorTab[]; onChange: (tab: EditorTab) => void }) {
  const { w } = { w: words[useApp().lang] }
  const arrows = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (!by) return
    const next = of[(of.indexOf(value) + by + of.length) % of.length]!
    onChange(next)
    document.getElementById(`editor-${next}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={w.tabs.label} onKeyDown={arrows}>
      {of.map((each) => (
        <button
          key={each} id={`editor-${each}`} type="button" role="tab" class="tab" aria-selected={each === value} aria-controls="editor-panel"
          tabIndex={each === value ? 0 : -1} onClick={() => onChange(each)}
        >
          {w.tabs[each]}
        </button>
      ))}
    </div>
  )
}
