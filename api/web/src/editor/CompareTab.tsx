import { useEffect, useRef, useState } from 'preact/hooks'
import * as drafts from '../api/drafts'
import type { GridChange } from '../api/drafts.types'
import { useApp } from '../app/context'
import { area, count } from '../app/format'
import { Answered, Empty } from '../app/states'
import { useQuery } from '../app/useQuery'
import { useEditor } from './context'
import { Decide } from './Decide'
import { OnMap } from './OnMap'
import { boxOf } from './shapes'
import { Swipe } from './Swipe'

/** The line between two maps, dragged or moved with the arrow keys. */
function Handle({ onMove }: { onMove: (share: number) => void }) {
  const { w } = useEditor()
  const [share, setShare] = useState(0.5)
  const dragging = useRef(false)
  const move = (to: number) => {
    const within = Math.min(0.98, Math.max(0.02, to))
    setShare(within)
    onMove(within)
  }
  const at = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).parentElement!.getBoundingClientRect()
    return (event.clientX - box.left) / box.width
  }
  return (
    <div class="swipe">
      <b class="swipe-label left">{w.compare.left}</b><b class="swipe-label right">{w.compare.right}</b>
      <div
        class="swipe-line" role="slider" tabIndex={0} aria-label={w.compare.handle} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} style={{ left: `${share * 100}%` }}
        onPointerDown={(event) => { dragging.current = true; event.currentTarget.setPointerCapture(event.pointerId) }}
        onPointerMove={(event) => dragging.current && move(at(event))}
        onPointerUp={() => { dragging.current = false }}
        onKeyDown={(event) => {
          const by = event.key === 'ArrowRight' ? 0.05 : event.key === 'ArrowLeft' ? -0.05 : 0
          if (!by) return
          event.preventDefault()
          move(share + by)
        }}
      >
        <i>⇔</i>
      </div>
    </div>
  )
}

/** The area before; where it reads the same as the area now, by how much it grew or shrank. */
function Former({ change: { area_m2_before: before, area_m2_after: after } }: { change: GridChange }) {
  const { t } = useApp()
  const { w } = useEditor()
  if (before === null || before === after) return null
  const isTold = after === null || area(before, t) !== area(after, t)
  return <span class="was">{isTold ? w.compare.from(area(before, t)) : `${after > before ? '+' : '−'}${area(Math.abs(after - before), t)}`}</span>
}

/** What differs from the plan in force, or of one that was published, from the plan that it revised: a list, and both maps over each other. */
export function CompareTab() {
  const { t, lang, map, site, visible, mapless } = useApp()
  const { desk, w, plan, former: base, version, mayDecide } = useEditor()
  const answer = useQuery(base === null ? null : `changes ${plan.id} ${base} ${version} ${lang}`, (signal) => drafts.review.changes(plan.id, base!, signal))
  const [swiping, setSwiping] = useState(false)
  const swipe = useRef<Swipe | null>(null)
  const changes = answer.value
  useEffect(() => {
    const drawn = changes?.grids.filter((each) => each.geometry !== null) ?? []
    desk.board?.overlay.show('difference', drawn.map((each) => ({ geometry: each.geometry!, properties: { change: each.change } })))
    return () => desk.board?.overlay.show('difference', [])
  }, [changes, desk.board])
  useEffect(() => {
    if (!swiping || !map || base === null) return
    const made = swipe.current = new Swipe(map, site, base, visible, w.compare.left)
    return () => {
      swipe.current = null
      made.dispose()
    }
  }, [swiping, map])
  const go = (each: GridChange) => {
    const geometry = each.geometry ?? desk.store.get(each.uid)?.geometry
    if (geometry) map?.fit(boxOf(geometry))
  }
  if (base === null) return <Empty what={w.compare.noBase} />
  return (
    <>
      {mayDecide && <Decide />}
      <div class="check">
        <h3 class="check-name">{w.compare.title}</h3>
        {!mapless && <button type="button" class="btn small-btn" aria-pressed={swiping} onClick={() => setSwiping(!swiping)}>{w.compare.swipe}</button>}
      </div>
      <Answered of={answer}>
        {({ grids, sources_moved, people_affected }) => (
          <>
            {grids.length === 0 && <Empty what={w.compare.none} />}
            {(sources_moved > 0 || people_affected.length > 0) && <p class="mut">{[sources_moved > 0 && w.compare.sources(count(sources_moved)), people_affected.length > 0 && w.compare.people(count(people_affected.length))].filter(Boolean).join(' · ')}</p>}
            <ul class="checks">
              {grids.map((each) => (
                <li key={`${each.uid} ${each.change}`}>
                  <div class="check">
                    <button type="button" class="check-name" onClick={() => go(each)}>{each.name}{each.name_before !== null && <span class="was">{w.compare.from(each.name_before)}</span>}</button>
                    <em class={`change ${each.change}`}>{w.compare.change[each.change] ?? each.change}</em>
                    <span class="num">
                      {each.area_m2_after !== null && area(each.area_m2_after, t)}
                      <Former change={each} />
                    </span>
                  </div>
                </li>
              ))}
            </ul>
          </>
        )}
      </Answered>
      {swiping && map && <OnMap><Handle onMove={(share) => swipe.current?.set(share)} /></OnMap>}
    </>
  )
}
