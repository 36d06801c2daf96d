import { useState } from 'preact/hooks'
import { accounts } from '../api/gisgrid'
import type { Account, NewAccount, Role } from '../api/types'
import { CopyField } from '../app/CopyField'
import { Dialog } from '../app/Dialog'
import { useApp } from '../app/context'
import { Answered, Trouble } from '../app/states'
import { useQuery } from '../app/useQuery'
import { useAction } from './useAction'

const roles: Role[] = ['admin', 'planner', 'approver', 'analyst', 'officer', 'department']
const blank: NewAccount = { login: '', name: '', role: 'analyst', password: null, jurisdiction: null, department: null }

function NewAccountForm({ onMade }: { onMade: () => void }) {
  const { t } = useApp()
  const [account, setAccount] = useState(blank)
  const [made, setMade] = useState<Account | null>(null)
  const { busy, problem, act } = useAction()
  const set = (change: Partial<NewAccount>) => setAccount((before) => ({ ...before, ...change }))
  const submit = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      const created = await accounts.create(account)
      setMade(created.password ? created : null)
      setAccount(blank)
      onMade()
    })
  }
  return (
    <form onSubmit={submit} class="grid-form">
      <h3>{t.account.newAccount}</h3>
      <label><span>{t.account.loginName}</span><input class="field" required autocomplete="off" value={account.login} onInput={(event) => set({ login: event.currentTarget.value })} /></label>
      <label><span>{t.account.name}</span><input class="field" required value={account.name} onInput={(event) => set({ name: event.currentTarget.value })} /></label>
      <label><span>{t.account.role}</span>
        <select class="field" value={account.role} onChange={(event) => set({ role: event.currentTarget.value as Role })}>
          {roles.map((role) => <option key={role} value={role}>{t.account.roles[role]}</option>)}
        </select>
      </label>
      <label><span>{t.account.password}</span><input class="field" type="password" placeholder={t.account.madeUp} autocomplete="new-password" value={account.password ?? ''} onInput={(event) => set({ password: event.currentTarget.value || null })} /></label>
      <label><span>{t.account.jurisdictionUid}</span><input class="field" value={account.jurisdiction ?? ''} onInput={(event) => set({ jurisdiction: event.currentTarget.value || null })} /></label>
      {account.role === 'department' && (
        <label><span>{t.account.departmentCode}</span><input class="field" required value={account.department ?? ''} onInput={(event) => set({ department: event.currentTarget.value || null })} /></label>
      )}
      {problem && <Trouble problem={problem} />}
      {made?.password && (
        <div class="note info" role="status">
          {t.account.once}
          <CopyField label={`${t.account.password} ${made.login}`} value={made.password} />
        </div>
      )}
      <div class="row"><button type="submit" class="btn p" disabled={busy}>{t.account.create}</button></div>
    </form>
  )
}

/** Every account, for administrators. */
export function AccountsDialog({ onClose }: { onClose: () => void }) {
  const { t, say, session } = useApp()
  const list = useQuery('accounts', accounts.list)
  const { busy, problem, act } = useAction()
  const toggle = (account: Account) => void act(async () => {
    await accounts.disable(account.login, !account.disabled)
    list.retry()
  })
  return (
    <Dialog title={t.account.accounts} onClose={onClose} wide>
      {problem && <Trouble problem={problem} />}
      <Answered of={list}>
        {(all) => (
          <div class="scroll-x" role="region" tabIndex={0} aria-label={t.account.accounts}>
            <table>
              <thead><tr><th scope="col">{t.account.loginName}</th><th scope="col">{t.account.name}</th><th scope="col">{t.account.role}</th><th scope="col">{t.account.jurisdiction}</th><th scope="col"><span class="visually-hidden">{t.account.actions}</span></th></tr></thead>
              <tbody>
                {all.map((account) => (
                  <tr key={account.login}>
                    <td>{account.login}</td>
                    <td>{account.name}</td>
                    <td>{t.account.roles[account.role]}{account.department && ` · ${say(account.department.name)}`}</td>
                    <td>{account.jurisdiction?.name ?? t.account.everywhere}</td>
                    <td class="r">
                      {account.disabled && <span class="vac">{t.account.disabled} </span>}
                      {account.login !== session.user?.login && (
                        <button type="button" class="btn small-btn" disabled={busy} aria-label={`${account.disabled ? t.account.enable : t.account.disable} ${account.login}`} onClick={() => toggle(account)}>
                          {account.disabled ? t.account.enable : t.account.disable}
                        </button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Answered>
      <NewAccountForm onMade={list.retry} />
    </Dialog>
  )
}
