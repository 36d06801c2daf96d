import { useEffect, useRef, useState } from 'preact/hooks'
import { session as sessions } from '../api/gisgrid'
import { useApp } from '../app/context'
import { Icon } from '../app/icons'
import { LanguageButton } from '../app/LanguageButton'
import { mayAdminister } from '../app/roles'
import { AccountsDialog } from './AccountsDialog'
import { PasswordDialog } from './PasswordDialog'
import { TokensDialog } from './TokensDialog'

type Open = 'tokens' | 'password' | 'accounts' | null

/** Who is logged in, for which land, and what they can do with their account. */
export function AccountMenu() {
  const { t, say, session, setSession, narrow } = useApp()
  const [menu, setMenu] = useState(false)
  const [open, setOpen] = useState<Open>(null)
  const box = useRef<HTMLDivElement>(null)
  const user = session.user!
  useEffect(() => {
    if (!menu) return
    const leave = (event: Event) => box.current?.contains(event.target as Node) || setMenu(false)
    addEventListener('pointerdown', leave)
    return () => removeEventListener('pointerdown', leave)
  }, [menu])
  const logout = async () => {
    await sessions.close().catch(() => {}) // an expired session is as closed as one can wish
    setSession({ user: null, csrf: null })
  }
  const choose = (which: Open) => {
    setMenu(false)
    setOpen(which)
  }
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !menu) return
    setMenu(false)
    box.current?.querySelector('button')?.focus()
  }
  return (
    <div class="account" ref={box} onKeyDown={escape}>
      <button type="button" class="pill" aria-label={narrow ? t.account.menu : undefined} title={t.account.menu} aria-expanded={menu} aria-controls="account" onClick={() => setMenu(!menu)}>
        {narrow ? <Icon name="person" /> : user.name}
      </button>
      {menu && (
        <div class="float menu" id="account">
          <div class="who-am-i">
            <b>{user.name}</b>
            <div class="small">{user.login}</div>
            <dl>
              <dt>{t.account.role}</dt><dd>{t.account.roles[user.role]}</dd>
              <dt>{t.account.jurisdiction}</dt><dd>{user.jurisdiction?.name ?? t.account.everywhere}</dd>
              {user.department && <><dt>{t.account.department}</dt><dd>{say(user.department.name)}</dd></>}
            </dl>
          </div>
          {narrow && <LanguageButton />}
          <button type="button" onClick={() => choose('tokens')}>{t.account.tokens}</button>
          <button type="button" onClick={() => choose('password')}>{t.account.change}</button>
          {mayAdminister(user.role) && <button type="button" onClick={() => choose('accounts')}>{t.account.accounts}</button>}
          <button type="button" onClick={logout}>{t.account.logout}</button>
        </div>
      )}
      {open === 'tokens' && <TokensDialog onClose={() => setOpen(null)} />}
      {open === 'password' && <PasswordDialog onClose={() => setOpen(null)} />}
      {open === 'accounts' && <AccountsDialog onClose={() => setOpen(null)} />}
    </div>
  )
}
