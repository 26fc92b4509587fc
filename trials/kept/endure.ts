import { setTimeout as wait } from 'node:timers/promises'
import { verify } from '#store/backup'
import { creations, type Ground, prepare } from './creating.ts'
import { missingOf, type Outcome, type Trouble, tryAll, tryOne } from './troubles.ts'

export interface Running {
  url: string
  pid: number
  exited(): boolean
  end(): Promise<void>
}

export interface Endured {
  acknowledged: number
  refused: number
  unheard: number
  faults: string[]
}

/** How long a server may take until all works again. */
const recoveryMs = 30_000

/** Brings one trouble about while everything is asked for, and ends it: what does the server say, keep, and do after it? */
export async function endure(
  trouble: Trouble,
  folder: string,
  rounds: number,
  start: (folder: string) => Promise<Running>,
): Promise<Endured> {
  trouble.place?.(folder)
  try {
    const server = await start(folder)
    const ground = await prepare(server.url, 2 * (rounds + 1))
    const all = await tryAll(ground, false)
    if (all.refused > 0) all.faults.push(`${all.refused} were refused before there was any trouble`)
    const relieve = await trouble.begin({ folder, pid: server.pid })
    try {
      for (let round = 0; round < rounds; round++) add(all, await tryAll(ground, true))
      if (all.refused + all.unheard === 0) all.faults.push('the trouble was none: nothing was refused')
    } finally {
      await relieve()
    }
    all.faults.push(...(await recovered(ground, all)))
    if (server.exited()) all.faults.push('the server ended')
    all.faults.push(...(await missingOf(server.url, all.acknowledged)))
    await server.end()
    const after = await start(folder)
    all.faults.push(...(await missingOf(after.url, all.acknowledged)).map((line) => `after a new start: ${line}`))
    await after.end()
    all.faults.push(...(await verify(folder)).map(({ where, problem }) => `${where} ${problem}`))
    return { ...all, acknowledged: all.acknowledged.length }
  } finally {
    trouble.leave?.(folder)
  }
}

function add(all: Outcome, more: Outcome): void {
  all.acknowledged.push(...more.acknowledged)
  all.faults.push(...more.faults)
  all.refused += more.refused
  all.unheard += more.unheard
}

/** Every way works again by itself. */
async function recovered(ground: Ground, all: Outcome): Promise<string[]> {
  const until = Date.now() + recoveryMs
  let left = Object.keys(creations)
  while (left.length > 0) {
    const still: string[] = []
    for (const way of left) if (!(await tryOne(ground, way, true, all))) still.push(way)
    left = still
    if (left.length > 0 && Date.now() > until) return left.map((way) => `${way} does not work again`)
    if (left.length > 0) await wait(250)
  }
  return []
}
