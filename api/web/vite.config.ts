import { defineConfig, type Plugin } from 'vite'

/** Where the server listens during `npm run dev`. */
const server = 'http://127.0.0.1:8000'

/** The map's script is fetched beside the page's own, not after that has run. */
function fetchTheMapEarly(): Plugin {
  const early = (file: string) => /MapController.*\.js$/.test(file)
  return {
    name: 'fetch-the-map-early',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle }) => Object.keys(bundle ?? {}).filter(early).map((file) => ({
        tag: 'link', injectTo: 'head' as const, attrs: { rel: 'modulepreload', href: `/${file}` },
      })),
    },
  }
}

export default defineConfig({
  plugins: [fetchTheMapEarly()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // MapLibre 6 needs a browser of 2022 or later anyway.
    target: 'es2022',
    // A strict Content-Security-Policy forbids data: scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  server: {
    proxy: { '/api': server, '/ogc': server, '/tiles': server, '/styles': server, '/basemap': server },
  },
})
