import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { EngineEvent, ModelInfo } from '#serve/engine'
import type { Store } from '#store/open'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { type ResponseEvent, responseEventSchema } from '#wire/response-events'
import {
  inputTokensReplySchema,
  inputTokensRequestSchema,
  type ResponseBody,
  type ResponseRequestBody,
  responseRequestSchema,
  responseSchema,
} from '#wire/responses'
import { answerOf, inOurWords, promptOf } from '../responses/asked.ts'
import { openResponse } from '../responses/body.ts'
import { type History, historyOf, keepsNothing, messageOf } from '../responses/history.ts'
import { newName } from '../responses/ids.ts'
import type { Calls, Runs } from '../responses/runs.ts'
import { ResponseWriter } from '../responses/writer.ts'
import { promptTokens } from './prompt-tokens.ts'
import { refuseUnseen } from './requests.ts'
import { keptEvents, sendEvents } from './response-stream.ts'
import { findModel, leaving, type RouteOptions } from './routes.ts'

type Replied = ResponseBody | FastifyReply

/** One request on its way to a response. */
interface Job {
  request: FastifyRequest
  reply: FastifyReply
  body: ResponseRequestBody
  model: ModelInfo
  history: History
  /** Where the response is kept; null for one that is not. */
  store: Store | null
}

/** `POST /v1/responses` and `POST /v1/responses/input_tokens`. */
export function responseRoutes(app: FastifyInstance, options: RouteOptions & { runs: Runs | null }): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const schema = {
    summary: 'Answers, and keeps the answer; in OpenAI’s newer form',
    body: responseRequestSchema,
    response: {
      200: {
        description: 'The response; with stream, its events.',
        content: {
          'application/json': { schema: responseSchema },
          'text/event-stream': { schema: responseEventSchema },
        },
      },
      ...failures,
    },
  }
  typed.post('/v1/responses', { schema }, async (request, reply) => {
    const { body, begun } = request
    if (begun !== null) return repeat(options, request, reply, begun, body)
    const model = findModel(options.engineOf(request), body.model)
    const history = await historyOf(options.store, request.caller.owner, body)
    const job: Job = { request, reply, body, model, history, store: storeOf(options.store, body) }
    if (body.background === true) return inBackground(options, job)
    if (body.stream === true) return streamed(options, job)
    return whole(options, job)
  })
  const countSchema = {
    summary: 'Counts the tokens that a response’s prompt has',
    body: inputTokensRequestSchema,
    response: { 200: inputTokensReplySchema, ...failures },
  }
  typed.post('/v1/responses/input_tokens', { schema: countSchema }, async (request, reply) => {
    const { body } = request
    const engine = options.engineOf(request)
    const model = findModel(engine, body.model)
    const history = await historyOf(options.store, request.caller.owner, body)
    const asked = promptOf(body, [...history.before, ...history.input])
    inOurTerms(() => refuseUnseen(asked.messages, model))
    const input_tokens = await inOurDialect(promptTokens(engine, asked, leaving(reply)))
    return { object: 'response.input_tokens' as const, input_tokens }
  })
}

/** Where a response is to be kept, or null. @throws ApiError where it cannot be, but was asked to be */
function storeOf(store: Store | null, body: ResponseRequestBody): Store | null {
  if (body.store === false) return null
  if (store === null && body.store === true) throw keepsNothing('store')
  if (store === null && body.background === true) throw keepsNothing('background')
  return store
}

async function inOurDialect<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof ApiError ? inOurWords(error) : error
  }
}

function inOurTerms<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof ApiError ? inOurWords(error) : error
  }
}

function ask({ engineOf }: RouteOptions, job: Job, signal: AbortSignal): AsyncIterable<EngineEvent> {
  const { request, body, model, history } = job
  const asked = answerOf(body, [...history.before, ...history.input])
  return inOurTerms(() => {
    refuseUnseen(asked.messages, model)
    return engineOf(request).chat(asked, signal)
  })
}

function begin(job: Job): ResponseWriter {
  const { body, model, history, store } = job
  const how = { background: body.background === true, stored: store !== null }
  const opened = { id: newName('resp'), model: model.id, conversation: history.conversation, ...how }
  return new ResponseWriter(openResponse(body, opened))
}

/** The engine's first event, so that an error before it has a status of its own. */
async function started(events: AsyncIterable<EngineEvent>, reply: FastifyReply): Promise<AsyncIterable<EngineEvent>> {
  const iterator = events[Symbol.asyncIterator]()
  const first = await inOurDialect(iterator.next())
  if (first.done === true || first.value.type !== 'start') throw new ApiError('client_closed_request')
  const start = first.value
  if (start.droppedMessages > 0) reply.header('x-dotline-dropped-messages', start.droppedMessages)
  return (async function* () {
    try {
      yield start
      yield* { [Symbol.asyncIterator]: () => iterator }
    } finally {
      await iterator.return?.()
    }
  })()
}

/** What a conversation gets of a response. */
function conversationCalls(plan: Store['plan'], owner: string, { history }: Job, response: ResponseBody): Calls {
  if (history.conversation === null) return []
  const items = [...history.input, ...response.output].map(messageOf)
  return [plan.items.append(owner, history.conversation, items)]
}

function created(store: Store, owner: string, { body, history }: Job, response: ResponseBody) {
  const previous = body.previous_response_id ?? null
  const expires = Date.now() + limits.responseKeptMs
  const { id, status } = response
  return store.plan.responses.create(owner, { id, previous, status, input: history.input, body: response, expires })
}

/** A whole reply: kept once it is there, with what a conversation gets of it and the key that it came with. */
async function whole(options: RouteOptions, job: Job): Promise<ResponseBody> {
  const { request, reply, store } = job
  const writer = begin(job)
  const events = await started(ask(options, job, leaving(reply)), reply)
  await inOurDialect(
    (async () => {
      for await (const event of events) writer.see(event)
    })(),
  )
  if (!writer.ended) throw new ApiError('client_closed_request')
  const response = writer.body()
  const { owner } = request.caller
  const calls: Calls[number][] = store === null ? [] : [created(store, owner, job, response)]
  if (options.store !== null) calls.push(...conversationCalls(options.store.plan, owner, job, response))
  if (calls.length > 0 && options.store !== null) {
    const json = { kind: 'whole' as const, status: 200, type: 'application/json; charset=utf-8' }
    if (request.claim !== null) calls.push(request.claim.finish({ ...json, body: JSON.stringify(response) }))
    await options.store.together(calls)
  }
  return response
}

/** A stream for as long as its client reads: who leaves ends it. */
async function streamed(options: RouteOptions & { runs: Runs | null }, job: Job): Promise<FastifyReply> {
  const { request, reply, body, store } = job
  const obfuscate = body.stream_options?.include_obfuscation !== false
  const left = leaving(reply)
  const stop = new AbortController()
  left.addEventListener('abort', () => stop.abort(left.reason), { once: true })
  const writer = begin(job)
  const events = await started(ask(options, job, stop.signal), reply)
  const { owner } = request.caller
  if (store === null || options.runs === null) {
    const { plan } = options.store ?? {}
    const end = async (response: ResponseBody) => {
      const calls = plan === undefined ? [] : conversationCalls(plan, owner, job, response)
      if (calls.length > 0) await options.store?.together(calls)
    }
    return sendEvents(unkept(writer, events, end, options.log), { reply, obfuscate, options })
  }
  const id = await keepOpening(store, job, writer)
  const besides = (response: ResponseBody) => conversationCalls(store.plan, owner, job, response)
  const run = options.runs.start(id, { owner, writer, events, stop, kept: writer.said, besides })
  return sendEvents(keptEvents(store, owner, id, -1, left, run), { reply, obfuscate, options })
}

/** The events of a response that nobody keeps. */
async function* unkept(
  writer: ResponseWriter,
  events: AsyncIterable<EngineEvent>,
  end: (response: ResponseBody) => Promise<void>,
  log: (line: string) => void,
): AsyncGenerator<ResponseEvent> {
  yield* writer.opening()
  try {
    for await (const event of events) yield* writer.see(event)
    if (!writer.ended) throw new ApiError('client_closed_request')
    await end(writer.body())
  } catch (error) {
    const failure = error instanceof ApiError ? inOurWords(error) : new ApiError('internal_error')
    if (!(error instanceof ApiError)) log(`${writer.body().id} ${error instanceof Error ? error.stack : error}`)
    yield* writer.stop(failure, failure.code === 'client_closed_request')
  }
  yield writer.ending()
}

/** Keeps a response that has just begun, the first events of its stream, and the key that it came with. */
async function keepOpening(store: Store, job: Job, writer: ResponseWriter): Promise<string> {
  const { request } = job
  const { owner } = request.caller
  const response = writer.body()
  const { id } = response
  const lines = writer.opening().map((event) => JSON.stringify(event))
  // Only what goes on without its reader is begun once and for all; what ends with its reader may be asked for again.
  const claim = job.body.background === true ? request.claim : null
  await store.together([
    store.plan.streams.start(owner, { id }),
    store.plan.streams.append(owner, id, 0, lines),
    created(store, owner, job, response),
    ...(claim === null ? [] : [claim.finish({ kind: 'response', id })]),
  ])
  return id
}

/** Goes on whether its client stays or not. */
async function inBackground(options: RouteOptions & { runs: Runs | null }, job: Job): Promise<Replied> {
  const { request, reply, body } = job
  const [store, runs] = [job.store as Store, options.runs as Runs]
  const { owner } = request.caller
  const stop = new AbortController()
  // Made before anything is kept: what cannot be asked at all is refused with a status.
  const events = ask(options, job, stop.signal)
  const writer = begin(job)
  const queued = writer.body()
  const id = await keepOpening(store, job, writer)
  const besides = (response: ResponseBody) => conversationCalls(store.plan, owner, job, response)
  runs.start(id, { owner, writer, events, stop, kept: writer.said, besides })
  if (body.stream !== true) return queued
  const obfuscate = body.stream_options?.include_obfuscation !== false
  return sendEvents(keptEvents(store, owner, id, -1, leaving(reply)), { reply, obfuscate, options })
}

/** The same request again, whose response goes on or has ended in the background. */
async function repeat(
  options: RouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  body: ResponseRequestBody,
): Promise<Replied> {
  const store = options.store as Store
  const { owner } = request.caller
  const kept = await store.responses.get(owner, id)
  if (body.stream !== true) return kept.body as ResponseBody
  const obfuscate = body.stream_options?.include_obfuscation !== false
  return sendEvents(keptEvents(store, owner, id, -1, leaving(reply)), { reply, obfuscate, options })
}
