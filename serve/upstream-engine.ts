import { createHash } from 'node:crypto'
import { countTurns, withoutOldest } from '#model/chat'
import { Egress, type EgressReply } from '#serve/egress'
import type {
  ChatRequest,
  CompletionRequest,
  Embeddings,
  EmbedRequest,
  Engine,
  EngineEvent,
  EngineStats,
  EngineStatus,
  ModelInfo,
  TokenizeRequest,
} from '#serve/engine'
import { type AnswerCount, EngineCounts } from '#serve/engine-counts'
import { ApiError } from '#wire/errors'
import { AnswerReader, GarbledReplyError, UpstreamSaidError } from './upstream/answer-reader.ts'
import { EventParser } from './upstream/event-parser.ts'
import { CutReplyError, judgeFailure, late } from './upstream/failures.ts'
import { HealthChecks } from './upstream/health.ts'
import { drain, readJson, readVectors, refusalIn, tokenIds } from './upstream/json-replies.ts'
import { type Replica, Replicas } from './upstream/replicas.ts'
import { chatBody, completionBody } from './upstream/requests.ts'
import type { Secret, UpstreamSettings } from './upstream/settings.ts'

export interface UpstreamEngineOptions {
  /** The name that clients use. */
  id: string
  settings: UpstreamSettings
  key?: Secret | null
  /** The door to the outside; one of its own by default. */
  egress?: Egress
  /** Receives a line for each failure. Never holds the key or what users wrote. */
  log?: (line: string) => void
}

const attempts = 3
const checkMs = 3000

interface Answer {
  path: string
  /** What is sent, without so many of the oldest turns. */
  body: (fewer: number) => object
  /** Messages that are left out with so many turns. */
  dropped: (fewer: number) => number
  /** Turns that may be left out where the server says that there are too many. */
  spare: number
  choices: number
  echo: readonly string[]
  maxTokens: number | null
}

/** A model that other servers compute, in OpenAI's format: vLLM, SGLang, llama.cpp's server, a cloud. */
export class UpstreamEngine implements Engine {
  readonly #id: string
  readonly #settings: UpstreamSettings
  readonly #key: Secret | null
  readonly #egress: Egress
  readonly #log: (line: string) => void
  readonly #replicas: Replicas
  readonly #counts = new EngineCounts()
  /** Of its settings; every request asks for it. */
  readonly #fingerprint: string
  readonly #closing = new AbortController()
  readonly #created = Math.floor(Date.now() / 1000)
  readonly #checked: Promise<void>
  #settled = false

  constructor({ id, settings, key = null, egress, log = () => {} }: UpstreamEngineOptions) {
    this.#id = id
    this.#settings = settings
    this.#key = key
    this.#fingerprint = `fp_${createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 10)}`
    this.#egress = egress ?? new Egress({ private: settings.private, connectMs: settings.connectMs })
    this.#log = (line) => log(`upstream ${id}: ${this.#scrub(line)}`)
    this.#replicas = new Replicas(
      settings.urls.map((url) => url.replace(/\/+$/, '')),
      settings,
    )
    const { signal } = this.#closing
    const checks = new HealthChecks(this.#replicas, (url) => this.#statusOf(url), this.#log, signal)
    this.#checked = checks.round().then(() => {
      this.#settled = true
    })
    void checks.every(settings.healthMs)
  }

  models(): ModelInfo[] {
    const { contextLength, capabilities } = this.#settings
    const { state } = this.status()
    const fixed = { id: this.#id, created: this.#created, ownedBy: 'upstream', fingerprint: this.#fingerprint }
    return [{ ...fixed, contextLength, state, capabilities }]
  }

  status(): EngineStatus {
    const some = this.#replicas.available > 0
    const state = some && this.#settled ? 'ready' : this.#settled ? 'failed' : 'loading'
    const problem = state === 'failed' ? 'none of its servers answers' : null
    return { state, problem, active: this.#replicas.outstanding, waiting: 0 }
  }

  stats(): EngineStats {
    return this.#counts.stats()
  }

  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const { choices, maxTokens, messages, truncation } = request
    const kept = (fewer: number) => (fewer === 0 ? messages : withoutOldest(messages, fewer))
    const body = (fewer: number) => chatBody({ ...request, messages: kept(fewer) }, this.#settings)
    const dropped = (fewer: number) => messages.length - kept(fewer).length
    const spare = truncation === 'disabled' ? 0 : countTurns(messages) - 1
    return this.#answer({ path: '/chat/completions', body, dropped, spare, choices, echo: [], maxTokens }, signal)
  }

  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const { prompts, maxTokens } = request
    const body = () => completionBody(request, this.#settings)
    const echo = request.echo ? prompts.map(String) : []
    const choices = request.choices * prompts.length
    return this.#answer({ path: '/completions', body, dropped: () => 0, spare: 0, choices, echo, maxTokens }, signal)
  }

  async embed({ inputs, dimensions }: EmbedRequest, signal: AbortSignal): Promise<Embeddings> {
    this.#expectCapability('embeddings', 'it makes no embeddings')
    const { model } = this.#settings
    const body = { model, input: inputs, encoding_format: 'float', ...(dimensions !== null && { dimensions }) }
    return this.#ask('/embeddings', body, (value) => readVectors(value, inputs.length), signal)
  }

  async tokenize({ texts }: TokenizeRequest, signal: AbortSignal): Promise<number[][]> {
    this.#expectCapability('tokenize', 'its server shows no tokens')
    const { model } = this.#settings
    // vLLM and SGLang read `prompt`, llama.cpp `content`.
    const ask = (text: string) => this.#ask('/tokenize', { model, prompt: text, content: text }, tokenIds, signal)
    return Promise.all(texts.map(ask))
  }

  ready(): Promise<void> {
    return this.#checked
  }

  async close(): Promise<void> {
    this.#closing.abort(new ApiError('shutting_down', '', null, 1))
    this.#egress.close()
  }

  async *#answer(answer: Answer, reader: AbortSignal): AsyncGenerator<EngineEvent> {
    this.#closing.signal.throwIfAborted()
    const body = JSON.stringify(answer.body(0))
    const count = this.#counts.begin()
    let open = true
    try {
      for await (const event of this.#fitted(answer, body, reader)) {
        count.see(event)
        yield event
      }
      open = false
    } catch (error) {
      open = false
      this.#blame(count, reader)
      throw error
    } finally {
      if (open) count.left()
    }
  }

  /** Where the server says that a conversation is too long, more and more of its oldest turns are left out. */
  async *#fitted(answer: Answer, whole: string, reader: AbortSignal): AsyncGenerator<EngineEvent> {
    let body = whole
    for (let fewer = 0; ; ) {
      const sent = body
      const attempt = (replica: Replica, signal: AbortSignal) => this.#read(replica, answer, sent, signal)
      const droppedMessages = answer.dropped(fewer)
      try {
        for await (const event of this.#attempts(attempt, reader))
          yield event.type === 'start' ? { ...event, droppedMessages } : event
        return
      } catch (error) {
        // Said of a request alone, so nothing of its answer is out.
        const tooLong = error instanceof ApiError && error.code === 'context_length_exceeded'
        if (!tooLong || fewer >= answer.spare) throw error
        fewer = Math.min(answer.spare, 2 * fewer + 1)
        body = JSON.stringify(answer.body(fewer))
      }
    }
  }

  #blame(count: AnswerCount, reader: AbortSignal): void {
    if (reader.aborted) count.left()
    else count.broke()
  }

  /** One attempt after another until one has said something: from then on a failure is the answer's. */
  async *#attempts<T>(
    attempt: (replica: Replica, signal: AbortSignal) => AsyncIterable<T>,
    reader: AbortSignal,
  ): AsyncGenerator<T> {
    const patience = AbortSignal.timeout(this.#settings.totalMs)
    const signal = AbortSignal.any([reader, this.#closing.signal, patience])
    const tried = new Set<Replica>()
    let last: ApiError | null = null
    for (let round = 0; round < attempts; round++) {
      const replica = this.#replicas.take(tried)
      if (replica === null) break
      let begun = false
      let well: boolean | null = null
      try {
        for await (const one of attempt(replica, signal)) {
          begun = true
          yield one
        }
        well = true
        return
      } catch (failure) {
        this.#closing.signal.throwIfAborted()
        if (reader.aborted) throw new ApiError('client_closed_request')
        if (patience.aborted) throw late(this.#id)
        this.#log(`${new URL(replica.url).host}: ${failure instanceof Error ? failure.message : String(failure)}`)
        const judged = judgeFailure(failure, this.#id, (text) => this.#scrub(text))
        well = judged.well
        if (begun || !judged.retry) throw judged.error
        last = judged.error
        if (judged.again !== true) tried.add(replica)
      } finally {
        this.#replicas.release(replica, well)
      }
    }
    throw last ?? this.#nobody()
  }

  #nobody(): ApiError {
    const seconds = this.#replicas.retryAfterSeconds
    if (this.#replicas.available > 0)
      return new ApiError('overloaded', `The model '${this.#id}' is busy. Try again in ${seconds} s.`, null, seconds)
    const text = `The model '${this.#id}' cannot be reached at the moment. Try again in ${seconds} s.`
    return new ApiError('model_unavailable', text, null, seconds)
  }

  /** The events of one server's streamed reply. */
  async *#read(replica: Replica, answer: Answer, body: string, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const reply = await this.#send(addressOf(replica, answer.path), body, signal)
    const reader = new AnswerReader(answer.choices, answer.echo, answer.maxTokens)
    const parser = new EventParser()
    reply.body.setTimeout(this.#settings.idleMs, () => reply.body.destroy(new CutReplyError('silent for too long')))
    let over = false
    try {
      for await (const bytes of reply.body.iterator({ destroyOnReturn: false })) {
        for (const { event, data } of parser.push(bytes)) {
          if (data === '[DONE]') over = true
          else if (event === 'error') throw new UpstreamSaidError('an error event')
          else if (!over) yield* reader.read(data)
        }
        if (over) break
      }
    } catch (error) {
      // How a connection ends after the last word of an answer is the server's own affair; what it says is not.
      const spoke = error instanceof GarbledReplyError || error instanceof UpstreamSaidError
      if (spoke || !reader.complete || signal.aborted) throw error
    } finally {
      if (over) drain(reply)
      else reply.body.destroy()
    }
    if (!reader.complete) throw new CutReplyError('its reply ended before the answer')
    yield* reader.finish()
  }

  async #ask<T>(path: string, body: object, read: (value: unknown) => T, signal: AbortSignal): Promise<T> {
    this.#closing.signal.throwIfAborted()
    const text = JSON.stringify(body)
    const send = (replica: Replica, both: AbortSignal) => this.#send(addressOf(replica, path), text, both)
    const attempt = async function* (replica: Replica, both: AbortSignal) {
      yield read(await readJson(await send(replica, both)))
    }
    for await (const value of this.#attempts(attempt, signal)) return value
    throw this.#nobody()
  }

  /** Sends a request and returns its reply where that is a success. @throws StatusError, EgressError */
  async #send(url: string, body: string, signal: AbortSignal): Promise<EgressReply> {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream, application/json' }
    const { firstByteMs: headMs } = this.#settings
    const reply = await this.#egress.request(url, {
      method: 'POST',
      headers,
      bearer: this.#bearer,
      body,
      headMs,
      signal,
    })
    if (reply.status === 200) return reply
    throw await refusalIn(reply)
  }

  async #statusOf(url: string): Promise<number> {
    const asked = { method: 'GET', bearer: this.#bearer, headMs: checkMs, signal: this.#closing.signal } as const
    const reply = await this.#egress.request(url, asked)
    drain(reply)
    return reply.status
  }

  get #bearer(): string | undefined {
    return this.#key?.reveal()
  }

  #expectCapability(capability: 'embeddings' | 'tokenize', why: string): void {
    if (this.#settings.capabilities.includes(capability)) return
    throw new ApiError('unsupported_value', `The model '${this.#id}' cannot do that: ${why}.`, 'model')
  }

  /** Another server's words, without the key, without control characters and no longer than a sentence or two. */
  #scrub(text: string): string {
    const key = this.#bearer
    const hidden = key === undefined || key === '' ? text : text.replaceAll(key, '[hidden]')
    const plain = hidden.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').replace(/\b(sk|key|Bearer)[-_ ][\w*.-]{4,}/g, '[hidden]')
    return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain
  }
}

/** `/tokenize` stands beside `/v1`, not under it. */
const addressOf = ({ url }: Replica, path: string) => (path === '/tokenize' ? url.replace(/\/v1$/, '') : url) + path
