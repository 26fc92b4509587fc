/** What a request to decode says and what comes back, token by token. No tensor stands here: engines and servers share it. */

export interface Sampling {
  /** 0 is greedy. */
  temperature: number
  /** 0 keeps all tokens. */
  topK: number
  /** 1 keeps all tokens. */
  topP: number
  /** Keeps tokens at least this fraction as likely as the likeliest; 0 keeps all. */
  minP: number
  /** Divides positive and multiplies negative logits of tokens seen before (CTRL, section 4.1); 1 is off. */
  repetitionPenalty: number
  presencePenalty: number
  frequencyPenalty: number
  /** Added to a token's logit before sampling. */
  logitBias: ReadonlyMap<number, number>
  seed: number
}

export const greedy: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: new Map(),
  seed: 0,
}

export interface DecodeRequest {
  promptIds: Uint32Array
  maxTokens: number
  sampling: Sampling
  /** Strings that end the answer; they may straddle tokens and are not part of the text. */
  stop: readonly string[]
  /** Tokens that end the answer (end of turn); not part of the text. */
  stopIds: readonly number[]
  /** Alternatives reported at each token, 0 to 20; null reports no log-probabilities at all. */
  topLogprobs: number | null
  /**
   * Reports the prompt's tokens as well, with the first token of the answer, which is then reported even where it ends the
   * answer. Needs `topLogprobs`. Nothing of the prompt is then taken from what was computed before.
   */
  promptLogprobs?: boolean
  /** Holds the answer to a language; each request has one of its own. */
  constraint?: Constraint | null
  /** Control tokens that are part of the text all the same, such as the marks around a call. */
  shownIds?: readonly number[]
  /** Whose request it is: owners take turns, and share nothing that was computed. */
  owner?: string
  /** Decoded only in places that nothing else waits for. */
  background?: boolean
}

/** What an answer may say: asked before each token, told after it. */
export interface Constraint {
  /** Sets the logit of every token that may not follow to minus infinity; `endIds` may follow where the answer may end. */
  mask(logits: Float32Array, endIds: readonly number[]): void
  /** Whether the token may follow. The ends of an answer are not asked about. */
  allows(id: number): boolean
  /** Takes the token that was chosen. */
  accept(id: number): void
  /** Whether the answer is complete, so that nothing may follow. */
  readonly ended: boolean
}

export interface TokenLogprob {
  id: number
  /** The token's bytes; a token may hold part of a UTF-8 character. */
  bytes: Uint8Array
  logprob: number
}

/** A token of the prompt, and how likely it was after those before it. */
export interface PromptToken {
  id: number
  bytes: Uint8Array
  /** Null for the first, which nothing comes before. */
  logprob: number | null
  top: TokenLogprob[]
  /** A control token, which adds nothing to the text. */
  control: boolean
}

export interface TokenEvent {
  type: 'token'
  sequence: number
  id: number
  /** New text that is safe to show: never half a character, never the beginning of a stop string. May be empty. */
  text: string
  logprob: TokenLogprob | null
  top: TokenLogprob[]
  /** On the first token, where the prompt's were asked for. */
  prompt?: PromptToken[]
}

export interface EndEvent {
  type: 'end'
  sequence: number
  /** Text held back until now that belongs to the answer. */
  text: string
  /** `failed`: the model's output was no number; see NotFiniteError. */
  finishReason: 'stop' | 'length' | 'cancelled' | 'failed'
  /** The stop string that ended it, where one did. */
  stop?: string
  promptTokens: number
  /** Of the prompt's tokens, those that were not computed again. */
  cachedTokens: number
  completionTokens: number
}

export type DecodeEvent = TokenEvent | EndEvent

/** A set of sequences decoded together. A sequence joins and leaves between two steps. */
export interface Decoder {
  readonly contextLength: number
  /** Sequences that are being decoded or wait for a slot. */
  readonly pending: number
  /** Bytes of keys and values that are kept for prompts to come. */
  readonly cacheBytes: number
  /** Adds a sequence and returns its number. */
  add(request: DecodeRequest): number
  /** Ends a sequence; its end event comes with the next step. */
  cancel(sequence: number): void
  /** One step for all active sequences: at most one token each. Resolves with [] when nothing is pending. */
  step(): Promise<DecodeEvent[]>
  close(): Promise<void>
}
