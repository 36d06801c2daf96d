import { useState } from 'preact/hooks'
import { tokens } from '../api/gisgrid'
import type { NewToken, Scope, Token } from '../api/types'
import { CopyField } from '../app/CopyField'
import { Dialog } from '../app/Dialog'
import { useApp } from '../app/context'
import { day } from '../app/format'
import { mayDraw } from '../app/roles'
import { Answered, Empty, Trouble } from '../app/states'
import { useQuery } from '../app/useQuery'
import { useAction } from './useAction'

const ACCESS = { read: ['read'], write: ['read', 'write'], last: ['read', 'write', 'last-writer-wins'] } satisfies Record<string, Scope[]>
type Access = keyof typeof ACCESS

const accessOf = (token: Token): Access =>
  token.scopes.includes('last-writer-wins') ? 'last' : token.scopes.includes('write') ? 'write' : 'read'

function Existing({ all, onRevoke, busy }: { all: Token[]; onRevoke: (token: Token) => void; busy: boolean }) {
  const { t } = useApp()
  if (all.length === 0) return <Empty what={t.account.noTokens} />
  return (
    <div class="scroll-x" role="region" tabIndex={0} aria-label={t.account.tokens}>
      <table>
        <thead><tr><th scope="col">{t.account.tokenName}</th><th scope="col">{t.account.allows}</th><th scope="col">{t.account.expires}</th><th scope="col">{t.account.lastUsed}</th><th scope="col"><span class="visually-hidden">{t.account.actions}</span></th></tr></thead>
        <tbody>
          {all.map((token) => (
            <tr key={token.id}>
              <td>{token.name}</td>
              <td>{t.account.access[accessOf(token)]}</td>
              <td>{token.expires_at ? day(token.expires_at) : '—'}</td>
              <td>{token.last_used_at ? day(token.last_used_at) : t.account.never}</td>
              <td class="r">
                {token.revoked_at
                  ? t.account.revoked
                  : <button type="button" class="btn small-btn" disabled={busy} aria-label={`${t.account.revoke} ${token.name}`} onClick={() => onRevoke(token)}>{t.account.revoke}</button>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Tokens for QGIS, GDAL and scripts: made here, shown once, revoked at any time. */
export function TokensDialog({ onClose }: { onClose: () => void }) {
  const { t, session } = useApp()
  const draws = mayDraw(session.user?.role ?? null)
  const list = useQuery('tokens', tokens.list)
  const [name, setName] = useState('')
  const [days, setDays] = useState(90)
  const [access, setAccess] = useState<Access>('read')
  const [made, setMade] = useState<NewToken | null>(null)
  const { busy, problem, act } = useAction()
  const create = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      setMade(await tokens.create(name, ACCESS[access], days))
      setName('')
      list.retry()
    })
  }
  const revoke = (token: Token) => void act(async () => {
    await tokens.revoke(token.id)
    list.retry()
  })
  return (
    <Dialog title={t.account.tokens} onClose={onClose} wide>
      <p class="mut">{t.account.tokensAbout}</p>
      {made && (
        <div class="note info" role="status">
          <b>{t.account.created}</b> {t.account.once}
          <CopyField label={made.name} value={made.token} />
        </div>
      )}
      <Answered of={list}>{(all) => <Existing all={all} onRevoke={revoke} busy={busy} />}</Answered>
      <form class="inline" onSubmit={create}>
        <label><span>{t.account.tokenName}</span><input class="field" required maxLength={80} placeholder={t.account.tokenNameHint} value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>
        {draws && (
          <label>
            <span>{t.account.allows}</span>
            <select class="field" value={access} onChange={(event) => setAccess(event.currentTarget.value as Access)}>
              {Object.keys(ACCESS).map((each) => <option key={each} value={each}>{t.account.access[each as Access]}</option>)}
            </select>
          </label>
        )}
        <label class="short"><span>{t.account.days}</span><input class="field" type="number" required min={1} max={365} value={days} onInput={(event) => setDays(event.currentTarget.valueAsNumber || 1)} /></label>
        <button type="submit" class="btn p" disabled={busy}>{t.account.create}</button>
      </form>
      {access !== 'read' && <p class="mut">{t.account.accessAbout[access]}</p>}
      {problem && <Trouble problem={problem} />}
      <h3>{t.account.qgis}</h3>
      <ol class="mut">{[...t.account.qgisSteps, ...(draws ? [t.account.qgisEdit] : [])].map((step) => <li key={step}>{step}</li>)}</ol>
      <CopyField label={t.account.address} value={`${location.origin}/ogc`} />
    </Dialog>
  )
}
