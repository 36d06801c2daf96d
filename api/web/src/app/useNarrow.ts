import { useEffect, useState } from 'preact/hooks'

const query = matchMedia('(max-width: 767px)')

/** Whether the page is as narrow as a phone. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(query.matches)
  useEffect(() => {
    const read = () => setNarrow(query.matches)
    query.addEventListener('change', read)
    return () => query.removeEventListener('change', read)
  }, [])
  return narrow
}
