import { useApp } from '../app/context'
import { area, count, metres } from '../app/format'
import { Icon } from '../app/icons'
import { nameOf } from './rows'
import type { Row } from './useItems'

/** One finding in a sentence: how large, how wide, who borders it, which sources nobody watches. */
export function FindingDetail({ row, onClose, onSources }: { row: Row; onClose: () => void; onSources?: () => void }) {
  const { t, lang, say } = useApp()
  const { area_m2, width_m, sources_inside, neighbours, owner_names, parent_name, enclosed, size_class } = row.feature.properties
  const sources = Number(sources_inside ?? 0)
  const gap = row.feature.properties.kind === 'gap'
  const facts = [
    area(Number(area_m2), t),
    `${t.analyst.width} ${metres(Number(width_m), t)}`,
    t.analyst.classes[String(size_class)],
    enclosed === null || enclosed === undefined ? null : enclosed ? t.analyst.enclosed : t.analyst.open,
  ]
  const line = (name: string, value: unknown) => value ? <div>{name}{t.colon}{String(value)}</div> : null
  return (
    <section class="note info details" aria-label={t.analyst.details} aria-live="polite">
      <button type="button" class="iconbtn corner" aria-label={t.close} onClick={onClose}><Icon name="close" /></button>
      <div><b>{nameOf(row, lang)}</b> · {say(row.layer.title)}</div>
      <div>{facts.filter(Boolean).join(' · ')}</div>
      {sources > 0 && <div>{gap ? t.analyst.hasSources(count(sources)) : `${t.analyst.inside}${t.colon}${count(sources)}`}</div>}
      {line(t.analyst.parent, parent_name)}
      {line(t.analyst.owners, owner_names)}
      {line(t.analyst.neighbours, neighbours)}
      {sources > 0 && gap && onSources && <div class="row"><button type="button" class="btn" onClick={onSources}>{t.analyst.sources}</button></div>}
    </section>
  )
}
