import type { ChatRequest, CompletionRequest, EngineEvent } from '#serve/engine'
import type { ErrorCode } from '#wire/errors'

/** What the engine and its worker thread say to each other. */

export interface WorkerSettings {
  folder: string
  /** Sequences decoded together. */
  slots: number
  threads: number
}

export type ToWorker =
  | { type: 'chat'; id: number; request: ChatRequest }
  | { type: 'complete'; id: number; request: CompletionRequest }
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

export type FromWorker =
  | { type: 'ready'; contextLength: number }
  | { type: 'failed'; problem: string }
  | { type: 'reports'; reports: Report[] }
