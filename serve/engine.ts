import type { PromptToken, Sampling, TokenLogprob } from '#model/decoding'

/**
 * The port behind which answers are made: our own model in a worker, any OpenAI-compatible server, a scripted one in
 * tests. An engine knows nothing of the HTTP that we serve; it throws errors of the catalogue (`ApiError`). What every
 * engine owes its callers is written down as a test in engine-contract.ts.
 */
export interface Engine {
  models(): ModelInfo[]
  status(): EngineStatus
  /** Answers a conversation. Aborting `signal`, or leaving the iteration, frees what the answer held within one step. */
  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent>
  /** Continues texts, or fills the gap between a text and a suffix. */
  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent>
  /** A vector for each text, in their order. Refused with `unsupported_value` by a model without that capability. */
  embed(request: EmbedRequest, signal: AbortSignal): Promise<Embeddings>
  /** Token ids of texts, as the model reads them in a plain prompt. Refused like `embed` where it cannot be had. */
  tokenize(request: TokenizeRequest, signal: AbortSignal): Promise<readonly (readonly number[])[]>
  /** Counts since the engine was opened. */
  stats(): EngineStats
  /** How many answers its steps went on with together; left out, or null, where it does not compute by itself. */
  batches?(): BatchSizes | null
  /** What is asked for a model's tokens by whoever put it there; left out, or null, where nothing is known. */
  offer?(model: string): Offer | null
  /** Resolves once the models answer or could not be loaded; `status()` says which. */
  ready(): Promise<void>
  close(): Promise<void>
}

export interface Offer {
  /** Per million tokens, in billionths of the currency. */
  price: { currency: string; input: number; cached: number; output: number } | null
  /** The model is computed on this machine. */
  here: boolean
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
  /** What may be asked of it; empty until it is known, which for our own models is once they are loaded. */
  capabilities: readonly Capability[]
}

export const capabilities = [
  'chat',
  'completions',
  'fill',
  'tools',
  'json',
  'logprobs',
  'embeddings',
  'tokenize',
  'vision',
] as const
export type Capability = (typeof capabilities)[number]

export interface EngineStatus {
  state: 'loading' | 'ready' | 'failed'
  problem: string | null
  active: number
  waiting: number
}

export interface EngineStats {
  /** Answers that were begun; of these, those whose readers left, and those that ended with an error. */
  requests: number
  cancelled: number
  failed: number
  /** Tokens of prompts, those of them that were not computed again, and tokens of answers. */
  promptTokens: number
  cachedTokens: number
  completionTokens: number
  /** Tokens of answers that were computed, whether anybody still read them or not. */
  computedTokens: number
  /** Bytes of keys and values that are kept for prompts to come. */
  cacheBytes: number
}

/** Bounds by which sizes of batches are counted. */
export const batchBounds = [1, 2, 4, 8, 16, 32, 64, 128] as const

export interface BatchSizes {
  /** Steps whose batch was as large as each bound, but larger than the one before; last, those above all bounds. */
  counts: readonly number[]
  /** Sizes of all steps together. */
  sum: number
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
  /**
   * Whose request it is. Waiting owners take turns, and what was computed for a prompt is used again for prompts of the
   * same owner alone: its timing would tell others what was asked. Left out: the server's own, when nobody logs in.
   */
  owner?: string
  /** Answered only while nothing else waits, as batches are. */
  background?: boolean
}

export interface ChatTurn {
  role: 'developer' | 'system' | 'user' | 'assistant' | 'tool'
  content: string
  /** Which of several speakers of this role it is. A model that is not shown names refuses it. */
  name?: string
  /** In their order, where a turn holds more than text; `content` is its text alone then. For models that see. */
  parts?: readonly ContentPart[]
  /** What an assistant's turn called. */
  calls?: readonly FunctionCall[]
  /** The call that a tool's turn answers. */
  callId?: string
}

export type ContentPart =
  | { type: 'text'; text: string }
  /** The picture itself as a `data:` URL, or where it lies. */
  | { type: 'image'; url: string; detail?: 'auto' | 'low' | 'high' }

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
  /** Where a conversation is longer than the window: `auto` (left out: too) drops its oldest turns, `disabled` refuses it. */
  truncation?: 'auto' | 'disabled'
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

export interface EmbedRequest {
  model: string
  /** Texts or token ids. */
  inputs: readonly (string | readonly number[])[]
  /** Length of the vectors; null takes the model's own. */
  dimensions: number | null
}

export interface Embeddings {
  vectors: readonly Float32Array[]
  promptTokens: number
}

export interface TokenizeRequest {
  model: string
  texts: readonly string[]
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
  /** On an answer's first token, where `echo` and log-probabilities were asked for: the prompt's. */
  prompt?: readonly PromptToken[]
  /** Set where the token belongs to a call; the text is empty then. */
  call?: CallPiece
  /** What a model thinks before it answers, where it says so; the text is empty then. */
  reasoning?: string
  /** The text declines what was asked, where the model says so. */
  refusal?: boolean
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
  finishReason: 'stop' | 'length' | 'tool_calls' | 'content_filter'
  /** The stop string that ended the answer, where one did and it is known. */
  stop?: string
  completionTokens: number
  /** On a request's last end: its totals, where the start could not know them. */
  usage?: { promptTokens: number; cachedTokens: number }
  /** On a request's last end, once it is in the ledger: what it cost, where there is a price. */
  cost?: { amount: number; currency: string }
}

/** One start, then tokens and one end per choice; tokens of different choices interleave. */
export type EngineEvent = EngineStart | EngineToken | EngineEnd
