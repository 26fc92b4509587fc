import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import {
  type AnswerDetail,
  answerBegunSchema,
  answerEventSchema,
  answerRequestSchema,
  conversationId,
  messageId,
} from '#wire/conversations'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { definedHeaders, sendFailure } from '../http/answer.ts'
import { EventStream } from '../http/event-stream.ts'
import { asApiError } from '../http/failures.ts'
import { leaving, type RouteOptions } from '../http/routes.ts'
import { beginAnswer } from './begin.ts'
import { oneConversation } from './list-routes.ts'
import { settled } from './settle.ts'
import { Writings } from './writing.ts'

const oneAnswer = z.object({ id: conversationId, answer: messageId })

/** Begins, follows and stops answers. */
export function answerRoutes(app: FastifyInstance, options: RouteOptions & { store: Store }): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { store, log } = options
  const writings = new Writings(store, log)
  app.addHook('preClose', () => writings.close())
  const begin = {
    summary: 'Begins an answer, which is written and kept whether anybody waits for it or not',
    params: oneConversation,
    body: answerRequestSchema,
    response: { 201: answerBegunSchema, ...failures },
  }
  typed.post('/api/conversations/:id/answers', { schema: begin }, async (request, reply) => {
    const begun = await beginAnswer({ options, writings, request, id: request.params.id, body: request.body })
    return reply.code(201).send(begun)
  })
  const stop = { summary: 'Stops an answer where it is', params: oneAnswer, response: { 204: z.null(), ...failures } }
  typed.post('/api/conversations/:id/answers/:answer/stop', { schema: stop }, async ({ caller, params }, reply) => {
    const { owner } = caller
    if (!writings.stop(owner, params.answer)) {
      const { detail } = await store.conversations.getMessage(owner, params.id, params.answer)
      const { state, stream } = detail as AnswerDetail
      // Another server writes it: its next event finds the stream ended, and it stops.
      if (state === 'writing' && stream !== undefined) await store.streams.finish(owner, stream, 'finished')
    }
    return reply.code(204).send(null)
  })
  const follow = {
    summary: 'The events of an answer, from `Last-Event-ID` on',
    params: oneAnswer,
    response: {
      200: { description: 'Its events.', content: { 'text/event-stream': { schema: answerEventSchema } } },
      ...failures,
    },
  }
  typed.get('/api/conversations/:id/answers/:answer/events', { schema: follow }, async (request, reply) =>
    followAnswer(options, request, reply, request.params),
  )
}

async function followAnswer(
  { store, times, traffic, log }: RouteOptions & { store: Store },
  request: FastifyRequest,
  reply: FastifyReply,
  { id, answer }: z.infer<typeof oneAnswer>,
): Promise<FastifyReply> {
  const { owner } = request.caller
  const message = await store.conversations.getMessage(owner, id, answer)
  const { stream } = message.detail as AnswerDetail
  const signal = leaving(reply)
  reply.hijack()
  const events = new EventStream(reply.raw, times)
  events.open(definedHeaders(reply))
  try {
    let told = false
    if (stream !== undefined && (await isThere(store, owner, stream))) {
      for await (const part of store.streams.follow(owner, stream, { after: lastSeen(request), signal })) {
        for (const { seq, data } of part.events) {
          told ||= data.includes('"type":"end"')
          await events.send(data, '', String(seq))
        }
      }
    }
    if (!told && !signal.aborted) {
      const { status, detail } = await settled(store, owner, id, message)
      await events.send(JSON.stringify({ type: 'end', status, detail }))
    }
  } catch (error) {
    const failure = asApiError(error, request.id, log)
    traffic.failed(reply, failure.code)
    await sendFailure(reply, events, failure)
  } finally {
    events.end()
  }
  return reply
}

/** Events are kept for a day. */
async function isThere(store: Store, owner: string, stream: string): Promise<boolean> {
  return store.streams.read(owner, stream, Number.MAX_SAFE_INTEGER - 1, 1).then(
    () => true,
    (error: unknown) => {
      if (error instanceof StoreError && error.code === 'absent') return false
      throw error
    },
  )
}

/** The number of the last event that a reader has. */
function lastSeen({ headers }: FastifyRequest): number {
  const given = headers['last-event-id']
  if (given === undefined || given === '') return -1
  if (typeof given === 'string' && /^\d{1,12}$/.test(given)) return Number(given)
  throw new ApiError('invalid_value', 'Last-Event-ID must be the number of an event of this answer.', 'Last-Event-ID')
}
