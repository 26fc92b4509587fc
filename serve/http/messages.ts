import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { EngineEvent } from '#serve/engine'
import { messageError } from '#wire/message-errors'
import {
  countTokensReplySchema,
  countTokensRequestSchema,
  type MessageEvent,
  messageErrorSchema,
  messageEventSchema,
  messageRequestSchema,
  messageSchema,
} from '#wire/messages'
import { definedHeaders } from './answer.ts'
import { EventStream } from './event-stream.ts'
import { asApiError } from './failures.ts'
import { messageEvents, wholeMessage } from './message-events.ts'
import { messageRequest } from './message-request.ts'
import { promptTokens } from './prompt-tokens.ts'
import { findModel, leaving, type RouteOptions } from './routes.ts'

const failures = { '4xx': messageErrorSchema, '5xx': messageErrorSchema }

/** `POST /v1/messages` and `/v1/messages/count_tokens`: Anthropic's dialect, over the same engine as OpenAI's. */
export function messageRoutes(app: FastifyInstance, options: RouteOptions): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const schema = {
    summary: 'Answers a conversation, in Anthropic’s dialect',
    body: messageRequestSchema,
    response: {
      200: {
        description: 'The message; with stream, its events.',
        content: {
          'application/json': { schema: messageSchema },
          'text/event-stream': { schema: messageEventSchema },
        },
      },
      ...failures,
    },
  }
  typed.post('/v1/messages', { schema }, async (request, reply) => {
    const { body } = request
    const engine = options.engineOf(request)
    const model = findModel(engine, body.model)
    const asked = engine.chat(messageRequest(body), leaving(reply))
    const events = messageEvents(announced(asked, reply), model, body.max_tokens)
    if (body.stream === true) return stream(reply, events, options)
    return reply.send(await wholeMessage(events))
  })
  const countSchema = {
    summary: 'Counts a prompt’s tokens, in Anthropic’s dialect',
    body: countTokensRequestSchema,
    response: { 200: countTokensReplySchema, ...failures },
  }
  typed.post('/v1/messages/count_tokens', { schema: countSchema }, async (request, reply) => {
    reply.header('request-id', request.id)
    const engine = options.engineOf(request)
    findModel(engine, request.body.model)
    return { input_tokens: await promptTokens(engine, messageRequest(request.body), leaving(reply)) }
  })
}

/** Sets the headers that are known when an engine has taken the request. */
async function* announced(events: AsyncIterable<EngineEvent>, reply: FastifyReply): AsyncGenerator<EngineEvent> {
  for await (const event of events) {
    if (event.type === 'start') {
      reply.header('request-id', reply.request.id)
      if (event.droppedMessages > 0) reply.header('x-dotline-dropped-messages', event.droppedMessages)
    }
    yield event
  }
}

const ping = `event: ping\ndata: ${JSON.stringify({ type: 'ping' })}\n\n`

async function stream(
  reply: FastifyReply,
  events: AsyncGenerator<MessageEvent>,
  { times, traffic, log }: RouteOptions,
): Promise<FastifyReply> {
  // Errors before the first event are thrown, and become a reply with their status.
  let event = await events.next()
  reply.hijack()
  const out = new EventStream(reply.raw, times, ping)
  out.open(definedHeaders(reply))
  const send = (one: MessageEvent) =>
    one.type === 'message_stop' ? out.sendLast(JSON.stringify(one), one.type) : out.send(JSON.stringify(one), one.type)
  try {
    for (; event.done !== true; event = await events.next()) await send(event.value)
  } catch (error) {
    await events.return(undefined)
    const failure = asApiError(error, reply.request.id, log)
    traffic.failed(reply, failure.code)
    if (failure.code === 'slow_consumer') reply.raw.destroy()
    // Where the reader has left, there is nobody to tell.
    else if (!reply.raw.destroyed) await send(messageError(failure, reply.request.id).body).catch(() => {})
  } finally {
    out.end()
  }
  return reply
}
