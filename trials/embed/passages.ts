import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export type Tongue = 'en' | 'zh'

/** Two passages that stand beside each other in one document. */
export interface Pair {
  tongue: Tongue
  query: string
  target: string
}

const sources: readonly [Tongue, string][] = [
  ['en', 'pretrain-en-books.jsonl.gz'],
  ['en', 'pretrain-en-docs.jsonl.gz'],
  ['zh', 'pretrain-zh-docs.jsonl.gz'],
  ['zh', 'pretrain-zh-laws.jsonl.gz'],
  ['zh', 'pretrain-zh-novels.jsonl.gz'],
]
/** Characters of a passage. */
const lengths = { en: 320, zh: 120 }
/** One document in so many is held out, whole. */
const heldOutEach = 20
/** From one document, so that a long book does not stand for a language. */
const pairsOfDocument = 200

/** Pairs of neighbours, those of held-out documents apart. */
export function readPairs(folder: string): { training: Pair[]; heldOut: Pair[] } {
  const pairs = { training: [] as Pair[], heldOut: [] as Pair[] }
  for (const [tongue, name] of sources) {
    const lines = gunzipSync(readFileSync(join(folder, name)))
      .toString()
      .split('\n')
    for (const line of lines) {
      if (line === '') continue
      const { text } = JSON.parse(line) as { text: string }
      const held = createHash('sha256').update(text).digest()[0] % heldOutEach === 0
      const into = held ? pairs.heldOut : pairs.training
      into.push(...neighbours(text, tongue))
    }
  }
  return pairs
}

function neighbours(text: string, tongue: Tongue): Pair[] {
  const passages = passagesOf(text, lengths[tongue])
  const pairs: Pair[] = []
  for (let at = 0; at + 1 < passages.length; at += 2)
    pairs.push({ tongue, query: passages[at], target: passages[at + 1] })
  const stride = Math.max(1, Math.ceil(pairs.length / pairsOfDocument))
  return pairs.filter((_, at) => at % stride === 0)
}

/** Whole sentences or lines until a passage is long enough. */
function passagesOf(text: string, length: number): string[] {
  const passages: string[] = []
  let passage = ''
  for (const [piece] of text.matchAll(/[^.!?。！？\n]+[.!?。！？\n]*/g)) {
    passage += piece
    if (passage.length < length) continue
    passages.push(passage.trim())
    passage = ''
  }
  return passages
}
