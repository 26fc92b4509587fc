import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { ChatRequest, Engine, EngineEvent, EngineStart } from '#serve/engine'
import { ApiError } from '#wire/errors'
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

/** What the model itself would read, template and tools included; an engine that knows it only afterwards says one token. */
async function promptTokens(engine: Engine, asked: ChatRequest, signal: AbortSignal): Promise<number> {
  for await (const event of engine.chat(asked, signal)) {
    if (event.type === 'start') {
      refuseDropped(event)
      if (event.promptTokens > 0) return event.promptTokens
    }
    if (event.type !== 'end') continue
    const known = event.usage?.promptTokens ?? 0
    if (known > 0) return known
    throw new ApiError('upstream_failed', 'The server behind this model does not say how many tokens a prompt has.')
  }
  throw new ApiError('client_closed_request')
}

function refuseDropped({ promptTokens, droppedMessages }: EngineStart): void {
  if (droppedMessages === 0) return
  throw new ApiError(
    'context_length_exceeded',
    `These 'messages' are longer than the model's window: the oldest ${droppedMessages} of them would be left out, and the rest has ${promptTokens} tokens.`,
    'messages',
  )
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
  const send = (one: MessageEvent) => out.send(JSON.stringify(one), one.type)
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
