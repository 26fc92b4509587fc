/**
 * What one process of ours adds to a scripted upstream, nothing kept, beside Portkey's gateway and LiteLLM's proxy: each
 * pair at the highest open-loop rate that both hold. With accounts, limits and ledger: `npm run bench -- gateway`.
 */
import { loadavg } from 'node:os'
import { Figures } from '#trials/figures'
import { ensureLiteLlm, startLiteLlm } from '#trials/peers/litellm'
import { ensurePortkey, startPortkey } from '#trials/peers/portkey'
import { type Added, type Asking, loadOn, measureAdded, type Target } from './gateway/measure.ts'
import { held, highestRate, median, openLoad } from './load/open-loop.ts'
import { startWireServer, type WireServer } from './load/wire-server.ts'
import { whole } from './serving/arguments.ts'
import { startRelay } from './serving/relay.ts'

/** A rate is held while everything is answered, and of a hundred the slowest not this much later than straight. */
const slackMs = 20

interface Settings {
  seconds: number
  rounds: number
  /** Most requests a second that are tried. */
  most: number
  peers: readonly string[]
}

interface Quantiles {
  p50: number
  p95: number
}

interface Peer extends Target {
  name: string
  close(): Promise<void>
}

/** `--seconds=10` of each measurement, `--rounds=5` in turn, `--most=8000` requests/s, `--peers=portkey,litellm`, `--no-peers`. */
export async function main(args: string[]): Promise<void> {
  const chosen = args.find((arg) => arg.startsWith('--peers='))?.slice(8) ?? 'portkey,litellm'
  const peers = args.includes('--no-peers') ? [] : chosen.split(',')
  const [seconds, rounds, most] = [whole(args, 'seconds', 10), whole(args, 'rounds', 5), whole(args, 'most', 8000)]
  await bench({ seconds, rounds, most, peers }, new Figures('npm run bench -- upstream'))
}

export async function bench(settings: Settings, figures: Figures): Promise<void> {
  const upstream = await startWireServer({ firstMs: 10, tokens: 8, eachMs: 5 })
  const relay = await startRelay(upstream)
  try {
    figures.note(`whole answers of 45 ms, ${settings.rounds} rounds; load average ${loadavg()[0].toFixed(2)}`)
    const ours: Target = { url: relay.url, key: 'none' }
    const bench = new Comparison(upstream, ours, settings, figures)
    const own = await bench.highest('ours', ours)
    if (settings.peers.length === 0) await bench.added({ ours }, own)
    for (const name of settings.peers) await bench.beside(name, own)
  } finally {
    await relay.close()
    await upstream.close()
  }
  figures.finish()
}

class Comparison {
  readonly #upstream: WireServer
  readonly #straight: Target
  readonly #ours: Target
  readonly #settings: Settings
  readonly #figures: Figures
  readonly #asking: Asking

  constructor(upstream: WireServer, ours: Target, settings: Settings, figures: Figures) {
    this.#upstream = upstream
    this.#straight = { url: upstream.url, key: 'none' }
    this.#ours = ours
    this.#settings = settings
    this.#figures = figures
    const { seconds } = settings
    this.#asking = { model: upstream.model, stream: false, seconds, warmSeconds: Math.min(2, seconds / 2) }
  }

  async highest(name: string, target: Target): Promise<number> {
    const brief = { ...this.#asking, seconds: Math.min(4, this.#asking.seconds) }
    const alone = await openLoad(loadOn(this.#straight, brief, 50))
    const once = async (rate: number) => held(await openLoad(loadOn(target, brief, rate)), alone.last.p99 + slackMs)
    // Tried twice: what else the machine did just then is not the gateway's.
    const range = [Math.min(50, this.#settings.most), this.#settings.most] as const
    const rate = await highestRate(range, async (each) => (await once(each)) || (await once(each)))
    this.#figures.record(`upstream.${name}.highest`, rate, 'requests/s that are held')
    return rate
  }

  /** What each of these adds at a rate, in turns: of the rounds, the median. */
  async added(targets: Readonly<Record<string, Target>>, at: number): Promise<Record<string, Quantiles>> {
    const rounds: Record<string, Added[]> = {}
    for (let round = 0; round < this.#settings.rounds; round++)
      for (const [name, target] of Object.entries(targets))
        (rounds[name] ??= []).push(await measureAdded(this.#straight, target, this.#asking, Math.max(1, at), 1))
    return Object.fromEntries(
      Object.entries(rounds).map(([name, all]) => {
        const middle = (quantile: 'p50' | 'p95') => median(all.map(({ last }) => last[quantile]))
        return [name, this.#tell(name, { p50: middle('p50'), p95: middle('p95') }, at, all)]
      }),
    )
  }

  /** With the goals where they are ours. */
  #tell(name: string, added: Quantiles, at: number, all: readonly Added[]): Quantiles {
    const ours = name.startsWith('ours')
    const goal = (value: number) => (ours ? ({ op: '<=', value } as const) : undefined)
    this.#figures.record(`upstream.${name}.added_p50`, added.p50, `ms at ${at}/s`, goal(1))
    this.#figures.record(`upstream.${name}.added_p95`, added.p95, `ms at ${at}/s`, goal(3))
    const failed = all.reduce((sum, each) => sum + each.failed, 0)
    this.#figures.record(`upstream.${name}.failed`, failed, 'requests', goal(0))
    return added
  }

  async beside(name: string, own: number): Promise<void> {
    const peer = await this.#start(name)
    if (peer === null) return
    try {
      const at = Math.min(own, await this.highest(name, peer))
      if (at === 0) return this.#figures.note(`${name}: no rate is held by both`)
      const mine = `ours_beside_${name}`
      const added = await this.added({ [name]: peer, [mine]: this.#ours }, at)
      const ratio = (quantile: 'p50' | 'p95') => added[mine][quantile] / added[name][quantile]
      for (const each of ['p50', 'p95'] as const)
        this.#figures.record(`upstream.share_of_${name}_${each}`, ratio(each), 'of what it adds', { op: '<', value: 1 })
    } finally {
      await peer.close()
    }
  }

  async #start(name: string): Promise<Peer | null> {
    const missing = name === 'portkey' ? ensurePortkey() : ensureLiteLlm()
    if (missing !== null) {
      this.#figures.note(`${name} is not here: ${missing}`)
      return null
    }
    if (name === 'portkey') return { name, key: 'none', ...(await startPortkey(this.#upstream)) }
    return { name, ...(await startLiteLlm(this.#upstream)) }
  }
}
