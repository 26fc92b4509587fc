import type { FastifyReply } from 'fastify'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import type { ResponseEvent } from '#wire/response-events'
import type { Run } from '../responses/runs.ts'
import { lastWord } from '../responses/settle.ts'
import { definedHeaders } from './answer.ts'
import { EventStream } from './event-stream.ts'
import { asApiError } from './failures.ts'
import { obfuscation } from './obfuscation.ts'
import type { RouteOptions } from './routes.ts'

/** How the events of a response reach a client: as they are made, or as they are kept. */

const ends: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed'])

interface Sending {
  reply: FastifyReply
  obfuscate: boolean
  options: Pick<RouteOptions, 'times' | 'traffic' | 'log'>
}

/** Sends events until they end. An error in between is said as an event, with the next number. */
export async function sendEvents(events: AsyncIterable<ResponseEvent>, sending: Sending): Promise<FastifyReply> {
  const { reply, obfuscate, options } = sending
  reply.hijack()
  const stream = new EventStream(reply.raw, options.times)
  stream.open(definedHeaders(reply))
  let next = 0
  try {
    for await (const event of events) {
      next = event.sequence_number + 1
      const padded = obfuscate && 'delta' in event ? { ...event, obfuscation: obfuscation(event.delta) } : event
      const data = JSON.stringify(padded)
      if (ends.has(event.type)) await stream.sendLast(data, event.type)
      else await stream.send(data, event.type)
    }
  } catch (error) {
    const failure = asApiError(error, reply.request.id, options.log)
    options.traffic.failed(reply, failure.code)
    if (failure.code === 'slow_consumer') reply.raw.destroy()
    else if (!reply.raw.destroyed) await stream.send(errorEvent(failure, next), 'error').catch(() => {})
  } finally {
    stream.end()
  }
  return reply
}

function errorEvent(failure: ApiError, sequence_number: number): string {
  const { code, message, param } = failure.body().error
  const event: ResponseEvent = { type: 'error', code, message, param, sequence_number }
  return JSON.stringify(event)
}

/** What is kept of a response after an event, then what comes. @throws ApiError where it can be kept no more */
export async function* keptEvents(
  store: Store,
  owner: string,
  id: string,
  after: number,
  signal: AbortSignal,
  run: Run | null = null,
): AsyncGenerator<ResponseEvent> {
  let next = after + 1
  const until = run === null ? signal : AbortSignal.any([signal, run.broken.signal])
  for await (const { events, ended } of store.streams.follow(owner, id, { after, signal: until })) {
    for (const { seq, data } of events) {
      next = seq + 1
      yield JSON.parse(data) as ResponseEvent
    }
    if (ended === 'lost') yield await lastWord(store, owner, id, next)
    if (ended !== null) return
  }
  if (run?.broken.signal.aborted) throw run.broken.signal.reason
  throw new ApiError('client_closed_request')
}
