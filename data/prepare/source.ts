import type { Document } from '#data/document'
import type { Placeholders } from '#data/readers'

/** Texts, conversations, or answers to one prompt with their ranking. */
export type CorpusKind = 'text' | 'chat' | 'preference'

/** What a corpus is prepared from. */
export interface CorpusSource {
  /** Names its token files: letters, digits, `-`, `_`. */
  name: string
  /** One or more data files. */
  path?: string | readonly string[]
  /** Or documents from a generator; `identity` then says which (its version and seed). */
  documents?: () => AsyncIterable<Document> | Iterable<Document>
  identity?: string
  /** What the generator holds out by itself; then none of `documents` is held out by its hash. */
  heldout?: () => AsyncIterable<Document> | Iterable<Document>
  /** Where the files come from and under which licence; by default what the `ledger.json` beside them says. */
  source?: string
  licence?: string
  kind: CorpusKind
  /** Share of the rows of training batches; by default its tokens, so that all are passed over equally often. */
  weight?: number
  format?: 'auto' | 'text' | 'jsonl'
  placeholders?: Placeholders
  /** Look for near-duplicates (default: for text; conversations from templates differ where it matters). */
  near?: boolean
  /** `hash` holds out documents by their hash; `tail` holds out the last part of each file's text (default hash). */
  split?: 'hash' | 'tail'
}

/** What turns text into tokens: `Tokenizer` of `#model/tokenizer`, or a character table. */
export interface TextEncoding {
  readonly vocabSize: number
  readonly specialTokens: ReadonlyMap<string, number>
  encode(text: string): ArrayLike<number>
  /** Everything its encoding depends on. */
  toJson(): object
}

/** What turns a conversation into tokens with the mask of those to learn: `ChatFormat` of `#model/chat`. */
export interface ChatEncoding {
  encodeTraining(messages: NonNullable<Document['messages']>): { ids: ArrayLike<number>; mask: ArrayLike<number> }
}

/** Data that cannot be prepared as asked: names the option and the remedy. */
export class PrepareError extends Error {
  override name = 'PrepareError'
}
