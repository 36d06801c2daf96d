const svg = 'http://www.w3.org/2000/svg'

const outline = 'M14 1C6.8 1 1 6.8 1 14c0 9 13 21 13 21s13-12 13-21C27 6.8 21.2 1 14 1z'
const tip = { x: 14, y: 35 }
const eye = { x: 14, y: 14, r: 5 }

/** Draw the marker into a picture whose pixels are `ratio` to one of the page's, its tip at (x, y). */
export function drawPin(picture: CanvasRenderingContext2D, x: number, y: number, ratio: number, colour: string): void {
  picture.save()
  picture.setTransform(ratio, 0, 0, ratio, (x - tip.x) * ratio, (y - tip.y) * ratio)
  picture.fillStyle = colour
  picture.strokeStyle = '#fff'
  picture.lineWidth = 1.5
  const drop = new Path2D(outline)
  picture.fill(drop)
  picture.stroke(drop)
  picture.fillStyle = '#fff'
  picture.beginPath()
  picture.arc(eye.x, eye.y, eye.r, 0, 2 * Math.PI)
  picture.fill()
  picture.restore()
}

/** The marker of the chosen place. */
export function pin(): HTMLElement {
  const holder = document.createElement('div')
  holder.className = 'pin'
  holder.setAttribute('aria-hidden', 'true')
  const picture = document.createElementNS(svg, 'svg')
  picture.setAttribute('viewBox', '0 0 28 36')
  const drop = document.createElementNS(svg, 'path')
  drop.setAttribute('d', outline)
  const middle = document.createElementNS(svg, 'circle')
  for (const [name, value] of [['cx', eye.x], ['cy', eye.y], ['r', eye.r]] as const) middle.setAttribute(name, String(value))
  picture.append(drop, middle)
  holder.append(picture)
  return holder
}
