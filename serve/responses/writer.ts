import type { EngineEnd, EngineStart, EngineToken } from '#serve/engine'
import type { ApiError } from '#wire/errors'
import type { ResponseEvent } from '#wire/response-events'
import type { ResponseBody, responseErrorCodes } from '#wire/responses'
import { OpenItems, type Said } from './open-items.ts'

type ErrorCode = (typeof responseErrorCodes)[number]

/**
 * Follows an engine's events, keeps the response that they make, and says it in the events of this dialect. The last
 * event, which says how the response ended, is taken by itself: whoever keeps it does so before it is sent.
 */
export class ResponseWriter {
  readonly #began = performance.now()
  readonly #response: ResponseBody
  readonly #items = new OpenItems()
  #sequence = 0
  #firstMs: number | null = null
  #cost: EngineEnd['cost']
  #start: EngineStart | null = null

  constructor(opened: ResponseBody) {
    this.#response = opened
  }

  get ended(): boolean {
    const { status } = this.#response
    return status !== 'queued' && status !== 'in_progress'
  }

  /** How many events were said. */
  get said(): number {
    return this.#sequence
  }

  /** The response as it stands. */
  body(): ResponseBody {
    return structuredClone({ ...this.#response, output: this.#items.all })
  }

  /** Said first. */
  opening(): ResponseEvent[] {
    const created = this.#told('response.created')
    return this.#response.status === 'queued' ? [created, this.#told('response.queued')] : [created]
  }

  see(event: EngineStart | EngineToken | EngineEnd): ResponseEvent[] {
    if (event.type === 'start') return this.#begin(event)
    this.#firstMs ??= performance.now() - this.#began
    if (event.type === 'token') return this.#numbered(this.#items.token(event))
    const rest = event.text === '' ? [] : this.#items.text(event.text, [])
    const cut = event.finishReason === 'length' || event.finishReason === 'content_filter'
    const closed = this.#items.close(cut ? 'incomplete' : 'completed')
    this.#end(event)
    return this.#numbered([...rest, ...closed])
  }

  /** The response ends here because of an error, or because somebody wanted it to. What was said stays. */
  stop(error: ApiError, cancelled: boolean): ResponseEvent[] {
    const closed = this.#items.close('incomplete')
    const response = this.#response
    response.status = cancelled ? 'cancelled' : 'failed'
    if (!cancelled) response.error = shownError(error)
    this.#detail()
    return this.#numbered(closed)
  }

  /** Said last. */
  ending(): ResponseEvent {
    const { status } = this.#response
    if (status === 'completed' || status === 'failed') return this.#told(`response.${status}`)
    return this.#told('response.incomplete')
  }

  #begin(start: EngineStart): ResponseEvent[] {
    this.#start = start
    this.#response.status = 'in_progress'
    this.#response.dotline = { dropped_messages: start.droppedMessages }
    return [this.#told('response.in_progress')]
  }

  #end({ finishReason, completionTokens, usage, cost }: EngineEnd): void {
    this.#cost = cost
    const response = this.#response
    const reason = finishReason === 'length' ? 'max_output_tokens' : finishReason
    const cut = reason === 'max_output_tokens' || reason === 'content_filter'
    response.status = cut ? 'incomplete' : 'completed'
    response.incomplete_details = cut ? { reason } : null
    response.completed_at = cut ? null : Math.floor(Date.now() / 1000)
    const input = usage?.promptTokens ?? this.#start?.promptTokens ?? 0
    const cached = usage?.cachedTokens ?? this.#start?.cachedTokens ?? 0
    response.usage = {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: Math.min(this.#items.thoughts, completionTokens) },
      total_tokens: input + completionTokens,
    }
    this.#detail()
  }

  #detail(): void {
    const total = performance.now() - this.#began
    const round = (value: number) => Math.round(value * 10) / 10
    const tokens = this.#response.usage?.output_tokens ?? null
    this.#response.dotline = {
      dropped_messages: this.#start?.droppedMessages ?? 0,
      first_token_ms: this.#firstMs === null ? null : round(this.#firstMs),
      total_ms: round(total),
      tokens_per_second: tokens === null || total <= 0 ? null : round((1000 * tokens) / total),
      ...(this.#cost && { cost: this.#cost.amount, currency: this.#cost.currency }),
    }
  }

  #told(type: Extract<ResponseEvent, { response: unknown }>['type']): ResponseEvent {
    return { type, sequence_number: this.#sequence++, response: this.body() } as ResponseEvent
  }

  #numbered(said: readonly Said[]): ResponseEvent[] {
    return said.map((each) => ({ ...each, sequence_number: this.#sequence++ }) as ResponseEvent)
  }
}

/** The catalogue's error under the codes that this dialect's clients know. */
export function shownError(error: ApiError): NonNullable<ResponseBody['error']> {
  const { message, type, param } = error.body().error
  const code: ErrorCode =
    type === 'rate_limit_error' ? 'rate_limit_exceeded' : error.status < 500 ? 'invalid_prompt' : 'server_error'
  return { code, message, param, type }
}
