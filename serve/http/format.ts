import type { EngineStart, EngineToken } from '#serve/engine'
import type { FinishReason } from '#wire/fields'

/** How the events of one answer are written: chat completions and completions differ in this alone. */
export interface ReplyFormat {
  idPrefix: string
  wholeObject: string
  chunkObject: string
  /** Called once, before any other method. */
  begin(start: EngineStart): void
  /** The chunk's choice that opens an answer; null where the format has none. */
  opening(index: number): object | null
  /** The choice of a chunk with new text. */
  delta(index: number, text: string, event: EngineToken | null): object
  closing(index: number, reason: FinishReason): object
  /** The choice of a whole reply. */
  whole(index: number, text: string, tokens: readonly EngineToken[], reason: FinishReason): object
}
