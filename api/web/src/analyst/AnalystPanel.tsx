import { useState } from 'preact/hooks'
import type { Bounds } from '../api/types'
import { useApp } from '../app/context'
import { tabs } from '../app/route'
import { CoverageTab } from './CoverageTab'
import { Download } from './Download'
import { LayerTab } from './LayerTab'
import { SurroundingsTab } from './SurroundingsTab'
import { WorkloadTab } from './WorkloadTab'

export interface Within {
  name: string
  bounds: Bounds
}

/** What is not covered, what lies around, who is missing, who has too much. */
export function AnalystPanel() {
  const { t, route, go, layers } = useApp()
  const [within, setWithin] = useState<Within | null>(null)
  const { tab } = route
  const arrows = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (!by) return
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]!
    go({ tab: next })
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    <>
      <div class="tabs" role="tablist" aria-label={t.tabs.label} onKeyDown={arrows}>
        {tabs.map((each) => (
          <button
            key={each} id={`tab-${each}`} type="button" role="tab" class="tab" aria-selected={each === tab} aria-controls="tabpanel"
            tabIndex={each === tab ? 0 : -1}
            onClick={() => {
              setWithin(null)
              go({ tab: each })
            }}
          >
            {t.tabs[each]}
          </button>
        ))}
      </div>
      <div class="body" id="tabpanel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        <h2 class="visually-hidden">{t.tabs[tab]}</h2>
        {tab === 'coverage' && (
          <CoverageTab
            onSources={(of) => {
              setWithin(of)
              go({ tab: 'uncovered' })
            }}
          />
        )}
        {tab === 'uncovered' && (
          <LayerTab key={tab} layers={layers.filter((each) => (each.group === 'coverage' && each.geometry === 'point') || (each.group === 'sources' && each.audience === 'internal'))} within={within} onWithin={setWithin} />
        )}
        {tab === 'surroundings' && <SurroundingsTab />}
        {tab === 'responsibility' && (
          <LayerTab key={tab} layers={layers.filter((each) => each.group === 'responsibility').sort((a, b) => Number(a.audience === 'public') - Number(b.audience === 'public'))} within={null} onWithin={setWithin} />
        )}
        {tab === 'workload' && <WorkloadTab />}
        <Download />
      </div>
    </>
  )
}
