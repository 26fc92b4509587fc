import {
  type ChatFormat,
  ChatTemplateError,
  endOfText,
  fimMiddle,
  fimPrefix,
  fimSuffix,
  PromptTooLongError,
} from '#model/chat'
import type { TokenCodec } from '#model/tokenizer'
import type { Capability, ChatRequest, ChatTurn, FunctionTool } from '#serve/engine'
import { ApiError } from '#wire/errors'
import { type AnswerForm, AnswerForms } from './answer-forms.ts'
import type { ChatPrompt, Prompts } from './prompts.ts'

export interface ModelPromptsOptions {
  tokenizer: TokenCodec
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
  readonly #tokenizer: TokenCodec
  readonly #format: ChatFormat | null
  readonly #beginId: number | null
  readonly #forms: AnswerForms

  constructor(options: ModelPromptsOptions) {
    this.#tokenizer = options.tokenizer
    this.#format = options.format
    this.#forms = new AnswerForms(options.tokenizer)
    this.#beginId = options.beginId
    this.capabilities = capabilitiesOf(options)
    this.vocabSize = options.tokenizer.vocabSize
    this.contextLength = options.contextLength
    this.defaults = options.defaults
    this.stopIds = [...new Set(options.stopIds)]
  }

  form(request: ChatRequest): AnswerForm | null {
    return this.#forms.of(request)
  }

  chat(messages: readonly ChatTurn[], reserve: number | null, tools: readonly FunctionTool[] = []): ChatPrompt {
    const format = this.#format
    if (format === null)
      throw new ApiError(
        'unsupported_value',
        'This model was not trained for conversations. Use /v1/completions.',
        'model',
      )
    const unnamed = messages.findIndex((message) => !format.showsName(message))
    if (unnamed >= 0)
      throw new ApiError(
        'unsupported_parameter',
        "'name' is not supported by this model: its chat template shows no names. Put the name into the content.",
        `messages[${unnamed}].name`,
      )
    const { contextLength } = this
    const encode = (room: number) => format.encodePrompt(messages, { contextLength, reserve: room, tools })
    try {
      if (reserve === null) return { ids: format.encodeMessages(messages, tools), droppedMessages: 0 }
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

  gap(prefix: string, suffix: string, room = Number.POSITIVE_INFINITY): Uint32Array {
    const [before, after, middle] = [fimPrefix, fimSuffix, fimMiddle].map((name) => this.#mark(name))
    const [left, right] = [prefix, suffix].map((text) => this.#tokenizer.encode(text))
    const space = Math.max(0, room - 3)
    // What stands before the gap says more about it: it has at least three quarters of the room.
    const rightSize = Math.min(right.length, Math.max(space >> 2, space - left.length))
    const leftSize = Math.min(left.length, space - Math.min(rightSize, space))
    const shown = [left.subarray(left.length - leftSize), right.subarray(0, rightSize)]
    return Uint32Array.from([before, ...shown[0], after, ...shown[1], middle])
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
