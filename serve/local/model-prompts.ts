import {
  type ChatFormat,
  ChatTemplateError,
  endOfText,
  fimMiddle,
  fimPrefix,
  fimSuffix,
  PromptTooLongError,
} from '#model/chat'
import type { Tokenizer } from '#model/tokenizer'
import type { Capability, ChatTurn } from '#serve/engine'
import { ApiError } from '#wire/errors'
import type { ChatPrompt, Prompts } from './prompts.ts'

export interface ModelPromptsOptions {
  tokenizer: Tokenizer
  /** null where the model was not trained for conversations. */
  format: ChatFormat | null
  contextLength: number
  defaults: Prompts['defaults']
  /** Tokens that end an answer. */
  stopIds: readonly number[]
  /** Put before plain prompts; null where the model wants none. */
  beginId: number | null
}

/** Prompts of one model folder: its tokenizer, its chat template, its fill-in-the-middle tokens. */
export class ModelPrompts implements Prompts {
  readonly capabilities: readonly Capability[]
  readonly vocabSize: number
  readonly contextLength: number
  readonly stopIds: readonly number[]
  readonly defaults: Prompts['defaults']
  readonly #tokenizer: Tokenizer
  readonly #format: ChatFormat | null
  readonly #beginId: number | null

  constructor(options: ModelPromptsOptions) {
    this.#tokenizer = options.tokenizer
    this.#format = options.format
    this.#beginId = options.beginId
    this.capabilities = capabilitiesOf(options)
    this.vocabSize = options.tokenizer.vocabSize
    this.contextLength = options.contextLength
    this.defaults = options.defaults
    this.stopIds = [...new Set(options.stopIds)]
  }

  chat(messages: readonly ChatTurn[], reserve: number): ChatPrompt {
    const format = this.#format
    if (format === null)
      throw new ApiError(
        'unsupported_value',
        'This model was not trained for conversations. Use /v1/completions.',
        'model',
      )
    const encode = (room: number) => format.encodePrompt(messages, { contextLength: this.contextLength, reserve: room })
    try {
      return encode(reserve)
    } catch (error) {
      // A template may refuse a conversation, for one whose roles do not alternate.
      if (error instanceof ChatTemplateError)
        throw new ApiError('invalid_value', `Invalid 'messages': ${error.message}.`, 'messages')
      if (!(error instanceof PromptTooLongError)) throw error
      // The last message leaves less room for the answer than hoped; any room is better than a refusal.
      if (error.tokens < this.contextLength) return encode(this.contextLength - error.tokens)
      throw new ApiError(
        'context_length_exceeded',
        `This model's window is ${this.contextLength} tokens; the system message and the last turn alone are ${error.tokens}. Shorten them.`,
        'messages',
      )
    }
  }

  text(prompt: string): Uint32Array {
    const ids = this.#tokenizer.encode(prompt)
    const begin = this.#beginId ?? (ids.length === 0 ? this.#tokenizer.specialTokens.get(endOfText) : undefined)
    return begin === undefined ? ids : Uint32Array.from([begin, ...ids])
  }

  gap(prefix: string, suffix: string): Uint32Array {
    const [before, after, middle] = [fimPrefix, fimSuffix, fimMiddle].map((name) => this.#mark(name))
    const encode = (text: string) => this.#tokenizer.encode(text)
    return Uint32Array.from([before, ...encode(prefix), after, ...encode(suffix), middle])
  }

  decode(ids: Uint32Array): string {
    return this.#tokenizer.decode(ids)
  }

  #mark(name: string): number {
    const id = this.#tokenizer.specialTokens.get(name)
    if (id === undefined)
      throw new ApiError('unsupported_value', "This model was not trained to fill gaps: leave out 'suffix'.", 'suffix')
    return id
  }
}

function capabilitiesOf({ tokenizer, format }: ModelPromptsOptions): Capability[] {
  const fills = [fimPrefix, fimSuffix, fimMiddle].every((mark) => tokenizer.specialTokens.has(mark))
  const talks: Capability[] = format === null ? [] : ['chat', 'tools']
  return [...talks, 'completions', ...(fills ? ['fill' as const] : []), 'json', 'logprobs', 'tokenize']
}
