/**
 * What our server adds to an answer that another server makes, with everything on: keys, limits, prices, the ledger on
 * the disk before the last byte, a log. Beside it LiteLLM's proxy with a master key alone. Load generator, upstream and
 * gateway are processes of their own on this machine's cores.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Figures, type Goal } from '#trials/figures'
import { ensureLiteLlm, startLiteLlm } from '#trials/peers/litellm'
import { type Added, type Asking, loadOn, measureAdded, quantiles, type Target } from './gateway/measure.ts'
import { startGateway } from './gateway/ours.ts'
import { held, highestRate, median, openLoad } from './load/open-loop.ts'
import { type Pace, startWireServer } from './load/wire-server.ts'

/** The upstream: an answer of eight pieces in 45 ms. */
const pace: Pace = { firstMs: 10, tokens: 8, eachMs: 5 }
const wantedRate = 1000
const goals = { p50: 1, p95: 3, p99: 8 } as const
/** A rate is held while nothing piles up: everything is answered, and of a hundred the slowest not this much later. */
const slackMs = 100

interface Settings {
  seconds: number
  rounds: number
  /** Given: nothing is searched. */
  rate: number | null
  modes: readonly ('whole' | 'stream')[]
  peers: boolean
  workers: number
  profile?: string
  folder?: string
  url?: string
}

/**
 * `--seconds` (10) of each measurement, `--rounds` (5), `--rate` instead of the search, `--only whole|stream`,
 * `--no-peers`, `--workers` of LiteLLM (2), `--profile FOLDER` for CPU profiles of ours, `--folder` for its data,
 * `--url` for PostgreSQL.
 */
export async function main(args: string[]): Promise<void> {
  const options = {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string' },
    only: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    workers: { type: 'string', default: '2' },
    profile: { type: 'string' },
    folder: { type: 'string' },
    url: { type: 'string' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const only = values.only
  if (only !== undefined && only !== 'whole' && only !== 'stream') throw new TypeError('--only is whole or stream')
  const settings: Settings = {
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    rate: values.rate === undefined ? null : Number(values.rate),
    modes: only === undefined ? ['whole', 'stream'] : [only],
    peers: !values['no-peers'],
    workers: Number(values.workers),
    profile: values.profile,
    folder: values.folder,
    url: values.url,
  }
  const figures = new Figures(`npm run bench -- gateway ${args.filter((arg) => arg !== '--log').join(' ')}`.trim())
  await bench(settings, figures)
  figures.finish()
}

export async function bench(settings: Settings, figures: Figures): Promise<void> {
  const upstream = await startWireServer(pace)
  const { modes } = settings
  figures.note(
    `${cpus().length} cores, load average ${loadavg()[0].toFixed(2)}; the upstream answers ${pace.tokens} tokens in ${pace.firstMs + (pace.tokens - 1) * pace.eachMs} ms; ` +
      'ours with accounts, a key, four limits, a price, ledger, audit and a log line for each request',
  )
  figures.record('gateway.sync_p50', syncMs(settings.folder), 'ms for this disk to keep 4 KB')
  const straight = { url: upstream.url, key: 'none' }
  try {
    const ours = await startGateway(upstream, settings)
    const found = new Map<string, { rate: number; added: Added | null }>()
    try {
      for (const mode of modes)
        found.set(mode, await benchOurs(mode, straight, ours, upstream.model, settings, figures))
      if (settings.peers) await benchPeer(upstream, ours, found, settings, figures)
    } finally {
      const { requests, output, open, finished } = await ours.close()
      const whole = finished.get(pace.tokens) ?? 0
      const others = [...finished.values()].reduce((sum, each) => sum + each, 0) - whole
      figures.note(`the ledger: ${requests} requests, ${output} tokens of answers, ${whole} answered to the end`)
      figures.record('gateway.unsettled', open, 'rows', { op: '=', value: 0 })
      figures.record('gateway.miscounted', others, 'rows whose tokens are not those of the answer', {
        op: '=',
        value: 0,
      })
    }
  } finally {
    await upstream.close()
  }
}

const askingOf = (mode: string, model: string, seconds: number): Asking => ({
  model,
  stream: mode === 'stream',
  seconds,
  warmSeconds: Math.min(2, seconds / 2),
})

async function benchOurs(
  mode: 'whole' | 'stream',
  straight: Target,
  ours: Target,
  model: string,
  settings: Settings,
  figures: Figures,
): Promise<{ rate: number; added: Added | null }> {
  const asking = askingOf(mode, model, settings.seconds)
  const rate = settings.rate ?? (await search(straight, ours, asking, 125))
  if (settings.rate === null) figures.record(`gateway.${mode}.highest`, rate, 'requests/s that are held')
  const at = settings.rate ?? Math.min(wantedRate, rate)
  if (at === 0) {
    figures.note(`${mode}: not even 125 requests/s are held, so nothing is measured`)
    return { rate, added: null }
  }
  const added = await measureAdded(straight, ours, asking, at, settings.rounds)
  tell(`gateway.${mode}`, added, at, figures, goals)
  return { rate, added }
}

function tell(name: string, added: Added, at: number, figures: Figures, goal: Partial<typeof goals> = {}): void {
  const { straight, through } = added
  const figure = (value: number) => value.toFixed(2)
  figures.note(
    `${name} at ${at} requests/s: straight ${quantiles.map((each) => figure(straight.last[each])).join(', ')} ms, ` +
      `through ${quantiles.map((each) => figure(through.last[each])).join(', ')} ms (p50, p95, p99 to the last byte, last round); ` +
      `the load generator ${figure(through.late.p99)} ms late at p99, ${figure(through.cores)} of a core`,
  )
  for (const each of quantiles) {
    const value = goal[each]
    const held: Goal | undefined = value === undefined ? undefined : { op: '<=', value }
    figures.record(`${name}.added_${each}`, added.last[each], `ms at ${at}/s`, held)
  }
  figures.record(`${name}.first_added_p50`, added.first.p50, `ms to the first byte at ${at}/s`)
  figures.record(`${name}.failed`, added.failed, 'requests', { op: '=', value: 0 })
}

async function search(straight: Target, target: Target, asking: Asking, from: number): Promise<number> {
  const brief = { ...asking, seconds: Math.min(5, asking.seconds) }
  const alone = await openLoad(loadOn(straight, brief, from))
  return highestRate([from, 16_000], async (rate) => {
    const report = await openLoad(loadOn(target, brief, rate))
    const holds = held(report, alone.last.p99 + slackMs)
    console.log(
      `  ${rate}/s: ${holds ? 'held' : 'not held'} (p99 ${report.last.p99.toFixed(1)} ms, ${JSON.stringify(report.failed)})`,
    )
    return holds
  })
}

async function benchPeer(
  upstream: { url: string; model: string },
  ours: Target,
  found: ReadonlyMap<string, { rate: number }>,
  settings: Settings,
  figures: Figures,
): Promise<void> {
  const missing = ensureLiteLlm()
  if (missing !== null) return figures.note(`LiteLLM is not here: ${missing}`)
  const peer = await startLiteLlm(upstream, settings.workers)
  const straight = { url: upstream.url, key: 'none' }
  figures.note(`LiteLLM ${peer.version}, ${peer.workers} workers, a master key, no database: no budgets, no ledger`)
  try {
    for (const [mode, { rate: own }] of found) {
      const asking = askingOf(mode, upstream.model, settings.seconds)
      const rate = settings.rate ?? (await search(straight, peer, asking, 10))
      // Half of what it holds, so that it is measured at work and not in a jam.
      const at = Math.max(1, settings.rate ?? Math.floor(rate / 2))
      const theirs = await measureAdded(straight, peer, asking, at, settings.rounds)
      const mine = await measureAdded(straight, ours, asking, at, settings.rounds)
      tell(`gateway.litellm.${mode}`, theirs, at, figures)
      figures.record(
        `gateway.${mode}.share_of_litellm`,
        mine.last.p50 / theirs.last.p50,
        `of its added p50 at ${at}/s`,
        {
          op: '<=',
          value: 0.2,
        },
      )
      if (settings.rate !== null) continue
      figures.record(`gateway.litellm.${mode}.highest`, rate, 'requests/s that are held')
      if (rate > 0)
        figures.record(`gateway.${mode}.times_litellm`, own / rate, 'times its rate', { op: '>=', value: 5 })
    }
  } finally {
    await peer.close()
  }
}

/** What the disk itself takes, which no durable answer can be faster than. */
function syncMs(folder = tmpdir()): number {
  const scratch = mkdtempSync(join(folder, 'dotline-sync-'))
  const file = openSync(join(scratch, 'f'), 'w')
  try {
    const block = Buffer.alloc(4096, 1)
    for (let at = 0; at < 64; at++) writeSync(file, block)
    fdatasyncSync(file)
    return median(
      Array.from({ length: 50 }, (_, at) => {
        const from = performance.now()
        writeSync(file, block, 0, block.length, at * block.length)
        fdatasyncSync(file)
        return performance.now() - from
      }),
    )
  } finally {
    closeSync(file)
    rmSync(scratch, { recursive: true })
  }
}
