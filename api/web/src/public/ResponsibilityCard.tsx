import type { ChainGrid, Responsibility, Topic } from '../api/types'
import { useApp } from '../app/context'
import { metres } from '../app/format'
import { ChainCard } from './ChainCard'
import { BoundaryNote } from './BoundaryNote'
import { DepartmentAnswer } from './DepartmentAnswer'
import { GapNote } from './GapNote'
import { PrintedFoot } from './PrintedFoot'
import { ShareRow } from './ShareRow'
import { TopicChooser } from './TopicChooser'

/** The whole answer for a place inside a grid, in the order people need it. */
export function ResponsibilityCard({ found, topics, onClear }: { found: Responsibility; topics: Topic[]; onClear: () => void }) {
  const { t, narrow } = useApp()
  const [finest, ...upper] = found.chain
  const who = (grids: ChainGrid[], first: boolean) => grids.map((grid, i) => (
    <ChainCard key={grid.uid} grid={grid} first={first && i === 0} hotline={found.hotline} />
  ))
  const topic = (
    <>
      <TopicChooser topics={topics} />
      {found.topic && <DepartmentAnswer found={found} />}
    </>
  )
  return (
    <article aria-label={t.public.title}>
      <h2 class="title">
        {finest?.name} <span class="where">{upper.map((each) => each.name).join(' · ')}</span>
      </h2>
      <p class="mut lead">{t.public.yourPlace}</p>
      <GapNote found={found} />
      <BoundaryNote found={found} />
      {/* On a phone the call button comes before the question what happened. */}
      {narrow && finest && who([finest], true)}
      {topic}
      <h3>{narrow ? t.public.upper : t.public.who}</h3>
      {narrow ? who(upper, false) : who(found.chain, true)}
      <h3>{t.public.key}</h3>
      {found.key_units.map((unit) => (
        <div key={unit.uid}>
          <ChainCard grid={unit} first={false} hotline={found.hotline} badge={t.public.key.slice(0, 1)} />
          {unit.owner && <div class="small">{t.public.inKey(unit.owner.name)}</div>}
        </div>
      ))}
      {found.key_units.length === 0 && (
        <p class="mut">
          {t.public.notInKey}
          {found.nearest_key_unit && ` · ${t.public.nearestKey(found.nearest_key_unit.name, metres(found.nearest_key_unit.distance_m, t))}`}
        </p>
      )}
      <ShareRow onClear={onClear} />
      <PrintedFoot />
    </article>
  )
}
