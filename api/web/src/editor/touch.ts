/** Fingers, no mouse: hints about keys would be of no use. */
export const isTouch = matchMedia('(pointer: coarse)').matches
/** What the keys beside the space bar are called. */
export const [command, alt] = /Mac|iPhone|iPad/.test(navigator.platform) ? ['⌘', '⌥'] : ['Ctrl', 'Alt']
