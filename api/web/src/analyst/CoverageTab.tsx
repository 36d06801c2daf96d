import { coverage } from '../api/gisgrid'
import type { Coverage } from '../api/types'
import { useApp } from '../app/context'
import { count, decimal } from '../app/format'
import { Answered } from '../app/states'
import { useQuery } from '../app/useQuery'
import type { Within } from './AnalystPanel'
import { FindingsTable } from './FindingsTable'
import { WorkloadBars } from './WorkloadBars'

/** Two decimals, but never 0.00 for something that is there. */
const km2 = (m2: number) => (m2 > 0 && m2 < 5000 ? '<\u200a0.01' : decimal(m2 / 1e6, 2))

function Sums({ of }: { of: Coverage }) {
  const { t } = useApp()
  return (
    <div class="kpi">
      <div><b class="gap">{km2(of.gap_area_m2)}</b><span>{t.units.km2} {t.analyst.gapArea}</span></div>
      <div><b class="overlap">{km2(of.overlap_area_m2)}</b><span>{t.units.km2} {t.analyst.overlapArea}</span></div>
      <div><b>{count(of.uncovered_sources)}</b><span>{t.analyst.uncovered}</span></div>
      <div><b class={of.vacant_posts > 0 ? 'vac' : ''}>{count(of.vacant_posts)}</b><span>{t.analyst.vacantPosts}</span></div>
    </div>
  )
}

/** What is not covered. */
export function CoverageTab({ onSources }: { onSources: (within: Within) => void }) {
  const { lang } = useApp()
  const sums = useQuery(`coverage ${lang}`, (signal) => coverage(null, signal))
  return (
    <>
      <Answered of={sums} rows={2}>{(found) => <Sums of={found} />}</Answered>
      <FindingsTable onSources={onSources} />
      <WorkloadBars />
    </>
  )
}
