/** SIGKILL of a process that writes to the store, at random points: is everything there that was acknowledged, and once? */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { verify } from '#store/backup'
import { openStore } from '#store/open'
import { Figures } from '#trials/figures'
import { type Acknowledged, judge } from './durable/acknowledged.ts'
import { place } from './durable/writer.ts'

const writer = fileURLToPath(new URL('./durable/writer.ts', import.meta.url))
/** A kill falls within this long of the writer's first write. */
const killWithinMs = 3000

/** `--kills` (20), `--seed` (1), `--url` a PostgreSQL database instead of SQLite. Exits 1 under `--check` for any loss. */
export async function main(args: string[]): Promise<void> {
  const options = {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    url: { type: 'string' },
  } as const
  const { values } = parseArgs({ args, strict: false, options })
  const kills = Number(values.kills)
  const url = typeof values.url === 'string' ? values.url : undefined
  const figures = new Figures('npm run trials -- kill-store')
  const ground = mkdtempSync(join(tmpdir(), 'dotline-kill-store-'))
  const folder = join(ground, 'store')
  try {
    const random = seededRandom(Number(values.seed))
    const all: Acknowledged[] = []
    const next: Record<string, number> = {}
    let faults: string[] = []
    for (let kill = 1; kill <= kills; kill++) {
      const heard = await writeAndKill(folder, next, url, random() * killWithinMs)
      all.push(...heard)
      for (const { way, number } of heard) next[way] = number + 1
      if (!url) faults = [...faults, ...(await verify(folder)).map(({ where, problem }) => `${where} ${problem}`)]
      console.log(`kill ${kill}: ${heard.length} writes acknowledged before it`)
    }
    await report(figures, folder, url, all, faults, kills)
  } finally {
    rmSync(ground, { recursive: true, force: true })
  }
  figures.finish()
}

async function report(
  figures: Figures,
  folder: string,
  url: string | undefined,
  all: Acknowledged[],
  faults: string[],
  kills: number,
): Promise<void> {
  const store = await openStore({ folder, url })
  const verdict = await judge(store, await place(store), all)
  for (const { organisation, seq, problem } of await store.audit.verify())
    faults.push(`audit ${organisation} ${seq} ${problem}`)
  await store.close()
  for (const line of [...verdict.lost, ...verdict.duplicated, ...faults]) figures.note(line)
  const none = { op: '=', value: 0 } as const
  figures.record('kill-store.kills', kills, '')
  figures.record('kill-store.acknowledged', all.length, 'writes', { op: '>', value: 0 })
  figures.record('kill-store.lost', verdict.lost.length, '', none)
  figures.record('kill-store.duplicated', verdict.duplicated.length, '', none)
  figures.record('kill-store.faults', faults.length, '', none)
}

/** What was acknowledged, up to the last whole line that came out before the end. */
async function writeAndKill(
  folder: string,
  next: Record<string, number>,
  url: string | undefined,
  afterMs: number,
): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [writer, folder, JSON.stringify(next), url ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const heard: Acknowledged[] = []
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the writer ended before it was ready')))
    createInterface(child.stdout!).on('line', (line) => {
      const said = readLine(line)
      if (said === 'ready') resolve()
      else if (said) heard.push(said)
    })
  })
  await ready
  await wait(afterMs)
  await killed(child)
  return heard
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await gone
}

/** A line that the signal cut through acknowledges nothing. */
function readLine(line: string): Acknowledged | 'ready' | null {
  try {
    const said = JSON.parse(line)
    return said.ready ? 'ready' : said
  } catch {
    return null
  }
}
