/** Learns a byte-level BPE vocabulary from text, deterministically: the same texts give the same tokenizer. */

import { bytesToToken, byteToChar } from './tokenizer/alphabet.ts'
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
  const merges: Merge[] = []
  while (merges.length < wanted) {
    const pair = index.mostFrequent()
    if (pair === undefined) break
    index.merge(pair, 256 + merges.length)
    merges.push(pair)
    if (onProgress !== undefined && merges.length % 256 === 0) onProgress(merges.length, wanted)
  }
  onProgress?.(merges.length, wanted)
  return build(merges, specialTokens)
}

/**
 * A tokenizer whose tokens are the texts' characters: the 256 bytes, and one token for each character beyond ASCII
 * that occurs. A character that did not occur is encoded as its bytes, so that every text still has ids.
 */
export function characterTokenizer(texts: Iterable<string>, options: { specialTokens?: string[] } = {}): Tokenizer {
  const characters = new Set<string>()
  for (const text of texts) for (const character of text) characters.add(character)
  const ids = new Map<string, number>()
  const merges: Merge[] = []
  const encoder = new TextEncoder()
  for (const character of [...characters].sort(byCodePoint)) {
    const bytes = encoder.encode(character)
    let id = bytes[0]
    for (let length = 2; length <= bytes.length; length++) {
      const prefix = bytesToToken(bytes.subarray(0, length))
      let longer = ids.get(prefix)
      if (longer === undefined) {
        longer = 256 + merges.length
        ids.set(prefix, longer)
        merges.push({ left: id, right: bytes[length - 1] })
      }
      id = longer
    }
  }
  return build(merges, options.specialTokens ?? [])
}

const byCodePoint = (a: string, b: string) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number)

function build(merges: Merge[], specialTokens: string[]): Tokenizer {
  const tokens = [...byteToChar]
  for (const { left, right } of merges) tokens.push(tokens[left] + tokens[right])
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
    model: { type: 'BPE', vocab, merges: merges.map(({ left, right }) => [tokens[left], tokens[right]]) },
  })
}
