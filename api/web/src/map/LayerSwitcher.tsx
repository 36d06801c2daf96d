import { useEffect, useRef, useState } from 'preact/hooks'
import type { Group, Layer } from '../api/types'
import { useApp } from '../app/context'
import { count } from '../app/format'
import { Icon } from '../app/icons'

const order: Group[] = ['grids', 'responsibility', 'sources', 'coverage', 'surroundings', 'workload']

function Choice({ layer }: { layer: Layer }) {
  const { say, t, visible, toggleLayer } = useApp()
  const swatch = layer.legend[0]
  return (
    <label class="layer">
      <input type="checkbox" checked={visible.has(layer.id)} onChange={(event) => toggleLayer(layer.id, event.currentTarget.checked)} />
      {swatch && <i class={`sw ${swatch.shape}`} style={{ '--color': swatch.color }} />}
      <span title={say(layer.about)}>{say(layer.title)}</span>
      {layer.audience === 'internal' && <em>{t.map.internal}</em>}
      {layer.count !== null && <span class="num">{count(layer.count)}</span>}
    </label>
  )
}

/** Which layers are shown, with how many features each has. */
export function LayerSwitcher() {
  const { layers, t } = useApp()
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!open) return
    const leave = (event: Event) => box.current?.contains(event.target as Node) || setOpen(false)
    addEventListener('pointerdown', leave)
    return () => removeEventListener('pointerdown', leave)
  }, [open])
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return
    event.stopPropagation()
    setOpen(false)
    box.current?.querySelector('button')?.focus()
  }
  if (layers.length === 0) return null
  return (
    <div class="switcher" ref={box} onKeyDown={escape}>
      <button type="button" class="float" aria-expanded={open} aria-controls="layers" onClick={() => setOpen(!open)}>
        <Icon name="layers" />{t.map.layers}
      </button>
      {open && (
        <div class="float layers" id="layers" role="group" aria-label={t.map.layers}>
          {order.map((group) => {
            const members = layers.filter((layer) => layer.group === group)
            return members.length > 0 && (
              <fieldset key={group}>
                <legend>{t.groups[group]}</legend>
                {members.map((layer) => <Choice key={layer.id} layer={layer} />)}
              </fieldset>
            )
          })}
        </div>
      )}
    </div>
  )
}
