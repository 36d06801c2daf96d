import type { Layer } from '../api/types'
import { useApp } from '../app/context'
import { Icon } from '../app/icons'
import type { Within } from './AnalystPanel'
import { Details } from './Details'
import { LayerTable } from './LayerTable'
import { useChosen } from './useChosen'

/** A table of layers beside the map, perhaps only inside something. */
export function LayerTab({ layers, within, onWithin }: { layers: Layer[]; within: Within | null; onWithin: (within: Within | null) => void }) {
  const { t } = useApp()
  const { chosen, choose } = useChosen(layers.map((layer) => layer.id))
  return (
    <>
      {within && (
        <div class="chips">
          <button type="button" class="chip" aria-pressed="true" aria-label={`${t.analyst.clear} ${within.name}`} onClick={() => onWithin(null)}>
            {within.name} <Icon name="close" />
          </button>
        </div>
      )}
      {chosen && <Details row={chosen} onClose={() => choose(null)} />}
      <LayerTable layers={layers} chosen={chosen} onChoose={choose} within={within?.bounds ?? null} />
    </>
  )
}
