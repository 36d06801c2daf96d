const svg = 'http://www.w3.org/2000/svg'

/** The marker of the chosen place. */
export function pin(): HTMLElement {
  const holder = document.createElement('div')
  holder.className = 'pin'
  holder.setAttribute('aria-hidden', 'true')
  const picture = document.createElementNS(svg, 'svg')
  picture.setAttribute('viewBox', '0 0 28 36')
  const drop = document.createElementNS(svg, 'path')
  drop.setAttribute('d', 'M14 1C6.8 1 1 6.8 1 14c0 9 13 21 13 21s13-12 13-21C27 6.8 21.2 1 14 1z')
  const eye = document.createElementNS(svg, 'circle')
  for (const [name, value] of [['cx', '14'], ['cy', '14'], ['r', '5']] as const) eye.setAttribute(name, value)
  picture.append(drop, eye)
  holder.append(picture)
  return holder
}
