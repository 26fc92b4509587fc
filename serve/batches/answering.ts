import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import type { Caller } from '#serve/caller'
import type { Batch, BatchLine } from '#store/batches'
import { StoreError } from '#store/errors'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { lineBytes, parseLine } from './input.ts'
import type { Lease } from './lease.ts'
import type { LineReply } from './line-call.ts'
import type { Place } from './lines.ts'
import type { BatchPorts } from './ports.ts'

/** What is kept of a line that is over: its reply, or why there could be none. */
export type LineAnswer = { reply: LineReply } | { error: { code: string; message: string } }

/** Lines that are read at once. */
const pageSize = 100
/** How often it is looked whether there is room for another line. */
const roomMs = 100
const againMs = 500

interface Work {
  ports: BatchPorts
  lease: Lease
  batch: Batch
  caller: Caller
  /** Lines that were begun in this turn: whatever the store still shows as open, none of them is begun again. */
  begun: Set<number>
  answered: number
  /** True once no more lines are to be begun in this turn. */
  over: () => boolean
}

/** Answers lines until the turn is over. `none`: no line is left without an answer. */
export async function answerLines(
  ports: BatchPorts,
  lease: Lease,
  batch: Batch,
  caller: Caller,
): Promise<'none' | 'some'> {
  const until = performance.now() + ports.turnMs
  const over = () => lease.signal.aborted || ports.closing() || performance.now() > until || Date.now() >= batch.expires
  const work: Work = { ports, lease, batch, caller, begun: new Set(), answered: 0, over }
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  const begin = (line: BatchLine) => {
    work.begun.add(line.line)
    const one: Promise<void> = answerLine(work, line)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(one))
    running.add(one)
  }
  let page: BatchLine[] = []
  let all = false
  while (!over() && failures.length === 0) {
    if (page.length === 0) page = await nextPage(work, running.size)
    all = page.length === 0
    if (all && running.size === 0) break
    if (all || running.size >= ports.room()) await Promise.race([...running, wait(roomMs)])
    else begin(page.shift()!)
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
  const [open] = await ports.store.batches.open(lease.held.owner, batch.id, 1)
  return open === undefined ? 'none' : 'some'
}

async function nextPage({ ports, lease, batch, begun }: Work, running: number): Promise<BatchLine[]> {
  const lines = await ports.store.batches.open(lease.held.owner, batch.id, running + pageSize)
  return lines.filter(({ line }) => !begun.has(line))
}

/** Runs a line and keeps its answer. One that is cut off has no answer, and is begun anew in a later turn. */
async function answerLine(work: Work, line: BatchLine): Promise<void> {
  const answer = await run(work, line)
  if (answer !== null) await keep(work, line, answer)
}

async function run(work: Work, line: BatchLine): Promise<LineAnswer | null> {
  const { ports, lease, batch, caller, over } = work
  const { signal } = lease
  try {
    const { body } = parseLine(await read(work, line.request as Place), batch.endpoint)
    while (true) {
      const outcome = await ports.call(caller, batch.endpoint, body, signal)
      if (outcome.type === 'answered') return { reply: outcome.reply }
      const patience = Math.min(outcome.afterMs, 1000 * limits.retryAfterMaxSeconds)
      for (let waited = 0; waited < patience && !over(); waited += roomMs) await wait(roomMs)
      if (over()) return null
    }
  } catch (error) {
    if (signal.aborted) return null
    if (error instanceof ApiError) return { error: { code: error.code, message: error.message } }
    if (error instanceof StoreError && error.code === 'absent')
      return { error: { code: 'not_found', message: 'The file of this line is not there any more.' } }
    throw error
  }
}

/** A line as it stands in its file. It was read before; a file is never changed. */
async function read({ ports, lease, batch }: Work, { offset, length }: Place): Promise<Buffer> {
  if (length > lineBytes) throw new ApiError('request_too_large', String(lineBytes))
  const range = { start: offset, end: offset + length - 1 }
  const { bytes } = await ports.store.files.content(lease.held.owner, batch.input, range)
  return buffer(bytes)
}

/** Keeps an answer if the batch is still ours to work on, both in one piece. */
async function keep(work: Work, { line }: BatchLine, answer: LineAnswer): Promise<void> {
  const { ports, lease, batch } = work
  const { store } = ports
  const well = 'reply' in answer && answer.reply.status_code < 400
  const progress = { answered: ++work.answered }
  while (!lease.lost) {
    const asked = performance.now()
    try {
      const state = well ? 'completed' : 'failed'
      await store.together([
        lease.beat(progress),
        store.plan.batches.answer(lease.held.owner, batch.id, line, state, answer),
      ])
      return lease.prolonged(asked)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      if (error.code === 'lease_lost') return lease.lose()
      if (error.code !== 'busy' && error.code !== 'unavailable' && error.code !== 'full') throw error
      // The line was run and is not to be run again: its answer waits for the store as long as the batch is ours.
      await wait(againMs)
    }
  }
}
