import type { Said } from '../api/types'
import { en } from './en'
import { zh, type Messages } from './zh'

export type Lang = 'zh' | 'en'
export type { Messages }
export const messages: Record<Lang, Messages> = { zh, en }

/** A text of the server in the language of the page. */
export function say(lang: Lang, text: Said | null | undefined): string {
  if (text === null || text === undefined) return ''
  return typeof text === 'string' ? text : text[lang] || text.zh
}

/** The language asked for before, or the browser's. */
export function firstLanguage(): Lang {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
