import { workload } from '../api/gisgrid'
import { useApp } from '../app/context'
import { decimal } from '../app/format'
import { useQuery } from '../app/useQuery'

/** Weighted sources per supervisor, the busiest first. */
export function WorkloadBars() {
  const { t } = useApp()
  const answer = useQuery('workload 2', (signal) => workload(2, signal))
  const rows = (answer.value ?? []).toSorted((a, b) => (b.weighted_per_officer ?? -1) - (a.weighted_per_officer ?? -1)).slice(0, 8)
  const most = Math.max(1, ...rows.map((row) => row.weighted_per_officer ?? 0))
  if (rows.length === 0) return null
  return (
    <section aria-labelledby="per-officer">
      <h3 id="per-officer">{t.analyst.perOfficer}</h3>
      <ul class="bars">
        {rows.map((row) => (
          <li key={row.uid}>
            <span>{row.name}</span>
            <i class="bar-track"><i style={{ width: `${(100 * (row.weighted_per_officer ?? 0)) / most}%` }} /></i>
            <b>{row.weighted_per_officer === null ? <span class="vac">{t.analyst.noOfficers}</span> : decimal(row.weighted_per_officer, 0)}</b>
          </li>
        ))}
      </ul>
    </section>
  )
}
