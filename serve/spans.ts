import type { FastifyRequest } from 'fastify'
import type { ChatRequest, CompletionRequest, EmbedRequest, Engine, EngineEvent } from '#serve/engine'
import type { RequestLine } from './http/traffic.ts'
import { SpanExporter, toCollector, toFile } from './spans/exporter.ts'
import { AnswerNotes, type Asked, errorType, inputContent, requestAttributes } from './spans/generation.ts'
import type { Attributes, Span } from './spans/otlp.ts'
import { contextOf, type TraceContext, within } from './spans/trace-context.ts'
import { Secret } from './upstream/settings.ts'

/**
 * OpenTelemetry spans: one for each request, one for what an engine was asked in it. Our own exporter, 200 lines: the
 * packages of OpenTelemetry bring an HTTP client of their own, which would pass by the egress door, several megabytes, and
 * hooks into modules that this server does not need.
 */
export interface SpanSettings {
  /** A collector's address up to `/v1/traces`, or a file. */
  to: { endpoint: string; private: boolean; key: string | null } | { file: string }
  service: string
  /** Prompts and answers too. */
  content: boolean
}

interface Open {
  context: TraceContext
  start: number
}

const now = () => performance.timeOrigin + performance.now()
const told = /^\/(v1\/|infill$)/

/** Follows requests and answers, and exports their spans. */
export class Spans {
  readonly #exporter: SpanExporter
  readonly #content: boolean
  readonly #end: () => void
  readonly #open = new Map<string, Open>()

  constructor({ to, service, content }: SpanSettings, log: (line: string) => void) {
    const collector =
      'file' in to ? null : toCollector(to.endpoint, to.key === null ? null : new Secret(to.key), to.private)
    this.#exporter = new SpanExporter(collector ?? toFile('file' in to ? to.file : ''), service, log)
    this.#content = content
    this.#end = () => collector?.close()
  }

  began({ id, headers }: FastifyRequest): void {
    const { traceparent } = headers
    const context = contextOf(typeof traceparent === 'string' ? traceparent : undefined)
    this.#open.set(id, { context, start: now() })
  }

  ended({ id, method, route, status, code }: RequestLine): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    if (open === undefined || !told.test(route)) return
    const attributes: Attributes = {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'dotline.request.id': id,
      'error.type': code ?? undefined,
    }
    this.#add(open, `${method} ${route}`, 'server', attributes, status >= 500)
  }

  /** The engine as one request asks it: what it is asked becomes a span within the request's. */
  engineOf(engine: Engine, request: FastifyRequest): Engine {
    const parent = this.#open.get(request.id)
    if (parent === undefined || parent.context.unwanted) return engine
    const body = (request.body ?? {}) as { stream?: unknown; seed?: unknown }
    const asked: Asked = { stream: body.stream === true, seeded: typeof body.seed === 'number' }
    const follow = this.#follow.bind(this, engine, parent.context, asked)
    return {
      models: () => engine.models(),
      status: () => engine.status(),
      chat: (wanted, signal) => follow('chat', wanted, wanted.choices, engine.chat(wanted, signal)),
      complete: (wanted, signal) => {
        const choices = wanted.choices * wanted.prompts.length
        return follow('text_completion', wanted, choices, engine.complete(wanted, signal))
      },
      embed: (wanted, signal) => this.#embed(engine, parent.context, wanted, signal),
      tokenize: (wanted, signal) => engine.tokenize(wanted, signal),
      stats: () => engine.stats(),
      batches: () => engine.batches?.() ?? null,
      ready: () => engine.ready(),
      close: () => engine.close(),
    }
  }

  /** Hands over what is left. */
  async close(): Promise<void> {
    await this.#exporter.close()
    this.#end()
  }

  #add(open: Open, name: string, kind: Span['kind'], attributes: Attributes, failed: boolean): void {
    const { unwanted, ...context } = open.context
    if (!unwanted) this.#exporter.add({ ...context, name, kind, start: open.start, end: now(), attributes, failed })
  }

  #follow(
    engine: Engine,
    parent: TraceContext,
    asked: Asked,
    operation: 'chat' | 'text_completion',
    request: ChatRequest | CompletionRequest,
    choices: number,
    events: AsyncIterable<EngineEvent>,
  ): AsyncIterable<EngineEvent> {
    const open: Open = { context: within(parent), start: now() }
    const notes = new AnswerNotes(choices, this.#content)
    const model = engine.models().find(({ id }) => id === request.model)
    let over = false
    const end = (error: string | null) => {
      if (over) return
      over = true
      const attributes = {
        ...requestAttributes(operation, request, asked),
        ...notes.attributes(asked.stream, model),
        ...(this.#content ? inputContent(request) : {}),
        'error.type': error ?? (notes.complete ? undefined : 'client_closed_request'),
      }
      const kind = model?.ownedBy === 'upstream' ? 'client' : 'internal'
      this.#add(open, `${operation} ${request.model}`, kind, attributes, error !== null)
    }
    return {
      [Symbol.asyncIterator]() {
        const inner = events[Symbol.asyncIterator]()
        return {
          next: async () => {
            try {
              const result = await inner.next()
              if (result.done === true) end(null)
              else notes.see(result.value)
              return result
            } catch (error) {
              const type = errorType(error)
              end(type)
              throw error
            }
          },
          return: async () => {
            end(null)
            return (await inner.return?.()) ?? { done: true, value: undefined }
          },
        }
      },
    }
  }

  async #embed(engine: Engine, parent: TraceContext, request: EmbedRequest, signal: AbortSignal) {
    const open: Open = { context: within(parent), start: now() }
    const common: Attributes = {
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.provider.name': 'dotline',
      'gen_ai.request.model': request.model,
      'gen_ai.embeddings.dimension.count': request.dimensions ?? undefined,
    }
    const end = (more: Attributes, failed: boolean) =>
      this.#add(open, `embeddings ${request.model}`, 'internal', { ...common, ...more }, failed)
    try {
      const made = await engine.embed(request, signal)
      end({ 'gen_ai.usage.input_tokens': made.promptTokens }, false)
      return made
    } catch (error) {
      end({ 'error.type': errorType(error) }, true)
      throw error
    }
  }
}
