import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useApp } from './context'

/** Shares of the height at which the sheet's top rests: all panel, the usual, all map. */
const rests = [0.06, 0.42, 0.82]

/** The panel: a column beside the map, on a phone a sheet over it that drags up and down. */
export function Sheet({ children }: { children: ComponentChildren }) {
  const { narrow, t, map, route } = useApp()
  const panel = useRef<HTMLElement>(null)
  const [rest, setRest] = useState(1)
  const grip = useRef<{ from: number; top: number; moved: boolean } | null>(null)

  const height = () => panel.current!.parentElement!.clientHeight
  const place = (share: number) => panel.current!.parentElement!.style.setProperty('--sheet', `${(share * 100).toFixed(2)}%`)
  useEffect(() => {
    if (!narrow) return
    place(rests[rest]!)
    map?.map.resize()
  }, [rest, narrow, map])
  useLayoutEffect(() => setRest(1), [route.view, route.place])

  const down = (event: PointerEvent) => {
    grip.current = { from: event.clientY, top: rests[rest]! * height(), moved: false }
    ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent) => {
    if (!grip.current) return
    const by = event.clientY - grip.current.from
    if (Math.abs(by) > 4) grip.current.moved = true
    place(Math.min(0.86, Math.max(0.02, (grip.current.top + by) / height())))
  }
  const up = (event: PointerEvent) => {
    if (!grip.current) return
    const { from, top, moved } = grip.current
    grip.current = null
    if (!moved) return
    const share = (top + event.clientY - from) / height()
    const nearest = rests.reduce((best, each, i) => (Math.abs(each - share) < Math.abs(rests[best]! - share) ? i : best), 0)
    place(rests[nearest]!)
    setRest(nearest)
    map?.map.resize()
  }
  const dragged = useRef(false)
  return (
    <section class="panel" id="panel" ref={panel} tabIndex={-1} aria-label={t.views[route.view]}>
      {narrow && (
        <button
          type="button"
          class="grab"
          aria-label={t.map.panel}
          onPointerDown={down}
          onPointerMove={(event) => { move(event); dragged.current = grip.current?.moved ?? dragged.current }}
          onPointerUp={up}
          onPointerCancel={up}
          onClick={() => {
            if (!dragged.current) setRest((n) => (n === 0 ? 1 : n - 1))
            dragged.current = false
          }}
        ><i /></button>
      )}
      {children}
    </section>
  )
}
