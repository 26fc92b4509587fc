import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Asked, creations, type Ground, post } from './creating.ts'

/** What the machine may do to a server that keeps things: how it is brought about, and how it ends. */
export interface Trouble {
  name: string
  /** Null, or why it cannot be brought about here. */
  missing(): string | null
  /** Makes the folder that the server is to keep things in, before it starts. */
  place?(folder: string): void
  begin(at: { folder: string; pid: number }): Promise<() => Promise<void>>
  leave?(folder: string): void
}

const tried = (command: string, args: readonly string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

const smallDisk = '24m'

/** A file system in memory, filled to its last byte. */
const full: Trouble = {
  name: 'full',
  missing: () =>
    process.getuid?.() === 0 && tried('mount', ['--version']) ? null : 'a small file system is mounted by root alone',
  place: (folder) => {
    mkdirSync(folder, { recursive: true })
    if (!tried('mount', ['-t', 'tmpfs', '-o', `size=${smallDisk},mode=700`, 'none', folder]))
      throw new Error(`no file system could be mounted at ${folder}`)
  },
  begin: async ({ folder }) => {
    const filler = join(folder, 'filler')
    const file = openSync(filler, 'w')
    try {
      for (const size of [1 << 20, 4096, 1]) while (fits(file, size));
    } finally {
      closeSync(file)
    }
    return async () => rmSync(filler)
  },
  leave: (folder) => {
    tried('umount', ['-l', folder])
  },
}

function fits(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) > 0
  } catch {
    return false
  }
}

/** The kernel's calls fail by a tracer's hand. */
const failing = (name: string, calls: string): Trouble => ({
  name,
  missing: () => (tried('strace', ['-o', '/dev/null', 'true']) ? null : 'strace is not here, or may not trace'),
  begin: async ({ pid }) => {
    const how = ['-f', '-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`, '-o', '/dev/null', '-p', String(pid)]
    const tracer = spawn('strace', how, { stdio: ['ignore', 'ignore', 'pipe'] })
    await attached(tracer)
    return async () => {
      const exit = once(tracer, 'exit')
      tracer.kill('SIGINT')
      await exit
    }
  },
})

async function attached(tracer: ChildProcess): Promise<void> {
  const exit = once(tracer, 'exit').then(() => {
    throw new Error('strace ended before it was attached')
  })
  exit.catch(() => {})
  await Promise.race([once(tracer.stderr as NonNullable<typeof tracer.stderr>, 'data'), exit])
  // It says so of the first thread; the others follow.
  await wait(500)
}

/** No file can be opened any more: the first number that is free is one too many. */
const noFiles: Trouble = {
  name: 'files',
  missing: () => (tried('prlimit', ['--version']) ? null : 'prlimit is not here (Debian: util-linux)'),
  begin: async ({ pid }) => {
    const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number))
    let free = 0
    while (taken.has(free)) free++
    const limit = (soft: number) => tried('prlimit', ['--pid', String(pid), `--nofile=${soft}:`])
    const before = Number(
      spawnSync('prlimit', ['--pid', String(pid), '--nofile', '--noheadings', '--raw', '-o', 'SOFT']).stdout.toString(),
    )
    if (!limit(free)) throw new Error('the number of open files could not be limited')
    return async () => {
      limit(before)
    }
  },
}

export const troubles: readonly Trouble[] = [
  full,
  failing('sync', 'fsync,fdatasync'),
  failing('write', 'pwrite64,pwritev,pwritev2'),
  noFiles,
]

export interface Acknowledged {
  way: string
  mark: string
  path: string
}

export interface Outcome {
  acknowledged: Acknowledged[]
  refused: number
  /** Requests that found no connection. */
  unheard: number
  faults: string[]
}

const markOf = () => `mark${randomUUID().replaceAll('-', '')}`

/** Tries every way once. @param troubled whether the machine is in trouble: then a refusal is right if it says what it is. */
export async function tryAll(ground: Ground, troubled: boolean): Promise<Outcome> {
  const outcome: Outcome = { acknowledged: [], refused: 0, unheard: 0, faults: [] }
  for (const way of Object.keys(creations)) await tryOne(ground, way, troubled, outcome)
  return outcome
}

export async function tryOne(ground: Ground, way: string, troubled: boolean, outcome: Outcome): Promise<boolean> {
  const { ask, seen } = creations[way]
  const mark = markOf()
  const asked = await ask(ground, mark)
  const { status, text } = await spoken(ground.url, asked)
  if (status === null) {
    outcome.unheard++
    if (!troubled) outcome.faults.push(`${way}: ${text}`)
    return false
  }
  const fault = faultOf(status, text)
  if (fault !== null) outcome.faults.push(`${way}: ${fault}`)
  const done = status < 300 && !/"code":"\w*(store|internal)\w*"|event: error/.test(text)
  if (!done) outcome.refused++
  const id = /"id": ?"([\w-]+)"/.exec(text)?.[1] ?? ''
  if (done && seen !== null) outcome.acknowledged.push({ way, mark, path: seen({ id: idOf(text, id) }, ground, asked) })
  return done
}

/** A streamed response's own id stands in its first event. */
function idOf(text: string, first: string): string {
  return /"response":\{"id":"([\w-]+)"/.exec(text)?.[1] ?? first
}

async function spoken(url: string, asked: Asked): Promise<{ status: number | null; text: string }> {
  try {
    const reply = await post(url, asked)
    return { status: reply.status, text: await reply.text() }
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return { status: null, text: String(cause) }
  }
}

const streamEnd =
  /data: \[DONE\]|"type":"(message_stop|response\.(completed|failed|incomplete)|error|end)"|"error":\{|"stop":true/

/** A refusal is one of the catalogue that says what is wrong, and a stream has an end. */
function faultOf(status: number, text: string): string | null {
  if (status < 300)
    return !/^(data|event|id|: )/.test(text) || streamEnd.test(text)
      ? null
      : `a stream without an end: ${text.slice(-200)}`
  try {
    const { error } = JSON.parse(text) as { error: { code?: string; type?: string; message: string } }
    const said = error.code ?? error.type ?? ''
    if (said === '' || said === 'internal_error') return `${status} ${text}`
    return status >= 500 || status === 429 ? null : `${status} ${text}`
  } catch {
    return `${status} ${text.slice(0, 200)}`
  }
}

/** Whatever was acknowledged and is not there; work that was taken on must come to its end. */
export async function missingOf(url: string, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const lost: string[] = []
  for (const { way, mark, path } of acknowledged) {
    const reply = await fetch(url + path)
    const text = await reply.text()
    if (!reply.ok || !text.includes(mark)) lost.push(`${way}: acknowledged, and ${path} has ${reply.status} without it`)
    else if (path.startsWith('/v1/batches/')) lost.push(...(await unended(url + path)))
  }
  return lost
}

/** How long batches that a trouble fell into may take. */
const batchMs = 90_000

async function unended(url: string): Promise<string[]> {
  const until = Date.now() + batchMs
  for (;;) {
    const { status } = (await (await fetch(url)).json()) as { status: string }
    if (status === 'completed') return []
    if (status === 'failed' || Date.now() > until) return [`${url} was taken on and is ${status}`]
    await wait(250)
  }
}
