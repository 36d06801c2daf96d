import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { LegendEntry } from '../api/types'
import { useApp } from '../app/context'
import { Icon } from '../app/icons'
import type { MapController } from './MapController'

const same = (a: Map<string, LegendEntry[]>, b: Map<string, LegendEntry[]>) =>
  a.size === b.size && [...a].every(([id, entries]) => b.get(id)?.length === entries.length && b.get(id)?.every((each, i) => each === entries[i]))

/** What the colours and shapes in view mean; only what is in view is listed. */
export function Legend({ map }: { map: MapController }) {
  const { layers, say, t, narrow, marks, route } = useApp()
  // Where land is drawn, little room is left for it.
  const folded = narrow || (route.view === 'planner' && route.plan !== null && innerHeight < 900)
  const [entries, setEntries] = useState<Map<string, LegendEntry[]>>(new Map())
  const [open, setOpen] = useState(!folded)
  useLayoutEffect(() => setOpen(!folded), [folded])
  useEffect(() => {
    const look = () => setEntries((before) => {
      const now = map.explained()
      return same(before, now) ? before : now
    })
    map.map.on('idle', look)
    return () => void map.map.off('idle', look)
  }, [map])
  const shown = layers.filter((layer) => entries.has(layer.id))
  if (shown.length === 0) return null
  return (
    <div class={open ? 'legend open' : 'legend'}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <b>{t.map.legend}</b><Icon name={open ? 'minus' : 'plus'} />
      </button>
      {open && (
        <div class="legend-list" role="list" aria-label={t.map.legend} tabIndex={0}>
          {shown.map((layer) => {
            const all = entries.get(layer.id)!
            // Classes that differ in size only are one line: the layer's own name says more.
            const alike = layer.group !== 'grids' && all.every((each) => each.color === all[0]!.color && each.shape === all[0]!.shape)
            const own = alike ? all.slice(0, 1) : all
            return (
              <div key={layer.id} role="listitem">
                {own.length > 1 && layer.group !== 'grids' && <div class="small">{say(layer.title)}</div>}
                {own.map((entry, i) => (
                  <div class="entry" key={i}>
                    <i class={`sw ${entry.shape}`} style={{ '--color': entry.color, '--size': `${entry.size ?? 11}px` }} />
                    {own.length === 1 && layer.group !== 'grids' ? say(layer.title) : say(entry.label)}
                  </div>
                ))}
              </div>
            )
          })}
          {marks.ring && <div role="listitem" class="entry"><i class="sw ring" style={{ '--color': '#0b6e6e' }} />{t.analyst.radius}</div>}
          {marks.points.length > 0 && <div role="listitem" class="entry"><i class="sw ring" style={{ '--color': '#17222e' }} />{t.analyst.receptor}</div>}
        </div>
      )}
    </div>
  )
}
