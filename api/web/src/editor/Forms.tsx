import type { ComponentChildren } from 'preact'
import type { Attributes, Grid, GridKind } from '../api/drafts.types'
import { useApp } from '../app/context'
import { useEditor } from './context'
import { largest, needs, type Options } from './tools'

function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return <label class="option"><span>{label}</span>{children}</label>
}

function Named({ label, value, placeholder, onInput }: { label: string; value: string; placeholder?: string; onInput: (value: string) => void }) {
  return <Field label={label}><input class="field" maxLength={60} value={value} placeholder={placeholder} onInput={(event) => onInput(event.currentTarget.value)} /></Field>
}

function Chosen<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: [T, string][]; onChange: (value: T) => void }) {
  return (
    <Field label={label}>
      <select class="field" value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([key, name]) => <option key={key} value={key}>{name}</option>)}
      </select>
    </Field>
  )
}

const bases = ['', 'division', 'key_area', 'targets']

/** Names for the parts, as many as the preview says there are. */
function Names({ fresh }: { fresh: number }) {
  const { desk, w } = useEditor()
  const { names } = desk.options
  const put = (i: number, value: string) => {
    const all = Array.from({ length: Math.max(fresh, names.length) }, (_, at) => (at === i ? value : names[at] ?? ''))
    desk.set({ names: all.every((each) => each.trim()) ? all : all.some((each) => each.trim()) ? all.map((each) => each.trim()).filter(Boolean) : [] })
  }
  const added = desk.outcome.edit?.added ?? []
  if (fresh === 0 || fresh > 4) return null
  return <>{Array.from({ length: fresh }, (_, i) => <Named key={i} label={w.options.names(String(i + 1))} value={names[i] ?? ''} placeholder={added[i]?.properties.name} onInput={(value) => put(i, value)} />)}</>
}

function Carve({ options, holders }: { options: Options; holders: Grid[] }) {
  const { desk, w } = useEditor()
  const { site } = useApp()
  const kinds: GridKind[] = ['key', 'unit', 'administrative']
  return (
    <>
      <Chosen label={w.options.kind} value={options.kind} options={kinds.map((each) => [each, w.options.kinds[each]])} onChange={(kind) => desk.set({ kind, holder: '' })} />
      <Named label={w.options.name} value={options.name} placeholder={w.options.suchAs(options.kind === 'key' ? w.options.keyName : options.kind === 'unit' ? w.options.unitName : w.options.gridName)} onInput={(name) => desk.set({ name })} />
      <Chosen label={w.options.holder} value={options.holder} options={[['', w.options.auto], ...holders.map((each): [string, string] => [each.properties.uid, each.properties.name])]} onChange={(holder) => desk.set({ holder })} />
      {options.kind === 'key'
        ? <Chosen label={w.options.supervising} value={String(options.supervising)} options={site.levels.map((each): [string, string] => [String(each.level), w.options.level(String(each.level))])} onChange={(value) => desk.set({ supervising: Number(value) })} />
        : (
          <Chosen
            label={w.options.land} value={options.takes ? 'takes' : 'free'} options={[['takes', w.options.takes], ['free', w.options.free]]}
            onChange={(value) => desk.set({ takes: value === 'takes' })}
          />
        )}
      {options.kind === 'unit' && <Chosen label={w.options.basis} value={options.basis} options={bases.map((each): [string, string] => [each, w.options.bases[each] ?? each])} onChange={(basis) => desk.set({ basis })} />}
    </>
  )
}

function AttributesForm({ grid, options }: { grid: Grid; options: Options }) {
  const { desk, w } = useEditor()
  const facts = grid.properties
  const put = (change: Attributes) => {
    const all = { ...options.changes, ...change }
    const left = Object.entries(all).filter(([name, value]) => value !== facts[name as keyof Attributes])
    desk.set({ changes: Object.fromEntries(left) })
  }
  const value = (name: 'name' | 'code' | 'category') => String(options.changes[name] ?? facts[name] ?? '')
  const parents = desk.store.all.filter((each) => each.properties.kind === 'administrative' && each.properties.level === facts.level - 1)
  return (
    <>
      <Named label={w.options.name} value={value('name')} onInput={(name) => put({ name })} />
      {facts.kind === 'administrative' && <Named label={w.options.code} value={value('code')} onInput={(code) => put({ code: code || null })} />}
      <Named label={w.options.category} value={value('category')} onInput={(category) => put({ category: category || null })} />
      {facts.kind !== 'administrative' && (
        <Chosen label={w.options.basis} value={options.changes.basis ?? facts.basis ?? ''} options={bases.map((each): [string, string] => [each, w.options.bases[each] ?? each])} onChange={(basis) => put({ basis: basis || null })} />
      )}
      {facts.kind === 'key' && (
        <Chosen
          label={w.options.supervising} value={String(options.changes.supervising_level ?? facts.supervising_level ?? 1)}
          options={[1, 2, 3].map((each): [string, string] => [String(each), w.options.level(String(each))])} onChange={(level) => put({ supervising_level: Number(level) })}
        />
      )}
      {facts.kind === 'administrative' && parents.length > 1 && (
        <Chosen
          label={w.options.parent} value={options.parent || facts.parent_uid || ''} options={parents.map((each): [string, string] => [each.properties.uid, each.properties.name])}
          onChange={(parent) => desk.set({ parent })}
        />
      )}
    </>
  )
}

/** What can be said of an edit beside its drawing. */
export function Forms() {
  const { desk, w } = useEditor()
  const { tool, options, chosen, outcome } = desk
  const [first] = chosen
  const form = (() => {
    switch (tool) {
      case 'split':
      case 'divide':
        return outcome.edit ? <Names fresh={outcome.edit.added.length} /> : null
      case 'merge':
        return chosen.length >= 2 && (
          <>
            <Chosen label={w.options.into} value={options.into || largest(chosen)} options={chosen.map((each): [string, string] => [each.properties.uid, each.properties.name])} onChange={(into) => desk.set({ into })} />
            <Named label={w.options.name} value={options.mergedName} placeholder={desk.store.get(options.into || largest(chosen))?.properties.name} onInput={(mergedName) => desk.set({ mergedName })} />
          </>
        )
      case 'carve':
        return <Carve options={options} holders={desk.store.all.filter((each) => each.properties.kind === 'administrative' && (options.kind !== 'administrative' || each.properties.has_children))} />
      case 'delete':
        return first && (
          <>
            {first.properties.holder_uid !== null && (
              <Chosen label={w.options.land} value={options.land} options={[['neighbours', w.options.neighbours], ['holder', w.options.upper]]} onChange={(land) => desk.set({ land, to: '' })} />
            )}
            {options.land === 'neighbours' && (
              <Chosen
                label={w.options.to} value={options.to}
                options={[['', w.options.longest], ...desk.store.members(first.properties.holder_uid).filter((each) => each.properties.kind === first.properties.kind && each !== first).map((each): [string, string] => [each.properties.uid, each.properties.name])]}
                onChange={(to) => desk.set({ to })}
              />
            )}
          </>
        )
      case 'attributes':
        return first && <AttributesForm grid={first} options={options} />
      default:
        return null
    }
  })()
  return form ? <div class="options" key={needs[tool].letter}>{form}</div> : null
}
