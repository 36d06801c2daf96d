import { useEffect, useRef, useState } from 'preact/hooks'
import type { Workload } from '../api/types'
import { useApp } from '../app/context'
import type { Chart } from './chart'

const rowHeight = 22
const margins = 24

/** A bar a grid. The charting library is fetched only when a chart is looked at. */
export function WorkloadChart({ rows, onChoose }: { rows: Workload[]; onChoose: (uid: string) => void }) {
  const { t } = useApp()
  const holder = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<Chart | null>(null)
  const choose = useRef(onChoose)
  choose.current = onChoose
  useEffect(() => {
    let made: Chart | null = null
    let gone = false
    void import('./chart').then(({ draw }) => {
      if (gone || !holder.current) return
      made = draw(holder.current, (uid) => choose.current(uid))
      setChart(made)
    })
    return () => {
      gone = true
      made?.dispose()
    }
  }, [])
  useEffect(() => chart?.set(rows), [chart, rows])
  return (
    <div class="chart-scroll" role="region" tabIndex={0} aria-label={t.analyst.chart}>
      <div class="chart" ref={holder} role="img" aria-label={t.analyst.chart} style={{ height: `${rows.length * rowHeight + margins}px` }} />
    </div>
  )
}
