import { useState } from 'preact/hooks'
import { AccountMenu } from '../account/AccountMenu'
import { useApp } from './context'
import { LanguageButton } from './LanguageButton'
import { day, shortCity } from './format'
import { Icon } from './icons'
import { mayAnalyse, mayPlan } from './roles'
import { views } from './route'
import { Search } from './Search'

function Version() {
  const { site, say, t } = useApp()
  if (!site.plan) return <div class="pill version">{t.noPlan}</div>
  return (
    <div class="pill version">
      <b>{say(site.plan.title)}</b> {t.states[site.plan.state]}
      {site.plan.valid_from && ` · ${t.since(day(site.plan.valid_from))}`}
    </div>
  )
}

export function Bar() {
  const { t, say, site, lang, session, logIn, route, go, narrow } = useApp()
  const [searching, setSearching] = useState(false)
  const role = session.user?.role ?? null
  const open = views.filter((view) => view === 'public' || (view === 'analyst' ? mayAnalyse(role) : mayPlan(role)))
  return (
    <header class={searching && narrow ? 'bar searching' : 'bar'}>
      <h1 class="brand"><a href={`#lang=${lang}`}>{shortCity(say(site.city), lang)}<i>{say(site.city) ? t.product : t.product.trim()}</i></a></h1>
      {!narrow && <Version />}
      {(!narrow || searching) && <Search eager={narrow} onLeave={() => setSearching(false)} />}
      <div class="sp" />
      {narrow && !searching && (
        <button type="button" class="pill" aria-label={t.search.label} onClick={() => setSearching(true)}><Icon name="search" /></button>
      )}
      {open.length > 1 && (
        <nav aria-label={t.views.label}>
          {open.map((view) => (
            <button key={view} type="button" class="pill" aria-current={route.view === view ? 'page' : undefined} onClick={() => go({ view })}>
              {t.views[view]}
            </button>
          ))}
        </nav>
      )}
      {!(narrow && session.user) && <LanguageButton class="pill" />}
      {session.user
        ? <AccountMenu />
        : (
          <button type="button" class="pill" aria-label={t.account.login} onClick={logIn}>
            {narrow ? <Icon name="person" /> : t.account.login}
          </button>
        )}
    </header>
  )
}
