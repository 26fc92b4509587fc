import type { AnswerBegun, AnswerDetail, AnswerEvent, AnswerRequest } from '#wire/conversations'
import { type Chunk, noChunk } from '../stream/chunk.ts'
import { AnswerFailed } from '../stream/failure.ts'
import { SseParser } from '../stream/sse.ts'
import { ask, say } from './call.ts'

/** Where a conversation is kept, and where its answers are written: on the server, whether this page stays or not. */
export interface Keeper {
  /** The conversation's id; it is there from the first question on. */
  readonly id: string
  /** Begins an answer and reads it as it is written. */
  begin(asked: AnswerRequest, signal: AbortSignal): AsyncGenerator<Chunk>
  /** Reads an answer that is being written already, from its first event on. */
  attach(answer: string, signal: AbortSignal): AsyncGenerator<Chunk>
  stop(answer: string): void
  /** Remembers which branch is shown. */
  show(message: string): void
}

/** Pauses between tries to read on, in milliseconds; the last one for as long as it takes. */
const pauses = [200, 500, 1000, 2000]

export function keeperOf(id: string, told: { created: boolean; begun(begun: AnswerBegun): void }): Keeper {
  let { created } = told
  const path = `/api/conversations/${id}`
  return {
    id,
    async *begin(asked, signal) {
      const create = created ? {} : { create: asked.create ?? {} }
      const begun = await ask<AnswerBegun>('POST', `${path}/answers`, { ...asked, ...create }, signal)
      created = true
      told.begun(begun)
      yield { ...noChunk, begun: true, model: begun.answer.model ?? '' }
      yield* follow(`${path}/answers/${begun.answer.id}/events`, signal)
    },
    attach: (answer, signal) => follow(`${path}/answers/${answer}/events`, signal),
    stop: (answer) => void say('POST', `${path}/answers/${answer}/stop`).catch(() => undefined),
    show: (message) => void say('PATCH', path, { shown: message }).catch(() => undefined),
  }
}

/** Reads an answer to its end, however often the line is cut in between. */
async function* follow(path: string, signal: AbortSignal): AsyncGenerator<Chunk> {
  let last = ''
  for (let failures = 0; ; failures++) {
    try {
      const response = await open(path, last, signal)
      for await (const { id, data } of events(response)) {
        failures = 0
        last = id || last
        const event = readEvent(data)
        if (event !== null) yield chunkOf(event)
      }
      return
    } catch (error) {
      if (signal.aborted) throw error
      if (error instanceof AnswerFailed && error.failure.kind !== 'offline' && error.failure.kind !== 'unready')
        throw error
    }
    await pause(pauses[Math.min(failures, pauses.length - 1)], signal)
  }
}

async function open(path: string, last: string, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = last === '' ? {} : { 'last-event-id': last }
  const response = await fetch(path, { headers, signal, cache: 'no-store' }).catch((error: unknown) => {
    throw signal.aborted ? error : new AnswerFailed('offline')
  })
  if (response.ok) return response
  throw new AnswerFailed(response.status === 503 ? 'unready' : response.status === 404 ? 'gone' : 'server')
}

async function* events(response: Response): AsyncGenerator<{ id: string; data: string }> {
  const parser = new SseParser()
  const reader = response.body?.getReader()
  if (!reader) throw new AnswerFailed('unreadable')
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      for (const event of parser.push(value)) {
        ended ||= event.data.includes('"type":"end"')
        yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
  // A proxy or a server that ended closes the line in good order: only the answer's own end is one.
  if (!ended) throw new AnswerFailed('offline')
}

function readEvent(data: string): AnswerEvent | null {
  try {
    return JSON.parse(data) as AnswerEvent
  } catch {
    return null
  }
}

function chunkOf(event: AnswerEvent): Chunk {
  if (event.type === 'text') return { ...noChunk, text: event.text }
  if (event.type === 'start') return { ...noChunk, model: event.model, dropped: event.dropped }
  if (event.type === 'title') return { ...noChunk, title: event.title }
  return event.type === 'end' ? { ...noChunk, end: event.detail as AnswerDetail } : noChunk
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
    // A line that is back need not be waited for.
    addEventListener('online', () => resolve(), { once: true, signal })
  })
}
