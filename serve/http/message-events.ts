import { randomBytes } from 'node:crypto'
import type { CallPiece, EngineEnd, EngineEvent, ModelInfo } from '#serve/engine'
import { ApiError } from '#wire/errors'
import type { Message, MessageBlock, MessageEvent, StopReason } from '#wire/messages'
import { writtenSoFar } from './written-so-far.ts'

/** From an engine's events to those of Anthropic's dialect, and from these to a whole message. */

interface Prompt {
  promptTokens: number
  cachedTokens: number
}

function counts({ promptTokens, cachedTokens }: Prompt, output: number) {
  return {
    input_tokens: promptTokens - cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: output,
    output_tokens_details: null,
    server_tool_use: null,
  }
}

function opening(model: string, prompt: Prompt): Message {
  const tier = { cache_creation: null, inference_geo: null, service_tier: 'standard', speed: 'standard' } as const
  return {
    id: `msg_${randomBytes(15).toString('base64url')}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: { ...counts(prompt, 0), ...tier },
  }
}

/** Follows which block is open: there is one at a time, in the order of the answer. */
class Blocks {
  #count = 0
  /** The number of the call whose block is open. */
  #open: 'text' | number | null = null
  #calls = new Set<number>()

  text(text: string): MessageEvent[] {
    if (text === '') return []
    const events = this.#open === 'text' ? [] : this.#begin('text', { type: 'text', text: '', citations: null })
    events.push({ type: 'content_block_delta', index: this.#count - 1, delta: { type: 'text_delta', text } })
    return events
  }

  call({ number, id, name, arguments: partial_json }: CallPiece): MessageEvent[] {
    if (this.#open !== number && this.#calls.has(number))
      throw new ApiError('engine_failed', 'The model went on with a call after it had begun another one.')
    this.#calls.add(number)
    const block = { type: 'tool_use' as const, id, name, input: {}, caller: { type: 'direct' as const } }
    const events = this.#open === number ? [] : this.#begin(number, block)
    if (partial_json === '') return events
    const delta = { type: 'input_json_delta' as const, partial_json }
    return [...events, { type: 'content_block_delta', index: this.#count - 1, delta }]
  }

  close(): MessageEvent[] {
    if (this.#open === null) return []
    this.#open = null
    return [{ type: 'content_block_stop', index: this.#count - 1 }]
  }

  #begin(what: 'text' | number, content_block: MessageBlock): MessageEvent[] {
    const events = this.close()
    this.#open = what
    return [...events, { type: 'content_block_start', index: this.#count++, content_block }]
  }
}

const reasons: Record<EngineEnd['finishReason'], StopReason> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
}

function reasonOf(end: EngineEnd, prompt: Prompt, model: ModelInfo, maxTokens: number): StopReason {
  if (end.finishReason === 'stop' && end.stop !== undefined) return 'stop_sequence'
  const window = model.contextLength ?? Number.POSITIVE_INFINITY
  const full = end.completionTokens < maxTokens && prompt.promptTokens + end.completionTokens >= window
  return end.finishReason === 'length' && full ? 'model_context_window_exceeded' : reasons[end.finishReason]
}

/** @throws ApiError `client_closed_request` where the answer ends without its end. */
export async function* messageEvents(
  events: AsyncIterable<EngineEvent>,
  model: ModelInfo,
  maxTokens: number,
): AsyncGenerator<MessageEvent> {
  const blocks = new Blocks()
  let prompt: Prompt = { promptTokens: 0, cachedTokens: 0 }
  for await (const event of events) {
    if (event.type === 'start') {
      prompt = { promptTokens: event.promptTokens, cachedTokens: event.cachedTokens ?? 0 }
      yield { type: 'message_start', message: opening(model.id, prompt) }
      continue
    }
    yield* blocks.text(event.text)
    if (event.type === 'token') {
      if (event.call !== undefined) yield* blocks.call(event.call)
      continue
    }
    yield* blocks.close()
    prompt = event.usage ?? prompt
    const stop_reason = reasonOf(event, prompt, model, maxTokens)
    const stop_sequence = stop_reason === 'stop_sequence' ? (event.stop ?? null) : null
    const delta = { stop_reason, stop_sequence, stop_details: null, container: null }
    yield { type: 'message_delta', delta, usage: counts(prompt, event.completionTokens) }
    yield { type: 'message_stop' }
    return
  }
  throw new ApiError('client_closed_request')
}

/** The whole message that the events tell. */
export async function wholeMessage(events: AsyncIterable<MessageEvent>): Promise<Message> {
  let message: Message | null = null
  let written = ''
  const uses: { block: MessageBlock & { type: 'tool_use' }; json: string }[] = []
  for await (const event of events) {
    if (event.type === 'message_start') message = event.message
    if (message === null) continue
    const block = message.content.at(-1)
    if (event.type === 'content_block_start') {
      message.content.push(event.content_block)
      written = ''
    } else if (event.type === 'content_block_delta')
      written += event.delta.type === 'text_delta' ? event.delta.text : event.delta.partial_json
    else if (event.type === 'content_block_stop' && block?.type === 'text') block.text = written
    else if (event.type === 'content_block_stop' && block?.type === 'tool_use') uses.push({ block, json: written })
    else if (event.type === 'message_delta') {
      // Only what an answer said last can have been cut.
      const { stop_reason } = event.delta
      const cut = stop_reason === 'tool_use' || stop_reason === 'end_turn' ? null : block
      for (const use of uses) use.block.input = writtenSoFar(use.json, use.block === cut)
      message = { ...message, ...event.delta, usage: { ...message.usage, ...event.usage } }
    }
  }
  if (message === null) throw new ApiError('client_closed_request')
  return message
}
