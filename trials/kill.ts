/**
 * SIGKILL of a server that keeps things, at random points of what clients do: is everything there that was acknowledged, and
 * once? Then the machine's own troubles: a full disk, a failing one, no more files.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { verify } from '#store/backup'
import { Figures } from '#trials/figures'
import { type Deed, keepDoing } from './kept/deeds.ts'
import { type Endured, endure } from './kept/endure.ts'
import { judge } from './kept/judge.ts'
import { type Trouble, troubles } from './kept/troubles.ts'

const program = fileURLToPath(new URL('./kept/server.ts', import.meta.url))
/** A kill falls within this long of the server's first reply. */
const killWithinMs = 600
/** Clients at once. */
const clients = 4
/** Everything is held against the server after so many kills, and what is settled then is not looked at again. */
const judgedEvery = 25

interface Running {
  url: string
  child: ChildProcess
}

/** `--kills` (20), `--seed` (1), `--rounds` (3) of every way to create something in each trouble. Exits 1 under `--check` for anything lost, changed or there twice. */
export async function main(args: string[]): Promise<void> {
  const options = {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures(`npm run trials -- kill --kills ${values.kills}`)
  if (Number(values.kills) > 0) await killAndJudge(Number(values.kills), Number(values.seed), figures)
  for (const trouble of troubles) await endureAndTell(trouble, Number(values.rounds), figures)
  figures.finish()
}

async function endureAndTell(trouble: Trouble, rounds: number, figures: Figures): Promise<void> {
  const { name } = trouble
  const missing = trouble.missing()
  if (missing !== null) return figures.note(`${name} was not tried: ${missing}`)
  const { acknowledged, refused, unheard, faults } = await endureTrouble(trouble, rounds)
  for (const line of faults) figures.note(`${name}: ${line}`)
  figures.record(`kill.${name}.acknowledged`, acknowledged, 'writes')
  figures.record(`kill.${name}.refused`, refused, 'writes, by an error of the catalogue')
  figures.record(`kill.${name}.unheard`, unheard, 'requests without a connection')
  figures.record(`kill.${name}.faults`, faults.length, 'lost, untyped, or not working after it', { op: '=', value: 0 })
}

/** One trouble in a folder of its own. */
export async function endureTrouble(trouble: Trouble, rounds: number): Promise<Endured> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-trouble-'))
  const running = async (at: string) => {
    // What it says of its troubles is for its operator.
    const server = await start(at, 'ignore')
    const { child } = server
    const exited = () => child.exitCode !== null || child.signalCode !== null
    return { url: server.url, pid: Number(child.pid), exited, end: () => end(server, 'SIGTERM') }
  }
  try {
    return await endure(trouble, join(folder, 'data'), rounds, running)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns how many things were acknowledged, and what is wrong with them, a sentence each. */
export async function killAndJudge(kills: number, seed: number, figures?: Figures) {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-kill-'))
  try {
    const found = await killRepeatedly(folder, kills, seed)
    const damage = (await verify(folder)).map(({ where, problem }) => `${where} ${problem}`)
    for (const line of [...found.faults, ...damage]) figures?.note(line)
    const none = { op: '=', value: 0 } as const
    figures?.record('kill.kills', kills, '')
    figures?.record('kill.acknowledged', found.acknowledged, 'writes')
    figures?.record('kill.faults', found.faults.length, 'lost, changed or there twice', none)
    figures?.record('kill.integrity', damage.length, 'faults of the database', none)
    return { ...found, damage }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function killRepeatedly(folder: string, kills: number, seed: number) {
  const random = seededRandom(seed)
  const faults: string[] = []
  let deeds: Deed[] = []
  let acknowledged = 0
  for (let kill = 1; kill <= kills; kill++) {
    const server = await start(folder)
    const doing = Array.from({ length: clients }, () => keepDoing(server.url, deeds, random))
    const done = Promise.allSettled(doing)
    await wait(random() * killWithinMs)
    await end(server, 'SIGKILL')
    for (const each of await done) if (each.status === 'rejected') faults.push(String(each.reason))
    if (kill % judgedEvery !== 0 && kill !== kills) continue
    const after = await start(folder)
    faults.push(...(await judge(after.url, deeds)))
    await end(after, 'SIGTERM')
    acknowledged += deeds.length
    deeds = []
  }
  return { acknowledged, faults }
}

async function start(folder: string, errors: 'inherit' | 'ignore' = 'inherit'): Promise<Running> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', errors] })
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code} before it listened`)
  })
  gone.catch(() => {})
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone])
  return { child, url: (JSON.parse(String(line)) as { url: string }).url }
}

async function end({ child }: Running, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}
