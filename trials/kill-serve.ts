/** SIGKILL of the server at random points while clients read: what they see, what is left behind, whether it starts again. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { Figures } from '#trials/figures'
import { type Client, type Outcome, rawStream, whole, withOpenai } from './served/clients.ts'
import { type ServedCommand, ServeFailure, serveCommand } from './served/command.ts'
import { folderHash } from './served/folder-hash.ts'
import { endlessly, starterFolder } from './served/model.ts'

const clients: readonly Client[] = [rawStream, withOpenai, whole]
/** Each kind of client, twice over. */
const atOnce = 6
/** A kill falls within this long of the start (one in four, mostly while the model loads), or of the model's readiness. */
const killWithinMs = 3000
/** Sockets of this machine tell of a death at once; a client that knows nothing after this long hangs. */
const settleMs = 10_000

interface Tally {
  kills: number
  answers: number
  cut: number
  silent: string[]
  hangs: number
  failedRestarts: string[]
  changed: number
}

/** `--kills` (20), `--seed` (1), `--model` another model's folder. Exits 1 under `--check` where anything was lost. */
export async function main(args: string[]): Promise<void> {
  const options = {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string' },
  } as const
  const { values } = parseArgs({ args, strict: false, options })
  const kills = wholeNumber('kills', values.kills)
  const figures = new Figures('npm run trials -- kill-serve')
  const ground = mkdtempSync(join(tmpdir(), 'dotline-kill-serve-'))
  try {
    // A copy, so that nothing but the server can change it.
    const [folder, place] = [join(ground, 'model'), join(ground, 'place')]
    cpSync(typeof values.model === 'string' ? values.model : starterFolder, folder, { recursive: true })
    mkdirSync(place)
    const before = folderHash(folder)
    const tally = await killRepeatedly(kills, {
      folder,
      place,
      data: join(ground, 'data'),
      random: seededRandom(wholeNumber('seed', values.seed)),
    })
    const changedBytes = before === folderHash(folder) ? 0 : 1
    report(figures, tally, { changedBytes, left: readdirSync(place, { recursive: true }).map(String) })
  } finally {
    rmSync(ground, { recursive: true })
  }
  figures.finish()
}

interface Stage {
  folder: string
  /** Where the server keeps what it is to keep. */
  data: string
  /** The server's working folder, home and folder for temporary files, empty at first. */
  place: string
  random: () => number
}

async function killRepeatedly(kills: number, stage: Stage): Promise<Tally> {
  const tally: Tally = { kills: 0, answers: 0, cut: 0, silent: [], hangs: 0, failedRestarts: [], changed: 0 }
  const bias = await endlessly(stage.folder)
  let server = await start(stage, 0)
  // Every later server takes the first one's port: the dead one must not hold it.
  const port = Number(new URL(server.url).port)
  await server.ready
  const reference = await expected(server, bias)
  for (let kill = 0; kill < kills; kill++) {
    if (stage.random() < 0.75) await server.ready
    await killAmid(server, bias, reference, tally, stage.random() * killWithinMs)
    const next = await restart(stage, port, tally)
    if (next === null) return tally
    server = next
  }
  if ((await server.ready.then(() => expected(server, bias))) !== reference) tally.changed++
  await server.end('SIGTERM')
  return tally
}

const start = ({ folder, place, data }: Stage, port: number): Promise<ServedCommand> =>
  serveCommand({
    args: ['--port', String(port), '--model', folder, '--data', data],
    cwd: place,
    env: environment(place),
  })

/** Whatever the server or one of its libraries writes for itself goes into the watched folder, and nothing is silenced here. */
function environment(place: string): NodeJS.ProcessEnv {
  const { ORT_DISABLE_TELEMETRY: _, ...rest } = process.env
  return { ...rest, TMPDIR: place, HOME: place, XDG_CACHE_HOME: place }
}

async function restart(stage: Stage, port: number, tally: Tally): Promise<ServedCommand | null> {
  try {
    return await start(stage, port)
  } catch (error) {
    if (!(error instanceof ServeFailure)) throw error
    tally.failedRestarts.push(error.message)
    return null
  }
}

const request = (server: ServedCommand, bias: Record<string, number>) => ({
  url: server.url,
  model: server.model,
  logitBias: bias,
  maxTokens: 150,
})

/** The words that every complete answer must have: greedy, from an undisturbed server. */
async function expected(server: ServedCommand, bias: Record<string, number>): Promise<string> {
  const outcome = await whole(request(server, bias), () => {})
  if (outcome.kind !== 'finished') throw new Error(`an undisturbed server did not answer: ${JSON.stringify(outcome)}`)
  return outcome.text
}

async function killAmid(
  server: ServedCommand,
  bias: Record<string, number>,
  reference: string,
  tally: Tally,
  afterMs: number,
): Promise<void> {
  let killed = false
  let characters = 0
  const see = (text: string) => {
    characters += text.length
  }
  /** Asks again and again, as people do, until the server is gone. */
  const keepAsking = async (client: Client): Promise<Outcome> => {
    while (true) {
      const outcome = await client(request(server, bias), see)
      if (outcome.kind !== 'finished') return outcome
      tally.answers++
      if (outcome.text !== reference)
        tally.silent.push(`a finished answer of ${outcome.text.length} characters differs`)
      if (killed) return outcome
    }
  }
  const asking = Array.from({ length: atOnce }, (_, at) => keepAsking(clients[at % clients.length]))
  const settled = asking.map((one) => one.then((outcome) => judge(outcome, killed, tally)))
  const from = performance.now()
  await wait(afterMs)
  killed = true
  await server.end('SIGKILL')
  tally.kills++
  const point = `${Math.round(performance.now() - from)} ms after the questions came, ${characters} characters received`
  const patience = new AbortController()
  const all = Promise.all(settled).then(() => true)
  const inTime = await Promise.race([all, wait(settleMs, false, { signal: patience.signal })])
  patience.abort()
  if (!inTime) tally.hangs++
  console.log(`kill ${tally.kills}: ${point}`)
}

function judge(outcome: Outcome, killed: boolean, tally: Tally): void {
  if (outcome.kind === 'silent') tally.silent.push(`an answer ended as if whole: ${outcome.detail}`)
  else if (outcome.kind === 'error' && !killed) tally.silent.push(`an error before the kill: ${outcome.detail}`)
  else if (outcome.kind === 'error') tally.cut++
}

function report(figures: Figures, tally: Tally, after: { changedBytes: number; left: string[] }): void {
  const none = { op: '=', value: 0 } as const
  for (const line of [...tally.silent, ...tally.failedRestarts]) figures.note(line)
  for (const file of after.left) figures.note(`left behind: ${file}`)
  figures.note(`${tally.answers} answers were complete, ${tally.cut} were cut off and told so`)
  figures.record('kill-serve.kills', tally.kills, '')
  figures.record('kill-serve.silent_truncations', tally.silent.length, '', none)
  figures.record('kill-serve.hanging_clients', tally.hangs, '', none)
  figures.record('kill-serve.failed_restarts', tally.failedRestarts.length, '', none)
  figures.record('kill-serve.changed_answers', tally.changed, '', none)
  figures.record('kill-serve.changed_model_files', after.changedBytes, '', none)
  figures.record('kill-serve.files_left_behind', after.left.length, '', none)
}

function wholeNumber(option: string, value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`--${option} ${value} is not a positive whole number`)
  return number
}
