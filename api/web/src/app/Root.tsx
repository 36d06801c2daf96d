import { useEffect, useState } from 'preact/hooks'
import * as gisgrid from '../api/gisgrid'
import { authorise, speak } from '../api/request'
import type { Session } from '../api/types'
import { messages, say } from '../i18n'
import { App } from './App'
import { useRoute } from './route'
import { useQuery } from './useQuery'

/** Asks who is there and which city this is; until both are known only the frame is shown. */
export function Root() {
  const [route, go] = useRoute()
  const { lang } = route
  speak(lang)
  const t = messages[lang]
  const [session, setSession] = useState<Session | null>(null)
  const first = useQuery('session', gisgrid.session.get)
  const site = useQuery('site', gisgrid.site)
  const current = session ?? first.value
  authorise(current?.csrf ?? null)

  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'
  }, [lang])
  useEffect(() => {
    const city = site.value && say(lang, site.value.city)
    document.title = city ? `${city}${t.product}` : t.product.trim()
  }, [lang, site.value])

  if (current && site.value) {
    return <App key={current.user?.login ?? ''} route={route} go={go} session={current} setSession={setSession} site={site.value} renewSite={site.retry} />
  }
  const problem = first.problem ?? site.problem
  return (
    <div class="app">
      <header class="bar"><h1 class="brand">{t.product.trim()}</h1></header>
      <main class="main">
        <section class="panel"><div class="body">
          {problem && (
            <div class="note bad" role="alert">
              <b>{problem.status === 0 ? t.problem.offline : problem.message}</b>
              <div>{problem.body.todo ?? (problem.recovering ? t.problem.recovering : t.problem.offlineTodo)}</div>
              <button type="button" class="btn" onClick={() => { first.retry(); site.retry() }}>{t.retry}</button>
            </div>
          )}
          {!problem && <div class="skeleton" role="status" aria-label={t.loading}><i /><i /><i /><i /></div>}
        </div></section>
        <section class="map"><div class="map-waiting" /></section>
      </main>
    </div>
  )
}
