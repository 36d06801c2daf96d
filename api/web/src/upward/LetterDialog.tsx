import { useState } from 'preact/hooks'
import { useAction } from '../account/useAction'
import { letters, type PlanId } from '../api/upward'
import type { Letter, LetterPair, NewLetter, Signer } from '../api/upward.types'
import { useApp } from '../app/context'
import { Dialog } from '../app/Dialog'
import { day } from '../app/format'
import { Icon } from '../app/icons'
import { mayDraw } from '../app/roles'
import { Trouble } from '../app/states'
import { useWordsOf } from './words'

/** A parent and a child: who signs, what is recorded, and one more to be recorded. */
export function LetterDialog({ plan, pair, onClose, onDone }: { plan: PlanId; pair: LetterPair; onClose: () => void; onDone: () => void }) {
  const { lang, session } = useApp()
  const w = useWordsOf().letters
  const mayRecord = mayDraw(session.user?.role ?? null)
  return (
    <Dialog title={`${pair.upper.grid.name} – ${pair.lower.grid.name}`} wide onClose={onClose}>
      <dl>
        <Party name={w.upperParty} signer={pair.upper} />
        <Party name={w.lowerParty} signer={pair.lower} />
      </dl>
      {pair.left.map((side) => <p key={side} class="note">{w.left[side]}</p>)}
      <div class="row">
        <a class="btn" download href={letters.draft(plan, pair.lower.grid.uid, lang)} aria-label={w.draftOf(pair.lower.grid.name)}><Icon name="download" />{w.draft}</a>
      </div>
      <h3>{w.kept}</h3>
      {pair.letters.length === 0 && <p class="mut">{w.noneKept}</p>}
      <ul class="kept">
        {pair.letters.map((each) => <Kept key={each.id} plan={plan} letter={each} mayRemove={mayRecord} onDone={onDone} />)}
      </ul>
      {mayRecord && <Record plan={plan} pair={pair} onDone={onDone} />}
    </Dialog>
  )
}

function Party({ name, signer }: { name: string; signer: Signer }) {
  const w = useWordsOf().letters
  return (
    <>
      <dt>{name}</dt>
      <dd>{signer.grid.name} · {signer.title ?? w.noPost} {signer.person ?? <b class="vac">{w.vacant}</b>}</dd>
    </>
  )
}

function Kept({ plan, letter, mayRemove, onDone }: { plan: PlanId; letter: Letter; mayRemove: boolean; onDone: () => void }) {
  const w = useWordsOf().letters
  const [sure, setSure] = useState(false)
  const { busy, problem, act } = useAction()
  const remove = () =>
    void act(async () => {
      await letters.remove(plan, letter.id)
      onDone()
    })
  const names = [letter.upper_signatory, letter.lower_signatory].filter(Boolean).join(' / ')
  return (
    <li>
      <div class="row head">
        <b>{w.from(day(letter.signed_on))}</b>
        {mayRemove && (sure
          ? <button type="button" class="btn small-btn" disabled={busy} onClick={remove}>{w.sure}</button>
          : <button type="button" class="link" onClick={() => setSure(true)}>{w.remove}</button>)}
      </div>
      <div class="small">{[letter.number, letter.valid_to && w.until(day(letter.valid_to)), names && `${w.signatories} ${names}`, letter.file].filter(Boolean).join(' · ')}</div>
      {letter.tasks && <div class="small said">{letter.tasks}</div>}
      {sure && <div class="small">{w.removed}</div>}
      {problem && <Trouble problem={problem} />}
    </li>
  )
}

const today = () => {
  const now = new Date()
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`
}

function Record({ plan, pair, onDone }: { plan: PlanId; pair: LetterPair; onDone: () => void }) {
  const w = useWordsOf().letters
  const [given, setGiven] = useState<NewLetter>({
    signed_on: '', valid_to: null, number: null, upper_signatory: pair.upper.person, lower_signatory: pair.lower.person, tasks: null, file: null,
  })
  const { busy, problem, act } = useAction()
  const field = (name: keyof NewLetter) => ({
    class: 'field', value: given[name] ?? '', maxLength: name === 'tasks' ? 2000 : 200,
    onInput: (event: { currentTarget: { value: string } }) => setGiven({ ...given, [name]: event.currentTarget.value }),
  })
  const save = (event: Event) => {
    event.preventDefault()
    const trimmed = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value?.trim() || null]))
    void act(async () => {
      await letters.record(plan, pair.lower.grid.uid, trimmed as unknown as NewLetter)
      onDone()
    })
  }
  return (
    <form class="grid-form" onSubmit={save}>
      <h3>{w.record}</h3>
      <label><span>{w.signedOn}</span><input type="date" required min="2000-01-01" max={today()} {...field('signed_on')} /></label>
      <label><span>{w.validTo}</span><input type="date" min={given.signed_on || '2000-01-01'} max="2200-12-31" {...field('valid_to')} /></label>
      <label><span>{w.upperSignatory}</span><input {...field('upper_signatory')} /></label>
      <label><span>{w.lowerSignatory}</span><input {...field('lower_signatory')} /></label>
      <label><span>{w.number}</span><input {...field('number')} /></label>
      <label><span>{w.file}</span><input {...field('file')} /></label>
      <label class="whole-row"><span>{w.tasks}</span><textarea rows={2} {...field('tasks')} /></label>
      {problem && <Trouble problem={problem} />}
      <div class="row"><button type="submit" class="btn p" disabled={busy}>{w.save}</button></div>
    </form>
  )
}
