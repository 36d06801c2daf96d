import { Marker } from 'maplibre-gl'
import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import * as drafts from '../api/drafts'
import type { Position } from '../api/drafts.types'
import { useApp } from '../app/context'
import { count } from '../app/format'
import { Answered, Empty, Trouble } from '../app/states'
import { useQuery } from '../app/useQuery'
import { time, useEditor } from './context'

/** Numbered pins, and the one that is being written. */
function usePins(pins: { at: Position; text: string; name: string; done: boolean }[], onPress: (i: number) => void): void {
  const { map } = useApp()
  useEffect(() => {
    if (!map) return
    const markers = pins.map(({ at, text, name, done }, i) => {
      const element = document.createElement('button')
      element.type = 'button'
      element.className = done ? 'comment-pin done' : 'comment-pin'
      element.textContent = text
      element.setAttribute('aria-label', name)
      element.addEventListener('click', (event) => {
        event.stopPropagation()
        onPress(i)
      })
      return new Marker({ element, anchor: 'bottom' }).setLngLat(at).addTo(map.map)
    })
    return () => markers.forEach((each) => each.remove())
  }, [map, JSON.stringify(pins)])
}

/** Remarks pinned to places of the draft. */
export function CommentsTab() {
  const { lang, map, mapless } = useApp()
  const { desk, w, plan } = useEditor()
  const [round, setRound] = useState(0)
  const [at, setAt] = useState<Position | null>(null)
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<number | null>(null)
  const { busy, problem, act } = useAction()
  const answer = useQuery(`comments ${plan.id} ${lang} ${round}`, (signal) => drafts.comments.list(plan.id, signal))
  const all = answer.value ?? []
  usePins(
    [
      ...all.map((each, i) => ({ at: [each.lon, each.lat] as Position, text: String(i + 1), name: w.comments.pin(count(i + 1)), done: Boolean(each.resolved_at) })),
      ...(at ? [{ at, text: '+', name: w.comments.here, done: false }] : []),
    ],
    (i) => setChosen(all[i]?.id ?? null),
  )
  useEffect(() => () => desk.pick(null), [desk])
  const pick = () => {
    desk.say(null)
    desk.pick(desk.picking ? null : setAt)
  }
  const save = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      await drafts.comments.add(plan.id, at!, text.trim(), desk.store.at(at!)[0]?.properties.uid ?? null)
      setAt(null)
      setText('')
      setRound((n) => n + 1)
    })
  }
  return (
    <>
      {!mapless && !at && <div class="row tight-row"><button type="button" class="btn" aria-pressed={desk.picking !== null} onClick={pick}>{w.comments.add}</button></div>}
      {at && (
        <form onSubmit={save}>
          <label><span>{w.comments.here}</span><textarea class="field" rows={3} required maxLength={2000} autoFocus value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
          <div class="row tight-row">
            <button type="submit" class="btn p" disabled={busy || !text.trim()}>{w.comments.save}</button>
            <button type="button" class="btn" onClick={() => setAt(null)}>{w.cancel}</button>
          </div>
        </form>
      )}
      {problem && <Trouble problem={problem} />}
      <h3>{w.comments.title}</h3>
      <Answered of={answer}>
        {(found) => found.length === 0
          ? <Empty what={w.comments.none} todo={w.comments.noneTodo} />
          : (
            <ol class="comments">
              {found.map((each, i) => (
                <li key={each.id} class={each.id === chosen ? 'here' : undefined}>
                  <button type="button" class="check-name" onClick={() => { setChosen(each.id); map?.fly({ lon: each.lon, lat: each.lat }, 13) }}><b class={each.resolved_at ? 'pin-number done' : 'pin-number'}>{i + 1}</b>{each.text}</button>
                  <div class="small comment-foot">
                    {w.comments.at(each.by, time(each.at))}{each.grid && ` · ${each.grid.name}`}
                    {each.resolved_at
                      ? <em>{w.comments.resolved}</em>
                      : <button type="button" class="link" onClick={() => void act(async () => { await drafts.comments.resolve(plan.id, each.id); setRound((n) => n + 1) })}>{w.comments.resolve}</button>}
                  </div>
                </li>
              ))}
            </ol>
          )}
      </Answered>
    </>
  )
}
