import { useState } from 'preact/hooks'
import type { Topic } from '../api/types'
import { useApp } from '../app/context'

const usual = 6

/** What happened: duties differ by topic. */
export function TopicChooser({ topics }: { topics: Topic[] }) {
  const { t, say, route, go } = useApp()
  const [all, setAll] = useState(false)
  if (topics.length === 0) return null
  const chosenLater = topics.findIndex((each) => each.code === route.topic) >= usual
  const shown = all ? topics : topics.filter((each, i) => i < usual || (chosenLater && each.code === route.topic))
  return (
    <section class="noprint-chips" aria-labelledby="what">
      <h3 id="what">{t.public.what}</h3>
      <div class="chips" role="group" aria-labelledby="what">
        {shown.map((topic) => (
          <button
            key={topic.code}
            type="button"
            class="chip"
            aria-pressed={topic.code === route.topic}
            onClick={() => go({ topic: topic.code === route.topic ? null : topic.code })}
          >
            {say(topic.name)}
          </button>
        ))}
        {topics.length > shown.length || all
          ? <button type="button" class="chip more" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t.less : t.more}</button>
          : null}
      </div>
    </section>
  )
}
