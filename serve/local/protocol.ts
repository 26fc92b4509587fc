import {
  batchBounds,
  type Capability,
  type ChatRequest,
  type CompletionRequest,
  type Embeddings,
  type EmbedRequest,
  type EngineEvent,
} from '#serve/engine'
import type { ErrorCode } from '#wire/errors'

/** What the engine and its worker thread say to each other. */

export interface WorkerSettings {
  /** A folder of Hugging Face's layout, or a GGUF file. */
  folder: string
  /** Sequences decoded together. */
  slots: number
  threads: number
  /** Bytes of keys and values of the sequences that are decoded together. */
  batchBytes: number
  /** Bytes of keys and values that are kept for prompts that begin alike. */
  prefixBytes: number
  /** Small corrections of a GGUF file's weights, with their strengths. */
  loras?: readonly { file: string; scale: number }[]
}

export type ToWorker =
  | { type: 'chat'; id: number; request: ChatRequest }
  | { type: 'complete'; id: number; request: CompletionRequest }
  | { type: 'embed'; id: number; request: EmbedRequest }
  | { type: 'tokenize'; id: number; texts: readonly string[] }
  | { type: 'cancel'; id: number }
  | { type: 'close' }

export interface Refusal {
  code: ErrorCode
  detail: string
  param: string | null
}

/** What happened to one request in one step. */
export interface Report {
  id: number
  events: EngineEvent[]
  /** Set when the request failed: nothing follows. */
  refusal: Refusal | null
}

export interface Figures {
  /** Tokens that were computed, whether anybody still read them or not. */
  computedTokens: number
  /** Bytes of keys and values that are kept for prompts to come. */
  cacheBytes: number
  /** As `BatchSizes` of the engine's port. */
  batches: { counts: number[]; sum: number }
}

/** Before the first step. */
export const noFigures = (): Figures => ({
  computedTokens: 0,
  cacheBytes: 0,
  batches: { counts: Array(batchBounds.length + 1).fill(0), sum: 0 },
})

export type FromWorker =
  | { type: 'ready'; contextLength: number; capabilities: readonly Capability[] }
  | { type: 'failed'; problem: string }
  | { type: 'reports'; reports: Report[]; figures: Figures }
  | { type: 'tokens'; id: number; ids: number[][] }
  | { type: 'vectors'; id: number; made: Embeddings | null; refusal: Refusal | null }
