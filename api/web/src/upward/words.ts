import { useApp } from '../app/context'
import { en } from '../i18n/upward.en'
import { zh } from '../i18n/upward.zh'

const words = { zh, en }
export const useWordsOf = () => words[useApp().lang]
