import { useLayoutEffect } from 'preact/hooks'
import type { Desk } from './Desk'
import { needs, tools } from './tools'

const typing = (target: EventTarget | null) => target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [contenteditable]') !== null
/** What Enter and the space bar press by themselves. */
const pressable = (target: EventTarget | null) => target instanceof HTMLElement && target.closest('button, a, summary, [role="separator"]') !== null

/** A line of an edit's form: Enter and Esc say there what its buttons say. */
const filling = (target: EventTarget | null) => target instanceof HTMLInputElement && target.closest('.options') !== null

/** Letters choose tools; Esc leaves, Enter confirms, Ctrl or ⌘ Z undoes, Backspace takes back a vertex, space sets one in the middle.
 * Where what is under way is not to be seen, Enter does not confirm it but does `show` it. */
export function useShortcuts(desk: Desk | null, on: boolean, show: (() => void) | null): void {
  // Before the next key, not after the next picture: drawing may take long.
  useLayoutEffect(() => {
    if (!desk) return
    const keys = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return
      const { key } = event
      if (key === 'Escape' && (filling(event.target) || !typing(event.target))) return desk.cancel()
      if (typing(event.target)) return
      const command = event.ctrlKey || event.metaKey
      if (command && key.toLowerCase() === 'z') {
        event.preventDefault()
        return void desk.turn(event.shiftKey ? 'redone' : 'undone')
      }
      if (command && key.toLowerCase() === 'y') {
        event.preventDefault()
        return void desk.turn('redone')
      }
      if (command || event.altKey) return
      if (key === 'Backspace') {
        event.preventDefault()
        return desk.board?.back()
      }
      const onMap = event.target instanceof HTMLCanvasElement
      if (key === ' ' && onMap && desk.board?.isDrawing) {
        event.preventDefault()
        return desk.board.putAtCentre()
      }
      if (!on) return
      const letter = key.toUpperCase()
      if (letter === 'T' && desk.drawn) return desk.trace(!desk.tracing)
      const tool = tools.find((each) => needs[each].letter === letter)
      if (tool) desk.use(tool)
    }
    // Before the map hears it, which takes Enter for a click on its centre.
    const enter = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || (typing(event.target) && !filling(event.target)) || pressable(event.target)) return
      if (document.querySelector('dialog[open]') || !(desk.outcome.operation !== null || desk.board?.isDrawing)) return
      event.stopPropagation()
      if (show) show()
      else void desk.confirm()
    }
    addEventListener('keydown', keys)
    addEventListener('keydown', enter, true)
    return () => {
      removeEventListener('keydown', keys)
      removeEventListener('keydown', enter, true)
    }
  }, [desk, on, show !== null])
}
