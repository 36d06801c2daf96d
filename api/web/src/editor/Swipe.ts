/** Two maps over each other, the published plan's on the left of a line that is dragged. */
import * as gisgrid from '../api/gisgrid'
import type { Layer, Site } from '../api/types'
import { MapController } from '../map/MapController'

export class Swipe {
  private readonly other: MapController
  private readonly holder: HTMLDivElement
  private readonly follow: () => void

  constructor(private readonly map: MapController, site: Site, plan: number | string, visible: ReadonlySet<string>, label: string) {
    const container = map.map.getContainer()
    this.holder = document.createElement('div')
    this.holder.className = 'swipe-map'
    container.parentElement!.insertBefore(this.holder, container.nextSibling)
    this.other = new MapController(this.holder, site, { 'Map.Title': label })
    this.holder.querySelector('canvas')?.setAttribute('aria-hidden', 'true')
    this.holder.querySelector('canvas')?.setAttribute('tabindex', '-1')
    this.follow = () => this.other.map.jumpTo({ center: map.map.getCenter(), zoom: map.map.getZoom() })
    this.follow()
    map.map.on('move', this.follow)
    void gisgrid.layers(plan).then((layers: Layer[]) => this.other.setLayers(layers.filter((each) => visible.has(each.id))).then(() => this.other.show(visible)))
    this.set(0.5)
  }

  /** Where the line stands, as a share of the width. */
  set(share: number): void {
    this.holder.style.clipPath = `inset(0 ${((1 - share) * 100).toFixed(2)}% 0 0)`
  }

  dispose(): void {
    this.map.map.off('move', this.follow)
    this.other.dispose()
    this.holder.remove()
  }
}
