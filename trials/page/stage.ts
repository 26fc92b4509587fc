import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { type Browser, chromium } from 'playwright-core'
import { type Keeping, openKeeping } from '#serve/keeping'
import { type Script, ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'

const chromiums = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** The real page, built from these sources, served by the real server over an engine that plays a script, and a browser. */
export interface Stage {
  browser: Browser
  engine: ScriptedEngine
  url: string
  /** Closes the server; `open` starts it again at the same address. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export async function openStage(script: Script, { model = 'dotline-starter', keeps = false } = {}): Promise<Stage> {
  const pageFolder = await buildPage()
  const engine = new ScriptedEngine(script, model)
  let app: FastifyInstance
  let port = 0
  const folder = keeps ? mkdtempSync(join(tmpdir(), 'dotline-kept-')) : null
  let keeping: Keeping | null = null
  const up = async () => {
    keeping = folder === null ? null : await openKeeping({ folder }, console.error)
    app = createServer({ engine, pageFolder, store: keeping?.store, people: keeping?.people })
    await app.listen({ host: '127.0.0.1', port })
    const address = app.server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  }
  const down = async () => {
    app.server.closeAllConnections()
    await app.close()
    await keeping?.close()
  }
  await up()
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  const close = async () => {
    await browser.close()
    await down()
    rmSync(pageFolder, { recursive: true, force: true })
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
  return { browser, engine, url: `http://127.0.0.1:${port}`, up, down, close }
}

/** Builds the page into a temporary folder, so that what is tried is what stands in the sources now, as it is shipped. */
async function buildPage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-page-'))
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const vite = join(cwd, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn']
  await promisify(execFile)(process.execPath, args, { cwd, env: { ...process.env, NODE_ENV: 'production' } })
  return folder
}

export function findChromium(): string {
  const found = chromiums.find((path) => path && existsSync(path))
  if (found) return found
  throw new Error('Chromium is not installed: run `apt-get install -y chromium`, or name one in CHROMIUM_PATH.')
}
