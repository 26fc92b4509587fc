/** Random requests that are cut, fail, or lose their server: what the ledger settled is what was delivered, to the token. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { openStore, type Store } from '#store/open'
import type { Entry } from '#store/usage'
import { Figures } from '#trials/figures'
import { type Asked, ask, type Got } from './ledger/client.ts'
import { models, mostTokens, organisation, promptTokens } from './ledger/server.ts'

const atOnce = 16

interface Outcome {
  got: Got
  asked: Asked
  /** The server was killed while this was under way. */
  killed: boolean
}

/** `--requests` (200; the goal speaks of 2000), `--kills` (4), `--seed` (1). */
export async function main(args: string[]): Promise<void> {
  const options = {
    requests: { type: 'string', default: '200' },
    kills: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  } as const
  const { values } = parseArgs({ args, strict: false, options })
  const [requests, kills, seed] = [values.requests, values.kills, values.seed].map(Number)
  const figures = new Figures('npm run trials -- ledger')
  const folder = mkdtempSync(join(tmpdir(), 'dotline-trial-ledger-'))
  try {
    const outcomes = await run(folder, requests, kills, seededRandom(seed))
    judge(outcomes, await settledRows(folder), kills, figures)
    await judgeBudget(folder, figures)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  figures.finish()
}

/** So many clients at once; each kill falls at a random moment of its share of the requests. */
async function run(folder: string, requests: number, kills: number, random: () => number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const rounds = kills + 1
  for (let round = 0; round < rounds; round++) {
    const server = await start(folder)
    const share = Math.ceil((requests - outcomes.length) / (rounds - round))
    let left = share
    let killed = false
    const work = async () => {
      while (left-- > 0 && !killed) {
        const asked = anyRequest(random)
        const got = await ask(server.port, asked)
        outcomes.push({ got, asked, killed })
      }
    }
    const workers = Array.from({ length: atOnce }, work)
    if (round < kills) {
      // Not before most of the share is done, and while the rest is under way.
      const from = share * random() * 0.8
      while (share - left < from) await wait(1)
      await wait(30 * random())
      killed = true
      server.process.kill('SIGKILL')
    }
    await Promise.all(workers)
    if (!killed) await settled(server)
    server.process.kill('SIGKILL')
    await server.gone
  }
  return outcomes
}

/** The last requests that left are settled a moment after their readers are gone. */
async function settled({ port }: Server): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const health = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { active: number }
    if (health.active === 0) break
    await wait(20)
  }
  await wait(500)
}

function anyRequest(random: () => number): Asked {
  const stream = random() < 0.7
  const leaves = stream && random() < 0.3
  return {
    model: models[Math.floor(random() * models.length)],
    seed: Math.floor(random() * 1e6),
    stream,
    leaveAfter: leaves ? Math.ceil(random() * 20) : null,
  }
}

interface Server {
  process: ChildProcess
  port: number
  gone: Promise<unknown>
}

async function start(folder: string): Promise<Server> {
  const program = fileURLToPath(new URL('./ledger/server.ts', import.meta.url))
  const process_ = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(process_, 'exit')
  const [said] = await Promise.race([once(process_.stdout!, 'data'), gone])
  const port = Number(String(said))
  if (!Number.isSafeInteger(port) || port === 0) throw new Error(`the server did not start: ${said}`)
  return { process: process_, port, gone }
}

/** The ledger after all leases are over, as another server would find it. */
async function settledRows(folder: string): Promise<Map<string, Entry>> {
  const store = await openStore({ folder, clock: () => Date.now() + 3_600_000 })
  try {
    while ((await store.usage.recover()) > 0);
    return new Map((await allRows(store)).map((row) => [row.request, row]))
  } finally {
    await store.close()
  }
}

async function allRows(store: Store): Promise<Entry[]> {
  const rows: Entry[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.usage.entries(organisation, { from: 0, until: 2 ** 52, limit: 1000, after })
    rows.push(...page.data)
    if (page.next === null) return rows
    after = page.next
  }
}

function judge(outcomes: readonly Outcome[], rows: Map<string, Entry>, kills: number, figures: Figures): void {
  let [different, under, over, delivered, settledTokens, cut] = [0, 0, 0, 0, 0, 0]
  for (const { got, asked, killed } of outcomes) {
    const row = got.request === null ? undefined : rows.get(got.request)
    const output = row?.output ?? 0
    delivered += got.tokens
    settledTokens += output
    const input = row?.input ?? 0
    if (asked.leaveAfter !== null) cut++
    if (killed) {
      if (output < got.tokens) under += got.tokens - output
      over += Math.max(0, output - got.tokens)
    } else if (output !== got.tokens || input !== (output > 0 ? promptTokens : 0)) {
      different++
      figures.note(`${JSON.stringify(asked)}: ${got.tokens} delivered, ${output} settled (${row?.outcome})`)
    }
  }
  const open = [...rows.values()].filter(({ state }) => state !== 'settled').length
  figures.note(
    `${delivered} tokens delivered, ${settledTokens} settled; ${cut} requests were to be cut by their readers`,
  )
  const none = { op: '=', value: 0 } as const
  figures.record('ledger.requests', outcomes.length, '')
  figures.record('ledger.kills', kills, '')
  figures.record('ledger.different', different, 'requests', none)
  figures.record('ledger.unsettled', open, 'rows', none)
  figures.record('ledger.killed_under', under, 'tokens', none)
  // A token that is on the disk but not yet on the wire when the signal comes is the one thing that stays uncertain.
  figures.record('ledger.killed_over', over, 'tokens')
}

/** A budget is set, and more is asked than it allows, by many at once. */
async function judgeBudget(folder: string, figures: Figures): Promise<void> {
  const store = await openStore({ folder })
  const before = (await allRows(store)).length
  const maximum = 300
  await store.limits.set(organisation, { subject: 'key:key_ledger', metric: 'tokens', period: 'month', maximum })
  const server = await start(folder)
  try {
    const asked = (at: number): Asked => ({ model: 'quick', seed: at * 7, stream: at % 2 === 0, leaveAfter: null })
    const crowd = await Promise.all(Array.from({ length: 40 }, (_, at) => ask(server.port, asked(at))))
    for (let at = 0; at < 20; at++) crowd.push(await ask(server.port, asked(at)))
    const used = (await allRows(store)).slice(before).reduce((sum, { input, output }) => sum + input + output, 0)
    figures.record('ledger.budget_refused', crowd.filter(({ status }) => status === 429).length, 'requests', {
      op: '>',
      value: 0,
    })
    figures.record('ledger.budget_unused', Math.max(0, maximum - used), 'tokens', { op: '=', value: 0 })
    figures.record('ledger.budget_passed', Math.max(0, used - maximum), 'tokens', {
      op: '<=',
      value: promptTokens + mostTokens,
    })
  } finally {
    server.process.kill('SIGKILL')
    await server.gone
    await store.close()
  }
}
