/** The resources, one function each. */
import { request, type Query } from './request'
import type {
  Account, Coverage, Feature, FeaturePage, Hit, Layer, NewAccount, NewToken, Plan, Responsibility, Scope, Session, Site,
  Surroundings, Token, Topic, Workload,
} from './types'

type Plan_ = number | string | null | undefined

export const session = {
  get: (signal?: AbortSignal) => request<Session>('/api/session', { signal }),
  open: (login: string, password: string) =>
    request<Session>('/api/session', { method: 'POST', body: { login, password } }),
  close: () => request<void>('/api/session', { method: 'DELETE' }),
  password: (old: string, fresh: string) =>
    request<void>('/api/session/password', { method: 'POST', body: { old, new: fresh } }),
}

export const tokens = {
  list: (signal?: AbortSignal) => request<Token[]>('/api/tokens', { signal }),
  create: (name: string, scopes: Scope[], days: number) =>
    request<NewToken>('/api/tokens', { method: 'POST', body: { name, scopes, days } }),
  revoke: (id: Token['id']) => request<void>(`/api/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' }),
}

export const accounts = {
  list: (signal?: AbortSignal) => request<Account[]>('/api/accounts', { signal }),
  create: (account: NewAccount) => request<Account>('/api/accounts', { method: 'POST', body: account }),
  disable: (login: string, disabled: boolean) =>
    request<Account>(`/api/accounts/${encodeURIComponent(login)}`, { method: 'PATCH', body: { disabled } }),
}

export const site = (signal?: AbortSignal) => request<Site>('/api/site', { signal })
export const topics = (signal?: AbortSignal) => request<Topic[]>('/api/topics', { signal })
/** All of them, the discarded drafts too: the list leaves those out until they are asked for. */
export const plans = (signal?: AbortSignal) => request<Plan[]>('/api/plans', { query: { discarded: 'true' }, signal })
export const search = (q: string, signal?: AbortSignal) =>
  request<Hit[]>('/api/search', { query: { q, limit: 10 }, signal })
export const responsibility = (lon: number, lat: number, topic: string | null, signal?: AbortSignal) =>
  request<Responsibility>('/api/responsibility', { query: { lon, lat, topic }, signal })
export const layers = (plan: Plan_, signal?: AbortSignal) => request<Layer[]>('/api/layers', { query: { plan }, signal })
export const coverage = (plan: Plan_, signal?: AbortSignal) =>
  request<Coverage>('/api/coverage', { query: { plan }, signal })
export const surroundings = (query: Query, signal?: AbortSignal) =>
  request<Surroundings>('/api/surroundings', { query, signal })
export const workload = (level: number, signal?: AbortSignal) =>
  request<Workload[]>('/api/workload', { query: { level }, signal })

export const items = (layer: Layer, query: Query, signal?: AbortSignal) =>
  request<FeaturePage>(layer.items, { query, signal })
export const item = (layer: Layer, id: string | number, signal?: AbortSignal) => {
  const [path = '', query = ''] = layer.items.split('?')
  return request<Feature>(`${path}/${encodeURIComponent(id)}${query && `?${query}`}`, { signal })
}
