/** Many people on one server, requests cut anywhere, restarts: does anybody read a word of somebody else? */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { Figures } from '#trials/figures'
import { ask, type Sent } from './isolation/client.ts'
import { canariesIn, type Person, settle } from './isolation/people.ts'
import { pick, type Wish, ways } from './isolation/ways.ts'

const program = fileURLToPath(new URL('./isolation/server.ts', import.meta.url))
const atOnce = 24
/** Of all requests, those that are cut. */
const cutShare = 0.3
/** A cut falls within so many bytes of a reply, more often near its beginning. */
const cutWithin = 8192
/** So often somebody asks for a thing of somebody else. */
const foreignShare = 0.15

/** `--requests` (2000; the goal speaks of 20,000), `--people` (200), `--restarts` (one for each 1000), `--seed` (1). */
export async function main(args: string[]): Promise<void> {
  const options = {
    requests: { type: 'string', default: '2000' },
    people: { type: 'string', default: '200' },
    restarts: { type: 'string' },
    seed: { type: 'string', default: '1' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const requests = Number(values.requests)
  const restarts = Number(values.restarts ?? Math.max(2, Math.round(requests / 1000)))
  const figures = new Figures(`npm run trials -- isolation --requests ${requests} --people ${values.people}`)
  tell(await isolate({ requests, people: Number(values.people), restarts, seed: Number(values.seed) }), figures)
  figures.finish()
}

export interface Found {
  requests: number
  cut: number
  /** Replies that held the own word of whoever asked, by way. */
  own: Map<string, number>
  /** A sentence for each reply with somebody else's word, and for each line of log, span or figure with anybody's. */
  foreign: string[]
  told: string[]
  /** Replies that no server should give. */
  failed: string[]
}

function tell({ requests, cut, own, foreign, told, failed }: Found, figures: Figures): void {
  for (const line of [...foreign, ...told, ...failed].slice(0, 40)) figures.note(line)
  const none = { op: '=', value: 0 } as const
  figures.record('isolation.requests', requests, '')
  figures.record('isolation.cut', cut / requests, 'of them', { op: '>=', value: cutShare - 0.01 })
  figures.record(
    'isolation.own',
    [...own.values()].reduce((sum, one) => sum + one, 0),
    'replies with the own word',
  )
  figures.record('isolation.ways', own.size, 'ways that showed it')
  figures.record('isolation.foreign', foreign.length, 'replies with a word of somebody else', none)
  figures.record('isolation.told', told.length, 'words of anybody in log, spans and metrics', none)
  figures.record('isolation.failed', failed.length, 'replies of 500 and the like', none)
}

export async function isolate(wish: {
  requests: number
  people: number
  restarts: number
  seed: number
}): Promise<Found> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-isolation-'))
  try {
    const people = await settle(join(folder, 'data'), wish.people)
    return await new Crowd(folder, people, seededRandom(wish.seed)).run(wish.requests, wish.restarts)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Running {
  url: string
  child: ChildProcess
}

class Crowd {
  readonly #folder: string
  readonly #people: Person[]
  readonly #random: () => number
  readonly #found: Found = { requests: 0, cut: 0, own: new Map(), foreign: [], told: [], failed: [] }
  /** Connections are anybody's, as behind a proxy. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  #server: Promise<Running>
  #log = ''

  constructor(folder: string, people: Person[], random: () => number) {
    this.#folder = folder
    this.#people = people
    this.#random = random
    this.#server = this.#start()
  }

  async run(requests: number, restarts: number): Promise<Found> {
    let left = requests
    const work = async () => {
      while (left-- > 0) await this.#one()
    }
    const workers = Promise.all(Array.from({ length: atOnce }, work))
    for (let restart = 1; restart <= restarts; restart++) {
      const until = requests * (1 - restart / (restarts + 1))
      while (left > until) await wait(5)
      await this.#restart(restart % 2 === 0 ? 'SIGTERM' : 'SIGKILL')
    }
    await workers
    await this.#look()
    await end(await this.#server, 'SIGTERM')
    this.#agent.destroy()
    this.#judgeLog()
    return this.#found
  }

  async #start(): Promise<Running> {
    const child = spawn(process.execPath, [program, this.#folder], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stderr.on('data', (part) => (this.#log += part))
    const gone = once(child, 'exit').then(() => {
      throw new Error(`the server ended before it listened: ${this.#log.slice(-500)}`)
    })
    gone.catch(() => {})
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone])
    return { child, url: (JSON.parse(String(line)) as { url: string }).url }
  }

  async #restart(signal: NodeJS.Signals): Promise<void> {
    const before = await this.#server
    this.#server = end(before, signal).then(() => this.#start())
    await this.#server
  }

  async #one(): Promise<void> {
    const me = pick(this.#people, this.#random)
    const way = pick(Object.keys(ways), this.#random)
    const wish = ways[way](me, (kind) => this.#thing(me, kind), this.#random)
    const sent = await this.#send(me, wish, this.#cutAt())
    if (sent.status === null && !sent.cut) return
    const found = this.#found
    found.requests++
    if (sent.cut) found.cut++
    this.#judge(way, me, sent)
    this.#learn(me, wish, sent)
  }

  async #send(me: Person, { method, path, body, headers }: Wish, cutAt: number | null): Promise<Sent> {
    const { url } = await this.#server
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
    const type: Record<string, string> = typeof body === 'object' ? { 'content-type': 'application/json' } : {}
    // The same names of requests by everybody: each has an answer of their own.
    const repeated: Record<string, string> =
      method === 'POST' && this.#random() < 0.1 ? { 'idempotency-key': `same${Math.floor(this.#random() * 5)}` } : {}
    const credential = pick(me.credentials, this.#random)
    const all = { ...type, ...headers, ...repeated, ...credential }
    return ask(this.#agent, { url: url + path, method, headers: all, body: text, cutAt })
  }

  /** Where a request is cut: a share of all of them, at any byte of the reply, or of the request. */
  #cutAt(): number | null {
    if (this.#found.cut > cutShare * this.#found.requests || this.#random() < 0.3) return null
    const at = Math.ceil(cutWithin ** this.#random())
    return this.#random() < 0.25 ? -at : at
  }

  #thing(me: Person, kind: string): string {
    const whose = this.#random() < foreignShare ? pick(this.#people, this.#random) : me
    const there = whose.things.get(kind) ?? []
    return there.length === 0 ? 'none' : pick(there, this.#random)
  }

  #learn({ things }: Person, { makes, named }: Wish, { status, whole }: Sent): void {
    if (makes === undefined || whole === null || status === null || status >= 300) return
    const id = named ?? /"id": ?"(\w[\w-]+)"/.exec(whole)?.[1]
    if (id !== undefined) things.set(makes, [id, ...(things.get(makes) ?? [])].slice(0, 5))
  }

  #judge(way: string, me: Person, { heard, status }: Sent): void {
    const { own, foreign, failed } = this.#found
    const numbers = canariesIn(heard)
    if (numbers.includes(me.number)) own.set(way, (own.get(way) ?? 0) + 1)
    const others = numbers.filter((number) => number !== me.number)
    if (others.length > 0)
      foreign.push(`${way} by ${me.number} had words of ${[...new Set(others)]}: ${heard.slice(0, 300)}`)
    if (status !== null && status >= 500 && !heard.includes('shutting_down'))
      failed.push(`${way}: ${heard.slice(-300)}`)
  }

  /** Once more, everybody's lists and figures, when all is done. */
  async #look(): Promise<void> {
    for (const me of this.#people)
      for (const way of ['titles', 'files', 'batches', 'completions', 'folders', 'preferences', 'search', 'figures']) {
        const sent = await this.#send(
          me,
          ways[way](me, () => 'none', this.#random),
          null,
        )
        this.#judge(way, me, sent)
        // Of figures, not even whoever owns the organisation reads a word.
        if (way === 'figures') this.#tellTale(`figures of ${me.number}`, sent.heard)
      }
  }

  #judgeLog(): void {
    for (const line of this.#log.split('\n')) this.#tellTale('log', line)
    const spans = join(this.#folder, 'spans.jsonl')
    const lines = existsSync(spans) ? readFileSync(spans, 'utf8').split('\n') : []
    if (lines.length === 0) this.#found.failed.push('there are no spans')
    if (!this.#log.includes('"event":"request"')) this.#found.failed.push('there is no log')
    for (const line of lines) this.#tellTale('spans', line)
  }

  #tellTale(where: string, text: string): void {
    if (canariesIn(text).length > 0) this.#found.told.push(`${where}: ${text.slice(0, 300)}`)
  }
}

async function end({ child }: Running, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}
