import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { search } from '../api/gisgrid'
import type { Hit } from '../api/types'
import { useApp } from './context'
import { Icon } from './icons'
import { Trouble } from './states'
import { useQuery } from './useQuery'

const pause = 180

/** Type to find a grid, a place or an enterprise; arrows choose, Enter goes there, Esc leaves. */
export function Search({ eager, onLeave }: { eager: boolean; onLeave: () => void }) {
  const { t, say, go, map, route } = useApp()
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(0)
  /** Enter was pressed before the answer to what is written came: the first hit of that one is meant. */
  const [entered, setEntered] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const list = useId()

  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), pause)
    return () => clearTimeout(timer)
  }, [text])
  useEffect(() => {
    const slash = (event: KeyboardEvent) => {
      const busy = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, dialog')
      if (event.key !== '/' || busy || event.metaKey || event.ctrlKey) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', slash)
    return () => removeEventListener('keydown', slash)
  }, [])
  useEffect(() => {
    if (eager) input.current?.focus()
  }, [eager])
  const answer = useQuery(asked ? `search ${asked} ${route.lang}` : null, (signal) => search(asked, signal))
  useEffect(() => setActive(0), [answer.value])
  const current = asked === text.trim()
  const hits = (current && answer.value) || []

  const choose = (hit: Hit) => {
    setOpen(false)
    setEntered(false)
    setText('')
    const place = { lon: hit.lon, lat: hit.lat }
    if (route.view === 'public') go({ place })
    if (hit.bounds && hit.kind === 'grid') map?.fit(hit.bounds)
    else map?.fly(place, 13)
    onLeave()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setOpen(false)
      input.current?.blur()
      onLeave()
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setActive((n) => (n + (event.key === 'ArrowDown' ? 1 : hits.length - 1)) % Math.max(1, hits.length))
    }
    if (event.key !== 'Enter') return
    if (hits[active]) return choose(hits[active])
    setAsked(text.trim())
    setEntered(text.trim() !== '')
  }
  useEffect(() => {
    if (entered && hits[0]) choose(hits[0])
  }, [entered, answer.value, current])
  const showing = open && current && asked !== '' && (answer.value !== null || answer.problem !== null)
  return (
    <div class="search" role="search" onBlur={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOpen(false)}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        inputMode="search"
        role="combobox"
        aria-label={t.search.label}
        aria-expanded={showing}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={showing && hits[active] ? `${list}-${active}` : undefined}
        placeholder={t.search.placeholder}
        autocomplete="off"
        maxLength={80}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setEntered(false)
          setOpen(true)
        }}
        onFocus={() => setOpen(true)}
        onKeyDown={keys}
      />
      {eager
        ? <button type="button" class="iconbtn" aria-label={t.close} onClick={onLeave}><Icon name="close" /></button>
        : <kbd aria-hidden="true">/</kbd>}
      <div class="hits" hidden={!showing}>
        <div id={list} role="listbox" aria-label={t.search.label}>
          {hits.map((hit, i) => (
          <div
            key={`${hit.kind}${hit.id}`}
            id={`${list}-${i}`}
            class="hit"
            role="option"
            aria-selected={i === active}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(hit)}
          >
            <b>{hit.name}</b>
            <span>{say(hit.detail) || t.search.kinds[hit.kind]}</span>
          </div>
        ))}
        </div>
        {showing && hits.length === 0 && !answer.problem && <div class="hit none">{t.search.none}</div>}
        {answer.problem && <Trouble problem={answer.problem} retry={answer.retry} />}
      </div>
      <div class="visually-hidden" role="status">{showing && t.search.results(hits.length)}</div>
    </div>
  )
}
