import { useLayoutEffect, useRef } from 'preact/hooks'
import { useApp } from '../app/context'
import { useEditor } from './context'
import { needs, tools } from './tools'
import { command } from './touch'

const shape = { trace: 'M3 15.5c2-5 4-1 6-5s4-6 8-6M3 15.5l2.5-3M3 15.5l3.5 0', undo: 'M7.5 4L4 7.5 7.5 11M4.5 7.5h7a4.5 4.5 0 0 1 0 9H7', redo: 'M12.5 4L16 7.5 12.5 11M15.5 7.5h-7a4.5 4.5 0 0 0 0 9H13' }
const Glyph = ({ d }: { d: string }) => <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d={d} /></svg>

/** The drawing tools over the map: an icon, a word and a letter each. */
export function Toolbar() {
  const { narrow, map, lang } = useApp()
  const { desk, w, mayEdit } = useEditor()
  const bar = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!bar.current || !map) return
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = bar.current
    map.keepClear(narrow ? { left: 0, top: offsetTop + offsetHeight } : { left: offsetLeft + offsetWidth, top: 0 })
    return () => map.uncover()
  }, [map, narrow, lang, mayEdit])
  if (!mayEdit) return null
  const { history } = desk.ledger
  const drawing = desk.drawn !== null && !desk.drawn.finished
  return (
    <div ref={bar} class={narrow ? 'edit-tools narrow' : 'edit-tools'} role="toolbar" aria-label={w.toolbar} aria-orientation={narrow ? 'horizontal' : 'vertical'}>
      {tools.map((tool) => (
        <button key={tool} type="button" class="edit-tool" aria-pressed={desk.tool === tool} aria-keyshortcuts={needs[tool].letter} onClick={() => desk.use(tool)}>
          <Glyph d={needs[tool].icon} /><span>{w.tools[tool]}</span><kbd aria-hidden="true">{needs[tool].letter}</kbd>
        </button>
      ))}
      <i class="rule" />
      <button type="button" class="edit-tool" aria-pressed={desk.tracing} aria-keyshortcuts="T" disabled={!drawing} onClick={() => desk.trace(!desk.tracing)}>
        <Glyph d={shape.trace} /><span>{w.trace}</span><kbd aria-hidden="true">T</kbd>
      </button>
      <button type="button" class="edit-tool" aria-keyshortcuts="Control+Z Meta+Z" disabled={!desk.isUnsaved && !history?.can_undo} onClick={() => void desk.turn('undone')}>
        <Glyph d={shape.undo} /><span>{w.undo}</span><kbd aria-hidden="true">{command} Z</kbd>
      </button>
      <button type="button" class="edit-tool" aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z" disabled={desk.isUnsaved || !history?.can_redo} onClick={() => void desk.turn('redone')}>
        <Glyph d={shape.redo} /><span>{w.redo}</span><kbd aria-hidden="true">{command} ⇧ Z</kbd>
      </button>
    </div>
  )
}
