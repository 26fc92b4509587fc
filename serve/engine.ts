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
  /** What an assistant's turn called. */
  calls?: readonly FunctionCall[]
  /** The call that a tool's turn answers. */
  callId?: string
}

export interface FunctionCall {
  id: string
  name: string
  /** JSON, as the model wrote it. */
  arguments: string
}

export interface FunctionTool {
  name: string
  description?: string
  /** A JSON Schema of the arguments; without one a function takes none. */
  parameters?: Readonly<Record<string, unknown>>
  strict?: boolean
}

export interface ToolUse {
  functions: readonly FunctionTool[]
  /** Whether functions may be called, or must be; a name must be called. */
  choice: 'auto' | 'required' | { name: string }
  /** More than one call in an answer. */
  parallel: boolean
}

/** JSON alone: any object, or what a JSON Schema says. An engine never lets another document out. */
export type AnswerFormat = { type: 'json_object' } | { type: 'json_schema'; schema: unknown }

export interface ChatRequest extends GenerationRequest {
  messages: readonly ChatTurn[]
  tools?: ToolUse
  /** Free text where it is left out. */
  format?: AnswerFormat
}

export interface CompletionRequest extends GenerationRequest {
  /** Texts or token ids. Choice numbers run through the answers of the first prompt, then the second and so on. */
  prompts: readonly (string | readonly number[])[]
  /** Text after the gap; null continues the prompts. */
  suffix: string | null
  /** The start event carries the prompts' texts. */
  echo: boolean
  /** Where prompt and suffix are too long together, the prompt's beginning and the suffix's end are cut. */
  fit?: boolean
}

/** The request was taken: the first event of every answer. */
export interface EngineStart {
  type: 'start'
  promptTokens: number
  /** Of the prompt's tokens, those that were not computed again; left out where it is not known. */
  cachedTokens?: number
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
  /** Set where the token belongs to a call; the text is empty then. */
  call?: CallPiece
}

/** A piece of a function call: a call begins with its name and no arguments, then they follow in order. */
export interface CallPiece {
  /** The call's number in its answer, from 0. */
  number: number
  id: string
  name: string
  /** More of the arguments' JSON. */
  arguments: string
}

export interface EngineEnd {
  type: 'end'
  choice: number
  text: string
  finishReason: 'stop' | 'length' | 'tool_calls'
  completionTokens: number
}

/** One start, then tokens and one end per choice; tokens of different choices interleave. */
export type EngineEvent = EngineStart | EngineToken | EngineEnd
