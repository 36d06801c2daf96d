/** Line icons, 20 px, drawn for this product. */
const paths = {
  locate: 'M10 2v3M10 15v3M2 10h3M15 10h3M10 6.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6z',
  layers: 'M10 3l7 3.8-7 3.8-7-3.8zM3 10.4l7 3.8 7-3.8M3 13.6l7 3.8 7-3.8',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  home: 'M3 9.5L10 4l7 5.5M5 8.5V16h10V8.5',
  list: 'M4 5.5h12M4 10h12M4 14.5h12',
  close: 'M5 5l10 10M15 5L5 15',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4',
  download: 'M10 3v9M6.5 8.8L10 12.3l3.5-3.5M4 16h12',
  circle: 'M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM10 9.4v1.2M9.4 10h1.2',
  phone: 'M6.5 3.5l2 3.8-1.6 1.5a9 9 0 0 0 4.3 4.3l1.5-1.6 3.8 2v2.6c0 .5-.4.9-.9.9A12.6 12.6 0 0 1 3 4.4c0-.5.4-.9.9-.9z',
  person: 'M10 3.5a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4zM3.8 16.5c.5-3.2 3-5 6.200-5s5.700 1.800 6.200 5',
} as const
export type IconName = keyof typeof paths

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
