import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../app/context'

const pause = 250

/** A box whose words arrive when typing pauses. */
export function useWords(): { words: string; box: ComponentChildren } {
  const { t } = useApp()
  const [text, setText] = useState('')
  const [words, setWords] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setWords(text.trim()), pause)
    return () => clearTimeout(timer)
  }, [text])
  const box = (
    <input class="field" type="search" aria-label={t.analyst.filterRows} placeholder={t.analyst.filter} maxLength={80} value={text} onInput={(event) => setText(event.currentTarget.value)} />
  )
  return { words, box }
}

export function Choices<T extends string>({ label, options, value, onChange }: {
  label: string
  options: { value: T; name: string; count?: string }[]
  value: T
  onChange: (value: T) => void
}) {
  return (
    <div class="chips" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" class="chip" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.name}{option.count !== undefined && <span class="num"> {option.count}</span>}
        </button>
      ))}
    </div>
  )
}
