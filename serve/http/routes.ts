import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Engine, ModelInfo } from '#serve/engine'
import type { Store } from '#store/open'
import { chatChunkSchema, chatReplySchema, chatRequestSchema } from '#wire/chat'
import { completionChunkSchema, completionReplySchema, completionRequestSchema } from '#wire/completions'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { type Health, healthSchema } from '#wire/health'
import { limits } from '#wire/limits'
import { type Model, modelListSchema, modelSchema } from '#wire/models'
import { answer } from './answer.ts'
import { chatFormat } from './chat-format.ts'
import { CompletionFormat } from './completion-format.ts'
import { keeperOf } from './completion-keeper.ts'
import type { StreamTimes } from './event-stream.ts'
import { chatRequest, completionRequest, refuseUnseen } from './requests.ts'
import type { Traffic } from './traffic.ts'

export interface RouteOptions {
  /** What the server itself asks: models and state. Answers are made by `engineOf`. */
  engine: Engine
  /** The engine as the one who sent this request may use it. */
  engineOf: (request: FastifyRequest) => Engine
  /** Null: this server keeps nothing. */
  store: Store | null
  /** True once the server takes no more requests. */
  closing: () => boolean
  times: StreamTimes
  traffic: Traffic
  log: (line: string) => void
}

const wholeOrStream = (whole: z.ZodType, chunk: z.ZodType, description: string) => ({
  200: {
    description,
    content: { 'application/json': { schema: whole }, 'text/event-stream': { schema: chunk } },
  },
  ...failures,
})

/** A signal that is aborted when the client goes away before the reply was sent. */
export function leaving(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new ApiError('client_closed_request'))
  })
  return controller.signal
}

export function findModel(engine: Engine, id: string): ModelInfo {
  const model = engine.models().find((candidate) => candidate.id === id)
  if (model !== undefined) return model
  const known = engine.models().map((candidate) => `'${candidate.id}'`)
  const shown = id.length > 80 ? `${id.slice(0, 80)}…` : id
  throw new ApiError(
    'model_not_found',
    `The model '${shown}' does not exist here. There is: ${known.join(', ')}.`,
    'model',
  )
}

const modelReply = (model: ModelInfo): Model => ({
  id: model.id,
  object: 'model',
  created: model.created,
  owned_by: model.ownedBy,
  dotline: { context_length: model.contextLength, state: model.state, capabilities: [...model.capabilities] },
})

/** `POST /v1/chat/completions` and `POST /v1/completions`. */
export function generationRoutes(app: FastifyInstance, { engineOf, store, times, traffic, log }: RouteOptions): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const streaming = (body: z.infer<typeof chatRequestSchema> | z.infer<typeof completionRequestSchema>) => ({
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    obfuscate: body.stream_options?.include_obfuscation !== false,
    times,
    traffic,
    log,
  })
  const chatSchema = {
    summary: 'Answers a conversation',
    body: chatRequestSchema,
    response: wholeOrStream(chatReplySchema, chatChunkSchema, 'The answer; with stream, its chunks as events.'),
  }
  typed.post('/v1/chat/completions', { schema: chatSchema }, async (request, reply) => {
    const { body } = request
    const engine = engineOf(request)
    const model = findModel(engine, body.model)
    const wanted = chatRequest(body)
    refuseUnseen(wanted.messages, model)
    const keep = keeperOf(store, request.caller.owner, body)
    const events = engine.chat(wanted, leaving(reply))
    const extra = body.metadata == null ? {} : { metadata: body.metadata }
    const how = { model, format: chatFormat, choices: body.n ?? 1, extra, keep, ...streaming(body) }
    return answer(reply, events, how)
  })
  const completionSchema = {
    summary: 'Continues a text, or fills the gap before a suffix',
    body: completionRequestSchema,
    response: wholeOrStream(
      completionReplySchema,
      completionChunkSchema,
      'The text; with stream, its chunks as events.',
    ),
  }
  typed.post('/v1/completions', { schema: completionSchema }, async (request, reply) => {
    const { body } = request
    const engine = engineOf(request)
    const model = findModel(engine, body.model)
    const wanted = completionRequest(body)
    const events = engine.complete(wanted, leaving(reply))
    const format = new CompletionFormat(wanted.choices)
    const choices = wanted.choices * wanted.prompts.length
    return answer(reply, events, { model, format, choices, ...streaming(body) })
  })
}

/** `GET /v1/models`, `GET /v1/models/{id}`, `GET /health` and `GET /openapi.json`. */
export function readingRoutes(app: FastifyInstance, { engine, engineOf, closing, store }: RouteOptions): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const listSchema = { summary: 'The models that answer here', response: { 200: modelListSchema, ...failures } }
  typed.get('/v1/models', { schema: listSchema }, async (request) => ({
    object: 'list' as const,
    data: engineOf(request).models().map(modelReply),
  }))
  const params = z.object({ model: z.string().max(limits.modelIdLength) })
  const oneSchema = { summary: 'One model', params, response: { 200: modelSchema, ...failures } }
  typed.get('/v1/models/:model', { schema: oneSchema }, async (request) =>
    modelReply(findModel(engineOf(request), request.params.model)),
  )
  const started = performance.now()
  const states = { ready: 'ok', loading: 'loading', failed: 'failed' } as const
  const healthRoute = { summary: 'Whether requests are answered', response: { 200: healthSchema, 503: healthSchema } }
  typed.get('/health', { schema: healthRoute }, async (_request, reply) => {
    const { state, problem, active, waiting } = engine.status()
    const health: Health = {
      status: closing() ? 'closing' : states[state],
      model: engine.models()[0]?.id ?? null,
      uptime_seconds: Math.round(performance.now() - started) / 1000,
      active,
      waiting,
      keeps: store !== null,
      problem,
    }
    const code = health.status === 'ok' || health.status === 'loading' ? 200 : 503
    return reply.code(code).header('cache-control', 'no-store').send(health)
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
