import { render, type ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { AppContext, useApp } from '../app/context'
import { EditorContext, useEditor } from './context'

/** Puts its children over the map, which is elsewhere in the page. */
export function OnMap({ children }: { children: ComponentChildren }) {
  const app = useApp()
  const editing = useEditor()
  const holder = useRef<HTMLDivElement | null>(null)
  const pane = app.map?.map.getContainer().parentElement
  useLayoutEffect(() => {
    if (!pane) return
    const made = document.createElement('div')
    made.className = 'on-map'
    pane.append(made)
    holder.current = made
    return () => {
      render(null, made)
      made.remove()
      holder.current = null
    }
  }, [pane])
  useLayoutEffect(() => {
    if (!holder.current) return
    render(
      <AppContext.Provider value={app}><EditorContext.Provider value={editing}>{children}</EditorContext.Provider></AppContext.Provider>,
      holder.current,
    )
  })
  return null
}
