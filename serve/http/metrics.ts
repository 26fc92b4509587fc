import type { FastifyInstance } from 'fastify'
import { batchBounds, type Engine } from '#serve/engine'
import type { ErrorCode } from '#wire/errors'
import { Counter, expositionType, Histogram, histogramText, single } from './exposition.ts'
import type { AnswerTimes } from './watched-engine.ts'

const waits = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const speeds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]

/** How one request ended. */
export interface RequestEnd {
  method: string
  /** The route's pattern, never the address that was sent. */
  route: string
  status: number
  seconds: number
}

/**
 * What `/metrics` tells. Labels are methods, the patterns of routes, statuses and codes of the catalogue: nothing that
 * a client chose, so that no text, name or id can stand there and their number is bounded.
 */
export class Metrics implements AnswerTimes {
  readonly #started = performance.now()
  readonly #requests = new Counter('dotline_http_requests_total', 'Requests whose replies have ended.')
  readonly #durations = new Histogram(
    'dotline_http_request_duration_seconds',
    'From the arrival of a request to the end of its reply.',
    waits,
  )
  readonly #errors = new Counter('dotline_errors_total', 'Errors by their code, those in mid-stream included.')
  readonly #firstTokens = new Histogram(
    'dotline_time_to_first_token_seconds',
    'From the question to the first token of its answer.',
    waits,
  )
  readonly #speeds = new Histogram(
    'dotline_answer_tokens_per_second',
    'Tokens each second of one answer, between its first token and its end.',
    speeds,
  )

  ended({ method, route, status, seconds }: RequestEnd): void {
    this.#requests.add({ method, route, status: String(status) })
    this.#durations.add(seconds)
  }

  failed(code: ErrorCode): void {
    this.#errors.add({ code })
  }

  firstToken(seconds: number): void {
    this.#firstTokens.add(seconds)
  }

  speed(tokensPerSecond: number): void {
    this.#speeds.add(tokensPerSecond)
  }

  text(engine: Engine, inFlight: number): string {
    return [
      this.#requests.text(),
      this.#durations.text(),
      single('dotline_http_requests_in_flight', 'gauge', 'Requests whose replies are not complete.', inFlight),
      this.#errors.text(),
      this.#firstTokens.text(),
      this.#speeds.text(),
      ...engineTexts(engine),
      ...processTexts((performance.now() - this.#started) / 1000),
    ].join('')
  }
}

function engineTexts(engine: Engine): string[] {
  const { state, active, waiting } = engine.status()
  const stats = engine.stats()
  const batches = engine.batches?.() ?? null
  const count = (name: string, help: string, value: number) => single(`dotline_${name}_total`, 'counter', help, value)
  const gauge = (name: string, help: string, value: number) => single(`dotline_${name}`, 'gauge', help, value)
  return [
    gauge('model_ready', '1 once the model answers.', state === 'ready' ? 1 : 0),
    gauge('answers_active', 'Answers that are being written.', active),
    gauge('answers_waiting', 'Answers that wait for a slot.', waiting),
    count('answer_requests', 'Requests for answers that the engine took.', stats.requests),
    count('answer_requests_cancelled', 'Of these, those whose readers left.', stats.cancelled),
    count('answer_requests_failed', 'Of these, those that ended with an error.', stats.failed),
    count('prompt_tokens', 'Tokens of prompts.', stats.promptTokens),
    count('cached_tokens', 'Tokens of prompts that were not computed again.', stats.cachedTokens),
    count('completion_tokens', 'Tokens of answers.', stats.completionTokens),
    count('computed_tokens', 'Tokens of answers that were computed, read or not.', stats.computedTokens),
    gauge('cache_bytes', 'Bytes of keys and values that are kept for prompts to come.', stats.cacheBytes),
    batches === null
      ? ''
      : histogramText('dotline_batch_size', 'Answers that one step of the model went on with.', batchBounds, batches),
  ]
}

function processTexts(uptime: number): string[] {
  const { user, system } = process.cpuUsage()
  const started = Date.now() / 1000 - process.uptime()
  return [
    single('dotline_uptime_seconds', 'gauge', 'Since the server was opened.', uptime),
    single('process_start_time_seconds', 'gauge', 'Start of the process, since 1970.', started),
    single('process_cpu_seconds_total', 'counter', 'Processor time of all threads.', (user + system) / 1e6),
    single('process_resident_memory_bytes', 'gauge', 'Memory that the process holds.', process.memoryUsage.rss()),
  ]
}

/** `GET /metrics`, for Prometheus. */
export function metricsRoute(app: FastifyInstance, metrics: Metrics, engine: Engine): void {
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(expositionType).header('cache-control', 'no-store').send(metrics.text(engine, app.inFlight())),
  )
}
