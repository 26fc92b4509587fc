import type { Sampling } from '#model/decoding'
import type { Capability, ChatTurn } from '#serve/engine'

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
  /** A conversation up to where the assistant speaks; the oldest turns go where `reserve` tokens would not stay free. */
  chat(messages: readonly ChatTurn[], reserve: number): ChatPrompt
  text(prompt: string): Uint32Array
  /** The prompt of filling in what stands between `prefix` and `suffix`. */
  gap(prefix: string, suffix: string): Uint32Array
  decode(ids: Uint32Array): string
}
