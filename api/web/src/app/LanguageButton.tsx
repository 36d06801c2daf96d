import { useApp } from './context'

/** Says the other language's name in that language. */
export function LanguageButton(properties: { class?: string }) {
  const { t, lang, go } = useApp()
  const other = lang === 'zh' ? 'en' : 'zh'
  return (
    <button type="button" class={properties.class} lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => go({ lang: other })}>
      {t.language}
    </button>
  )
}
