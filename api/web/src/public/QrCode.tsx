import { useMemo } from 'preact/hooks'
import { encode } from 'uqr'
import { useApp } from '../app/context'

/** A text as a QR code, drawn here: nobody else learns the address. */
export function QrCode({ text }: { text: string }) {
  const { t } = useApp()
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { ecc: 'M', border: 3 })
    const dark = data.flatMap((row, y) => row.flatMap((is, x) => (is ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size, path: dark.join('') }
  }, [text])
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t.public.qr} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  )
}
