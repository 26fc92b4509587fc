import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ServeOptions {
  /** Arguments after `serve`. */
  args?: readonly string[]
  /** `npm start` goes through run.mjs; the command itself does not. */
  through?: 'run.mjs' | 'bin/dotline.ts'
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** How long the command may take until it listens, ms (default 60,000). */
  patienceMs?: number
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
}

/** The server as its own process, started as a user starts it. */
export interface ServedCommand {
  url: string
  model: string
  /** Of the process that was started. */
  pid: number
  /** `performance.now()` just before the process was started. */
  startedAt: number
  /** Everything that it wrote to standard error. */
  errors(): string
  /** Resolves once the model answers. Rejects when the process ends before. */
  ready: Promise<void>
  ended: Promise<Ended>
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>
}

/** The command ended, or did not listen in time; holds what it wrote. */
export class ServeFailure extends Error {
  override name = 'ServeFailure'
}

/** Starts the command and resolves once it listens. @throws ServeFailure */
export async function serveCommand(options: ServeOptions = {}): Promise<ServedCommand> {
  const { args = [], through = 'bin/dotline.ts', cwd = root, env = process.env, patienceMs = 60_000 } = options
  const command = through === 'run.mjs' ? 'start' : 'serve'
  const startedAt = performance.now()
  const child = spawn(process.execPath, [`${root}/${through}`, command, '--json', ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (part) => (errors += part))
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  const failed = ended.then(({ code, signal }): never => {
    throw new ServeFailure(`the server ended with ${signal ?? code}: ${errors}`)
  })
  failed.catch(() => {})
  const { listening, ready } = eventsOf(child)
  const patience = new AbortController()
  const late = wait(patienceMs, undefined, { ref: false, signal: patience.signal }).then((): never => {
    child.kill('SIGKILL')
    throw new ServeFailure(`the server did not listen within ${patienceMs} ms: ${errors}`)
  })
  late.catch(() => {})
  const { url, model } = await Promise.race([listening, failed, late])
  patience.abort()
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  const answers = Promise.race([ready, failed])
  answers.catch(() => {})
  return { url, model, pid: child.pid ?? 0, startedAt, errors: () => errors, ready: answers, ended, end }
}

interface Listening {
  url: string
  model: string
}

/** The events that `--json` prints, a line each. */
function eventsOf(child: ChildProcess): { listening: Promise<Listening>; ready: Promise<void> } {
  const listening = Promise.withResolvers<Listening>()
  const ready = Promise.withResolvers<void>()
  if (child.stdout === null) throw new TypeError('the command has no standard output to read')
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event: { event: string } & Listening = JSON.parse(line)
    if (event.event === 'listening') listening.resolve(event)
    if (event.event === 'ready') ready.resolve()
  })
  return { listening: listening.promise, ready: ready.promise }
}
