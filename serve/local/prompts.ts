import type { Sampling } from '#model/decoding'
import type { Capability, ChatRequest, ChatTurn, FunctionTool } from '#serve/engine'
import type { AnswerForm } from './answer-forms.ts'

export interface ChatPrompt {
  ids: Uint32Array
  droppedMessages: number
}

/** Turns requests into token ids for one model; throws errors of the catalogue where a request does not fit it. */
export interface Prompts {
  /** What the model was trained for. */
  readonly capabilities: readonly Capability[]
  readonly vocabSize: number
  readonly contextLength: number
  /** Tokens that end an answer. */
  readonly stopIds: readonly number[]
  /** What the model uses where a request leaves a setting open. */
  readonly defaults: Omit<Sampling, 'logitBias' | 'seed'>
  /**
   * A conversation up to where the assistant speaks; the oldest turns go where `reserve` tokens would not stay free.
   * null: none goes, however long it is.
   */
  chat(messages: readonly ChatTurn[], reserve: number | null, tools?: readonly FunctionTool[]): ChatPrompt
  /** What the answer is held to; null where it is free. */
  form?(request: ChatRequest): AnswerForm | null
  text(prompt: string): Uint32Array
  /** The prompt of filling in what stands between `prefix` and `suffix`; cut far from the gap to at most `room` tokens. */
  gap(prefix: string, suffix: string, room?: number): Uint32Array
  decode(ids: Uint32Array): string
}
