/** Words and secrets through every address and every error: what do refusals, log, spans, metrics and audit say of them? */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { routes } from '#guard/routes'
import { openStore } from '#store/open'
import { Figures } from '#trials/figures'
import { prepare } from './kept/creating.ts'
import { Asking } from './secrets/asking.ts'
import { Canaries, type Leak } from './secrets/canaries.ts'
import { hire } from './secrets/cast.ts'

const program = fileURLToPath(new URL('./isolation/server.ts', import.meta.url))

/** `--rounds` (3) through all addresses, `--seed` (1). Exits 1 under `--check` for any word that is where it should not be. */
export async function main(args: string[]): Promise<void> {
  const options = {
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures(`npm run trials -- secrets --rounds ${values.rounds}`)
  const { requests, refused, words, codes, leaks } = await spill(Number(values.rounds), Number(values.seed))
  for (const { kind, where, from, shown } of leaks.slice(0, 60))
    figures.note(`${kind} from ${from} in ${where}: ${shown}`)
  figures.record('secrets.requests', requests, '')
  figures.record('secrets.refused', refused, 'of them')
  figures.record('secrets.words', words, 'words and secrets')
  figures.record('secrets.codes', codes.length, `kinds of errors: ${codes.join(', ')}`)
  const inRefusals = leaks.filter(({ where }) => where.startsWith('the refusal'))
  const none = { op: '=', value: 0 } as const
  figures.record('secrets.refusals', inRefusals.length, 'refusals that say a text or a secret', none)
  figures.record('secrets.told', leaks.length - inRefusals.length, 'words in log, spans, metrics and audit', none)
  figures.finish()
}

export interface Spilt {
  requests: number
  refused: number
  words: number
  codes: string[]
  leaks: Leak[]
}

/** @param each of so many addresses one is asked at: all of them by default */
export async function spill(rounds: number, seed: number, each = 1): Promise<Spilt> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-secrets-'))
  const canaries = new Canaries()
  try {
    const all = Object.keys(routes).filter((address) => !address.endsWith('*'))
    const addresses = all.filter((_, at) => (at + seed) % each === 0)
    const cast = await hire(join(folder, 'data'), rounds * 250 + 10, canaries)
    const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'pipe'] })
    let log = ''
    child.stderr.on('data', (part) => (log += part))
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const { url } = JSON.parse(String(line)) as { url: string }
    const asking = new Asking(url, cast, canaries, seededRandom(seed))
    const openapi = await (await fetch(`${url}/openapi.json`, { headers: cast.key })).json()
    const ground = await prepare(url, 8, cast.key)
    await asking.account()
    for (let round = 0; round < rounds; round++) await asking.everywhere(addresses, openapi)
    await asking.rightly(ground)
    await asking.oddly()
    const metrics = await (await fetch(`${url}/metrics`, { headers: cast.key })).text()
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
    const leaks = [...asking.leaks]
    const look = (where: string, text: string) =>
      leaks.push(...canaries.leaksIn(where, text, ['text', 'name', 'secret']))
    look('metrics', metrics)
    for (const row of log.split('\n')) look('log', row)
    const spans = join(folder, 'spans.jsonl')
    if (!existsSync(spans) || !log.includes('"event":"request"'))
      throw new Error('there is no log, or there are no spans')
    for (const row of readFileSync(spans, 'utf8').split('\n')) look('spans', row)
    // What is called how is what an audit is for.
    for (const row of await auditOf(join(folder, 'data')))
      leaks.push(...canaries.leaksIn('audit', row, ['text', 'secret']))
    const { requests, refused, codes } = asking
    return { requests, refused, words: canaries.count, codes: [...codes].sort(), leaks }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Every row of every organisation, and of the installation. */
async function auditOf(folder: string): Promise<string[]> {
  const store = await openStore({ folder })
  try {
    const rows: string[] = []
    const organisations = (await store.organisations.list()).map(({ id }) => id)
    for (const organisation of ['', ...organisations]) {
      let after: string | undefined
      do {
        const page = await store.audit.list(organisation, { limit: 100, after })
        rows.push(...page.data.map((row) => JSON.stringify(row)))
        after = page.next ?? undefined
      } while (after !== undefined)
    }
    return rows
  } finally {
    await store.close()
  }
}
