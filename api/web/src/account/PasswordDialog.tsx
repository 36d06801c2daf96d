import { useState } from 'preact/hooks'
import { session } from '../api/gisgrid'
import { Dialog } from '../app/Dialog'
import { useApp } from '../app/context'
import { Trouble } from '../app/states'
import { useAction } from './useAction'

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useApp()
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const [again, setAgain] = useState('')
  const [done, setDone] = useState(false)
  const { busy, problem, act } = useAction()
  const differ = again !== '' && fresh !== again
  const submit = (event: Event) => {
    event.preventDefault()
    if (fresh !== again) return
    void act(async () => {
      await session.password(old, fresh)
      setDone(true)
    })
  }
  const field = (label: string, value: string, set: (value: string) => void, autocomplete: 'current-password' | 'new-password') => (
    <label><span>{label}</span><input class="field" type="password" required autocomplete={autocomplete} value={value} onInput={(event) => set(event.currentTarget.value)} /></label>
  )
  return (
    <Dialog title={t.account.change} onClose={onClose}>
      {done ? <div class="note info" role="status">{t.account.changed}</div> : (
        <form onSubmit={submit}>
          {field(t.account.oldPassword, old, setOld, 'current-password')}
          {field(t.account.newPassword, fresh, setFresh, 'new-password')}
          {field(t.account.repeat, again, setAgain, 'new-password')}
          {differ && <div class="note bad" role="alert">{t.account.differ}</div>}
          {problem && <Trouble problem={problem} />}
          <div class="row"><button type="submit" class="btn p" disabled={busy || differ}>{t.account.save}</button></div>
        </form>
      )}
    </Dialog>
  )
}
