import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { EngineEnd, EngineEvent, EngineStart, EngineToken, ModelInfo } from '#serve/engine'
import { ApiError } from '#wire/errors'
import type { DotlineDetails, Usage } from '#wire/fields'
import { EventStream, type StreamTimes } from './event-stream.ts'
import { asApiError } from './failures.ts'
import type { ReplyFormat } from './format.ts'
import { obfuscation } from './obfuscation.ts'
import type { Traffic } from './traffic.ts'

export interface AnswerOptions {
  model: ModelInfo
  format: ReplyFormat
  /** Answers in all: prompts times `n`. */
  choices: number
  stream: boolean
  includeUsage: boolean
  /** More of a whole reply, such as what the client wants back. */
  extra?: object
  obfuscate: boolean
  /** Keeps the whole reply; its last words are sent after that. */
  keep?: (reply: object) => Promise<void>
  times?: StreamTimes
  traffic: Traffic
  log: (line: string) => void
}

/** Counts and times of one answer. */
class Tally {
  readonly #started = performance.now()
  readonly #start: EngineStart
  #firstMs: number | null = null
  #completionTokens = 0
  #prompt: { promptTokens: number; cachedTokens: number }
  #cost: EngineEnd['cost']

  constructor(start: EngineStart) {
    this.#start = start
    this.#prompt = { promptTokens: start.promptTokens, cachedTokens: start.cachedTokens ?? 0 }
  }

  see(event: EngineToken | EngineEnd): void {
    this.#firstMs ??= performance.now() - this.#started
    if (event.type !== 'end') return
    this.#completionTokens += event.completionTokens
    // The last end knows what a prompt cost where the start could not: a cache was used, or another server counted.
    this.#prompt = event.usage ?? this.#prompt
    this.#cost = event.cost
  }

  usage(): Usage {
    const { promptTokens, cachedTokens } = this.#prompt
    return {
      prompt_tokens: promptTokens,
      completion_tokens: this.#completionTokens,
      total_tokens: promptTokens + this.#completionTokens,
      prompt_tokens_details: { cached_tokens: cachedTokens },
      completion_tokens_details: { reasoning_tokens: 0 },
    }
  }

  opening(): DotlineDetails {
    return { dropped_messages: this.#start.droppedMessages }
  }

  /** Milliseconds count from when the engine took the request. */
  details(): DotlineDetails {
    const total = performance.now() - this.#started
    const round = (value: number) => Math.round(value * 10) / 10
    return {
      dropped_messages: this.#start.droppedMessages,
      first_token_ms: this.#firstMs === null ? null : round(this.#firstMs),
      total_ms: round(total),
      tokens_per_second: total > 0 ? round((1000 * this.#completionTokens) / total) : null,
      ...(this.#cost && { cost: this.#cost.amount, currency: this.#cost.currency }),
    }
  }
}

/** Sends the answer that `events` make, whole or as a stream. Errors before the stream's first byte are thrown. */
export async function answer(
  reply: FastifyReply,
  events: AsyncIterable<EngineEvent>,
  options: AnswerOptions,
): Promise<FastifyReply> {
  const iterator = events[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true || first.value.type !== 'start') throw new ApiError('client_closed_request')
  const start = first.value
  const rest = { [Symbol.asyncIterator]: () => iterator }
  options.format.begin(start)
  if (start.droppedMessages > 0) reply.header('x-dotline-dropped-messages', start.droppedMessages)
  return options.stream ? streamed(reply, start, rest, options) : whole(reply, start, rest, options)
}

function head(options: AnswerOptions, object: string) {
  return {
    id: options.format.idPrefix + randomBytes(15).toString('base64url'),
    object,
    created: Math.floor(Date.now() / 1000),
    model: options.model.id,
    system_fingerprint: options.model.fingerprint,
  }
}

/** A whole reply as it comes to be. */
class Whole {
  readonly #head: object
  readonly #tally: Tally
  readonly #options: AnswerOptions
  readonly #answers: { text: string; tokens: EngineToken[] }[]
  readonly #choices: object[] = []

  constructor(head: object, tally: Tally, options: AnswerOptions) {
    this.#head = head
    this.#tally = tally
    this.#options = options
    this.#answers = Array.from({ length: options.choices }, () => ({ text: '', tokens: [] }))
  }

  get complete(): boolean {
    return this.#choices.filter(Boolean).length === this.#options.choices
  }

  see(event: EngineToken | EngineEnd): void {
    const one = this.#answers[event.choice]
    one.text += event.text
    if (event.type === 'token') one.tokens.push(event)
    else
      this.#choices[event.choice] = this.#options.format.whole(event.choice, one.text, one.tokens, event.finishReason)
  }

  reply(): object {
    const { extra } = this.#options
    const [usage, dotline] = [this.#tally.usage(), this.#tally.details()]
    return { ...this.#head, choices: this.#choices, usage, ...extra, dotline }
  }
}

async function whole(
  reply: FastifyReply,
  start: EngineStart,
  events: AsyncIterable<EngineEvent>,
  options: AnswerOptions,
): Promise<FastifyReply> {
  const tally = new Tally(start)
  const answer = new Whole(head(options, options.format.wholeObject), tally, options)
  for await (const event of events) {
    if (event.type === 'start') continue
    tally.see(event)
    answer.see(event)
  }
  if (!answer.complete) throw new ApiError('client_closed_request')
  const body = answer.reply()
  await options.keep?.(body)
  return reply.send(body)
}

/** Writes the chunks of one stream; each carries the same head. */
class ChunkWriter {
  readonly #stream: EventStream
  readonly #options: AnswerOptions
  readonly #prefix: string
  /** What stands at the head of the same answer, were it whole. */
  readonly head: object

  constructor(stream: EventStream, options: AnswerOptions) {
    this.#stream = stream
    this.#options = options
    const mine = head(options, options.format.chunkObject)
    this.head = { ...mine, object: options.format.wholeObject }
    this.#prefix = JSON.stringify(mine).slice(0, -1)
  }

  choice(choice: object, more: { obfuscation?: string; dotline?: DotlineDetails } = {}): Promise<void> {
    const usage = this.#options.includeUsage ? { usage: null } : {}
    return this.#send({ choices: [choice], ...usage, ...more })
  }

  usage(usage: Usage, dotline: DotlineDetails): Promise<void> {
    return this.#send({ choices: [], usage, dotline })
  }

  #send(rest: object): Promise<void> {
    return this.#stream.send(`${this.#prefix},${JSON.stringify(rest).slice(1)}`)
  }
}

/** What hooks and helmet have set on the reply, or would at its sending, which a hijacked reply must send itself. */
export function definedHeaders(reply: FastifyReply): OutgoingHttpHeaders {
  const set = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(set), 'openai-processing-ms': String(Math.round(reply.elapsedTime)) }
}

async function streamed(
  reply: FastifyReply,
  start: EngineStart,
  events: AsyncIterable<EngineEvent>,
  options: AnswerOptions,
): Promise<FastifyReply> {
  reply.hijack()
  const stream = new EventStream(reply.raw, options.times)
  stream.open(definedHeaders(reply))
  try {
    await writeChunks(new ChunkWriter(stream, options), start, events, options)
    await stream.sendLast('[DONE]')
  } catch (error) {
    const failure = asApiError(error, reply.request.id, options.log)
    options.traffic.failed(reply, failure.code)
    await sendFailure(reply, stream, failure)
  } finally {
    stream.end()
  }
  return reply
}

async function writeChunks(
  chunks: ChunkWriter,
  start: EngineStart,
  events: AsyncIterable<EngineEvent>,
  options: AnswerOptions,
): Promise<void> {
  const { format, choices, obfuscate, includeUsage, keep } = options
  const tally = new Tally(start)
  const kept = keep === undefined ? null : new Whole(chunks.head, tally, options)
  for (let index = 0; index < choices; index++) {
    const opening = format.opening(index)
    if (opening !== null) await chunks.choice(opening, index === 0 ? { dotline: tally.opening() } : {})
  }
  const delta = (index: number, text: string, event: EngineToken | null) =>
    chunks.choice(
      format.delta(index, text, event),
      obfuscate ? { obfuscation: obfuscation(event?.call?.arguments ?? text) } : {},
    )
  let open = choices
  for await (const event of events) {
    if (event.type === 'start') continue
    tally.see(event)
    kept?.see(event)
    if (event.type === 'token') {
      if (event.text !== '' || event.logprob !== null || event.call !== undefined)
        await delta(event.choice, event.text, event)
      continue
    }
    if (event.text !== '') await delta(event.choice, event.text, null)
    open--
    if (open === 0 && kept !== null) await keep?.(kept.reply())
    const last = open === 0 ? { dotline: tally.details() } : {}
    await chunks.choice(format.closing(event.choice, event.finishReason), last)
  }
  if (open > 0) throw new ApiError('client_closed_request')
  if (includeUsage) await chunks.usage(tally.usage(), tally.details())
}

/** An error in mid-stream, for whoever still reads. */
export async function sendFailure(reply: FastifyReply, stream: EventStream, error: ApiError): Promise<void> {
  if (reply.raw.destroyed) return
  if (error.code === 'slow_consumer') {
    reply.raw.destroy()
    return
  }
  try {
    await stream.send(JSON.stringify(error.body()))
  } catch {
    // The reader left while the error was on its way: there is nobody to tell.
  }
}
