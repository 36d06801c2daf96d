import { useState } from 'preact/hooks'
import { useApp } from '../app/context'
import { metres } from '../app/format'

const preset = [500, 5000]
const [least, most] = [1, 20_000]

/** The two rings of the guideline (HJ 169), or one's own. */
export function RadiusChooser({ radius, onChange }: { radius: number; onChange: (radius: number) => void }) {
  const { t } = useApp()
  const [own, setOwn] = useState(!preset.includes(radius))
  const [text, setText] = useState(String(radius))
  const value = Number(text)
  const good = Number.isFinite(value) && value >= least && value <= most
  return (
    <div class="radius">
      <div class="chips" role="group" aria-label={t.analyst.radius}>
        {preset.map((each) => (
          <button key={each} type="button" class="chip" aria-pressed={!own && radius === each} onClick={() => { setOwn(false); onChange(each) }}>{metres(each, t)}</button>
        ))}
        <button type="button" class="chip" aria-pressed={own} onClick={() => setOwn(true)}>{t.analyst.own}</button>
      </div>
      {own && (
        <form class="inline" onSubmit={(event) => { event.preventDefault(); if (good) onChange(value) }}>
          <label class="short"><span>{t.analyst.radiusMetres}</span>
            <input class="field" type="number" min={least} max={most} step="any" value={text} aria-invalid={!good} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <button type="submit" class="btn" disabled={!good}>OK</button>
          {!good && <span class="small vac" role="alert">{t.analyst.bad}</span>}
        </form>
      )}
    </div>
  )
}
