import { useState } from 'preact/hooks'
import { session } from '../api/gisgrid'
import { Problem } from '../api/request'
import { Dialog } from '../app/Dialog'
import { useApp } from '../app/context'
import { Trouble } from '../app/states'

export function LoginDialog({ onClose }: { onClose: () => void }) {
  const { t, setSession } = useApp()
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      const opened = await session.open(login, password)
      onClose()
      setSession(opened)
    } catch (error) {
      if (error instanceof Problem) setProblem(error)
      else throw error
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={t.account.loginTitle} onClose={onClose}>
      <form onSubmit={submit}>
        <label><span>{t.account.loginName}</span><input class="field" name="login" autocomplete="username" required autoFocus value={login} onInput={(event) => setLogin(event.currentTarget.value)} /></label>
        <label><span>{t.account.password}</span><input class="field" name="password" type="password" autocomplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} /></label>
        {problem && <Trouble problem={problem} isLogin />}
        {problem?.retryAfter && <p class="small">{t.account.wait(String(problem.retryAfter))}</p>}
        <div class="row"><button type="submit" class="btn p" disabled={busy}>{t.account.login}</button></div>
      </form>
    </Dialog>
  )
}
