import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The most JavaScript that the page may load, compressed, in KB. */
const scriptBudget = 250

const browserWriterOfEntities = 'decode-named-character-reference'

export default defineConfig({
  root: 'web',
  base: './',
  publicDir: false,
  plugins: [react(), paintAfterScript(), weigh()],
  resolve: {
    alias: {
      // Its browser variant decodes entities with innerHTML, which the page's Trusted Types policy forbids.
      [browserWriterOfEntities]: createRequire(import.meta.url).resolve(browserWriterOfEntities),
    },
  },
  build: {
    outDir: fileURLToPath(new URL('./dist/page', import.meta.url)),
    emptyOutDir: true,
    target: ['chrome126', 'edge126', 'firefox126', 'safari18'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})

/** The first paint waits for the script, which sets the theme: a dark page never flashes white. */
function paintAfterScript(): Plugin {
  return {
    name: 'paint-after-script',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  }
}

/** Prints the compressed size of the page's JavaScript and stops a build whose first load is over the budget. */
function weigh(): Plugin {
  return {
    name: 'weigh',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((part) => part.type === 'chunk')
      const first = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName))
      // A set that grows while it is walked visits what was added.
      for (const name of first)
        for (const chunk of chunks) if (chunk.fileName === name) for (const needed of chunk.imports) first.add(needed)
      let kilobytes = 0
      for (const chunk of chunks) {
        const size = gzipSync(chunk.code).length / 1000
        if (first.has(chunk.fileName)) kilobytes += size
        else console.log(`on demand: ${chunk.name} ${size.toFixed(1)} KB`)
      }
      console.log(`figure page_javascript_gzip = ${kilobytes.toFixed(1)} KB (goal <= ${scriptBudget})`)
      if (kilobytes > scriptBudget)
        this.error(`The page's JavaScript is over ${scriptBudget} KB: load parts on demand.`)
    },
  }
}
