import type { Sampling, TokenLogprob } from '#model/decoding'

/**
 * The port behind which answers are made: our own model in a worker, a scripted one in tests, later llama.cpp and
 * upstream servers. An engine knows nothing of HTTP; it throws errors of the catalogue (`ApiError`).
 */
export interface Engine {
  models(): ModelInfo[]
  status(): EngineStatus
  /** Answers a conversation. Aborting `signal`, or leaving the iteration, frees what the answer held within one step. */
  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent>
  /** Continues texts, or fills the gap between a text and a suffix. */
  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent>
  /** Resolves once the models answer or could not be loaded; `status()` says which. */
  ready(): Promise<void>
  close(): Promise<void>
}

export interface ModelInfo {
  id: string
  /** Seconds since 1970. */
  created: number
  ownedBy: string
  /** Tokens; null until the model is loaded. */
  contextLength: number | null
  state: 'loading' | 'ready' | 'failed'
  /** Changes whenever the same seed may give another answer. */
  fingerprint: string
}

export interface EngineStatus {
  state: 'loading' | 'ready' | 'failed'
  problem: string | null
  active: number
  waiting: number
}

/** What a request asks for; null leaves the choice to the model's own defaults. */
export type SamplingWish = { [Key in Exclude<keyof Sampling, 'logitBias' | 'seed'>]: Sampling[Key] | null } & {
  logitBias: ReadonlyMap<number, number>
  /** Choices of one request use seed, seed + 1 and so on. */
  seed: number
}

export interface GenerationRequest {
  model: string
  sampling: SamplingWish
  /** null: as far as the model's window reaches. */
  maxTokens: number | null
  stop: readonly string[]
  /** Alternatives reported at each token, 0 to 20; null reports no log-probabilities. */
  topLogprobs: number | null
  /** Answers per prompt. */
  choices: number
}

export interface ChatTurn {
  role: 'developer' | 'system' | 'user' | 'assistant' | 'tool'
  content: string
}

export interface ChatRequest extends GenerationRequest {
  messages: readonly ChatTurn[]
}

export interface CompletionRequest extends GenerationRequest {
  /** Texts or token ids. Choice numbers run through the answers of the first prompt, then the second and so on. */
  prompts: readonly (string | readonly number[])[]
  /** Text after the gap; null continues the prompts. */
  suffix: string | null
  /** The start event carries the prompts' texts. */
  echo: boolean
}

/** The request was taken: the first event of every answer. */
export interface EngineStart {
  type: 'start'
  promptTokens: number
  droppedMessages: number
  /** The prompts' texts where `echo` asked for them. */
  echo: readonly string[]
}

export interface EngineToken {
  type: 'token'
  choice: number
  text: string
  logprob: TokenLogprob | null
  top: readonly TokenLogprob[]
}

export interface EngineEnd {
  type: 'end'
  choice: number
  text: string
  finishReason: 'stop' | 'length'
  completionTokens: number
}

/** One start, then tokens and one end per choice; tokens of different choices interleave. */
export type EngineEvent = EngineStart | EngineToken | EngineEnd
