/** Learns a byte-level BPE vocabulary from text, deterministically: the same texts give the same tokenizer. */

import { byteToChar } from './tokenizer/alphabet.ts'
import { PairIndex } from './tokenizer/pair-index.ts'
import { splitComponent } from './tokenizer/pre-tokenizer.ts'
import { qwen2Pattern, splitQwen2 } from './tokenizer/split.ts'
import { countWords, type Merge } from './tokenizer/words.ts'
import { Tokenizer, TokenizerError } from './tokenizer.ts'

export interface TrainingOptions {
  /** Number of ids wanted, the 256 bytes and the special tokens included. */
  vocabSize: number
  /** Contents of the special tokens, which take the last ids in this order. */
  specialTokens: string[]
  /** Called now and then with the merges learnt so far and the number wanted. */
  onProgress?: (done: number, total: number) => void
}

/**
 * Learns merges over the texts' pieces, the most frequent pair first (ties: lower left id, then lower right id).
 * Stops early, with fewer ids than asked, when no pair occurs twice. Memory: about 20 bytes per byte of distinct pieces.
 */
export function trainTokenizer(texts: Iterable<string>, options: TrainingOptions): Tokenizer {
  const { vocabSize, specialTokens, onProgress } = options
  const wanted = vocabSize - 256 - specialTokens.length
  if (!Number.isInteger(vocabSize) || wanted < 0) {
    throw new TokenizerError('vocabSize', `${vocabSize} must be an integer of at least ${256 + specialTokens.length}`)
  }
  const index = new PairIndex(countWords(texts, splitQwen2))
  const vocabulary = new Vocabulary()
  const learnt = () => vocabulary.tokens.length - 256
  while (learnt() < wanted) {
    const pair = index.mostFrequent()
    if (pair === undefined) break
    index.merge(pair, vocabulary.add(pair))
    if (onProgress !== undefined && learnt() % 256 === 0) onProgress(learnt(), wanted)
  }
  onProgress?.(learnt(), wanted)
  return vocabulary.build(specialTokens)
}

/**
 * A tokenizer whose tokens are the texts' characters: the 256 bytes, and one token for each character beyond ASCII
 * that occurs. A character that did not occur is encoded as its bytes, so that every text still has ids.
 */
export function characterTokenizer(texts: Iterable<string>, options: { specialTokens?: string[] } = {}): Tokenizer {
  const characters = new Set<string>()
  for (const text of texts) for (const character of text) characters.add(character)
  const vocabulary = new Vocabulary()
  const encoder = new TextEncoder()
  for (const character of [...characters].sort(byCodePoint)) {
    const bytes = encoder.encode(character)
    let id = bytes[0]
    for (let at = 1; at < bytes.length; at++) {
      const pair = { left: id, right: bytes[at] }
      id = vocabulary.idOf(pair) ?? vocabulary.add(pair)
    }
  }
  return vocabulary.build(options.specialTokens ?? [])
}

const byCodePoint = (a: string, b: string) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number)

/** The 256 bytes (ids are the bytes' values) and what is merged from them. */
class Vocabulary {
  readonly tokens = [...byteToChar]
  private readonly merges: Merge[] = []
  private readonly ids = new Map(byteToChar.map((token, id) => [token, id]))

  idOf({ left, right }: Merge): number | undefined {
    return this.ids.get(this.tokens[left] + this.tokens[right])
  }

  /** Adds a merge; gives the id of its token, which another merge may have made before. */
  add(pair: Merge): number {
    this.merges.push(pair)
    const known = this.idOf(pair)
    if (known !== undefined) return known
    const token = this.tokens[pair.left] + this.tokens[pair.right]
    this.ids.set(token, this.tokens.length)
    return this.tokens.push(token) - 1
  }

  build(specialTokens: string[]): Tokenizer {
    const { tokens } = this
    const vocab: Record<string, number> = Object.create(null)
    tokens.forEach((token, id) => {
      vocab[token] = id
    })
    return Tokenizer.fromJson({
      added_tokens: specialTokens.map((content, i) => ({ id: tokens.length + i, content, special: true })),
      normalizer: null,
      pre_tokenizer: splitComponent(qwen2Pattern),
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      model: { type: 'BPE', vocab, merges: this.merges.map(({ left, right }) => [tokens[left], tokens[right]]) },
    })
  }
}
