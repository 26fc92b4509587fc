import type {
  ChatRequest,
  CompletionRequest,
  ContentPart,
  EngineEvent,
  GenerationRequest,
  ModelInfo,
} from '#serve/engine'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import type { Attributes } from './otlp.ts'

/** What a request's own body says and an engine is not told. */
export interface Asked {
  stream: boolean
  /** The request names its seed, so that it is not one of ours. */
  seeded: boolean
}

/** Everything about a request but what it says, by OpenTelemetry's conventions for generative AI (1.41). */
export function requestAttributes(
  operation: 'chat' | 'text_completion',
  request: GenerationRequest & Partial<Pick<ChatRequest, 'format'>>,
  { stream, seeded }: Asked,
): Attributes {
  const { sampling, choices, stop } = request
  const known = <T>(value: T | null): T | undefined => value ?? undefined
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'dotline',
    'gen_ai.request.model': request.model,
    'gen_ai.request.stream': stream ? true : undefined,
    'gen_ai.request.choice.count': choices === 1 ? undefined : choices,
    'gen_ai.request.seed': seeded ? sampling.seed : undefined,
    'gen_ai.request.max_tokens': known(request.maxTokens),
    'gen_ai.request.temperature': known(sampling.temperature),
    'gen_ai.request.top_p': known(sampling.topP),
    'gen_ai.request.top_k': known(sampling.topK),
    'gen_ai.request.frequency_penalty': known(sampling.frequencyPenalty),
    'gen_ai.request.presence_penalty': known(sampling.presencePenalty),
    // Stop strings are words of whoever asks: with the content alone.
    'gen_ai.output.type': request.format === undefined ? 'text' : 'json',
    'dotline.request.stop_count': stop.length === 0 ? undefined : stop.length,
  }
}

const cut = (value: unknown): string => JSON.stringify(value).slice(0, limits.spans.contentCharacters)

const partOf = (part: ContentPart) =>
  part.type === 'text' ? { type: 'text', content: part.text } : { type: 'uri', modality: 'image' }

/** What was asked, in the conventions' form; asked for explicitly, or never written. */
export function inputContent(request: ChatRequest | CompletionRequest): Attributes {
  const stop = { 'gen_ai.request.stop_sequences': request.stop.length === 0 ? undefined : request.stop }
  if (!('messages' in request)) {
    const said = request.prompts.map((prompt) => ({
      role: 'user',
      parts: [{ type: 'text', content: typeof prompt === 'string' ? prompt : `${prompt.length} token ids` }],
    }))
    return { 'gen_ai.input.messages': cut(said), ...stop }
  }
  const messages = request.messages.map(({ role, name, content, parts, calls = [], callId }) => ({
    role,
    ...(name === undefined ? {} : { name }),
    parts: [
      ...(callId === undefined
        ? (parts?.map(partOf) ?? (content === '' ? [] : [{ type: 'text', content }]))
        : [{ type: 'tool_call_response', id: callId, result: content }]),
      ...calls.map((call) => ({ type: 'tool_call', id: call.id, name: call.name, arguments: call.arguments })),
    ],
  }))
  return { 'gen_ai.input.messages': cut(messages), ...stop }
}

interface Choice {
  text: string
  calls: Map<number, { id: string; name: string; arguments: string }>
  reason: string | null
}

/** What is noted of an answer as its events pass by. */
export class AnswerNotes {
  readonly #asked = performance.now()
  readonly #content: boolean
  readonly #choices: Choice[] = []
  #firstMs: number | null = null
  #prompt = { promptTokens: 0, cachedTokens: 0 }
  #completionTokens = 0
  #open: number

  constructor(choices: number, content: boolean) {
    this.#open = choices
    this.#content = content
  }

  /** Every answer has come to its end. */
  get complete(): boolean {
    return this.#open <= 0
  }

  see(event: EngineEvent): void {
    if (event.type === 'start') {
      this.#prompt = { promptTokens: event.promptTokens, cachedTokens: event.cachedTokens ?? 0 }
      return
    }
    this.#firstMs ??= performance.now() - this.#asked
    this.#choices[event.choice] ??= { text: '', calls: new Map(), reason: null }
    const choice = this.#choices[event.choice]
    if (this.#content) choice.text += event.text
    if (event.type === 'token') {
      if (this.#content && event.call !== undefined) this.#noteCall(choice, event.call)
      return
    }
    choice.reason = event.finishReason
    this.#completionTokens += event.completionTokens
    this.#prompt = event.usage ?? this.#prompt
    this.#open--
  }

  attributes(stream: boolean, model: ModelInfo | undefined): Attributes {
    const reasons = this.#choices.flatMap((choice) => choice?.reason ?? [])
    return {
      'gen_ai.response.model': model?.id,
      'gen_ai.response.finish_reasons': reasons.length === 0 ? undefined : reasons,
      'gen_ai.response.time_to_first_chunk': stream && this.#firstMs !== null ? this.#firstMs / 1000 : undefined,
      'gen_ai.usage.input_tokens': this.#prompt.promptTokens,
      'gen_ai.usage.cache_read.input_tokens': this.#prompt.cachedTokens,
      'gen_ai.usage.output_tokens': this.#completionTokens,
      ...(this.#content ? { 'gen_ai.output.messages': cut(this.#said()) } : {}),
    }
  }

  #noteCall({ calls }: Choice, piece: { number: number; id: string; name: string; arguments: string }): void {
    const { id, name } = piece
    calls.set(piece.number, { id, name, arguments: (calls.get(piece.number)?.arguments ?? '') + piece.arguments })
  }

  #said(): object[] {
    return this.#choices.filter(Boolean).map(({ text, calls, reason }) => ({
      role: 'assistant',
      parts: [
        ...(text === '' ? [] : [{ type: 'text', content: text }]),
        ...[...calls.values()].map((call) => ({ type: 'tool_call', ...call })),
      ],
      finish_reason: reason ?? 'error',
    }))
  }
}

/** A class of errors, never their text: a text may hold what users wrote. */
export const errorType = (error: unknown): string =>
  error instanceof ApiError ? error.code : error instanceof Error ? error.name : 'unknown'
