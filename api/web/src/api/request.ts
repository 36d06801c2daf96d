/** One door to the server: language, CSRF token, and errors as the server words them. */
import type { Meanwhile } from './drafts.types'

export interface ProblemBody {
  title?: string
  status?: number
  detail?: string
  where?: string
  todo?: string
  /** What an answer to a stale or refused edit tells besides. */
  changed?: Meanwhile[]
  lon?: number
  lat?: number
}

/** An answer that is not the one asked for; `status` 0 means that the server did not answer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: ProblemBody,
    readonly retryAfter: number | null = null,
  ) {
    super(body.detail ?? body.title ?? `HTTP ${status}`)
  }

  /** The server restarts or its database does: worth asking again without being told. */
  get recovering(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503
  }
}

const context = { lang: 'zh', csrf: null as string | null }

export function speak(lang: string): void {
  context.lang = lang
}
export function authorise(csrf: string | null): void {
  context.csrf = csrf
}

export type Query = Record<string, string | number | null | undefined>

/** `path` with the parameters that have a value. */
export function address(path: string, query: Query = {}): string {
  const url = new URL(path, location.origin)
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value))
  }
  return url.pathname + url.search
}

/** Answers asked for before anybody wanted them, each given to the first who does. */
const asked = new Map<string, Promise<Response>>()

/** Ask now for what the page is about to need. */
export function ahead(path: string): void {
  const answer = send(path, { headers: accepted() })
  answer.catch(() => {}) // whoever wants it is told
  asked.set(path, answer)
}

const send = (path: string, options: RequestInit) => fetch(path, { credentials: 'same-origin', ...options })
const accepted = (): Record<string, string> => ({ Accept: 'application/json, application/geo+json', 'Accept-Language': context.lang })

async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get('Retry-After'))
  const body = await response.json().catch(() => ({})) as ProblemBody
  return new Problem(response.status, body, Number.isFinite(wait) && wait > 0 ? wait : null)
}

export async function request<T>(
  path: string,
  { method = 'GET', query, body, headers: own = {}, signal }: {
    method?: string
    query?: Query
    /** Sent as JSON; a file as it is. */
    body?: unknown
    headers?: Record<string, string>
    signal?: AbortSignal
  } = {},
): Promise<T> {
  const headers = { ...accepted(), ...own }
  const isFile = body instanceof Blob
  if (body !== undefined) headers['Content-Type'] = isFile ? 'application/octet-stream' : 'application/json'
  if (method !== 'GET' && context.csrf) headers['X-CSRF-Token'] = context.csrf
  let response: Response
  try {
    const where = address(path, query)
    const early = method === 'GET' ? asked.get(where) : undefined
    asked.delete(where)
    response = await (early ?? send(where, { method, headers, body: isFile ? body : body === undefined ? undefined : JSON.stringify(body), signal }))
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(0, {})
  }
  if (!response.ok) throw await problemOf(response)
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T)
}
