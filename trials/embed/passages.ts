/** Passages of held-out documents that stand beside each other. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cleanDocument } from '#data/cleaning'
import { documentHash, readManifestDocuments } from '#data/manifest'
import { readDocuments } from '#data/readers'
import { shuffleInPlace } from '#data/shuffle'

export type Tongue = 'en' | 'zh'

export interface Pair {
  query: string
  target: string
}

const sources: Record<Tongue, readonly string[]> = {
  en: ['pretrain-en-books.jsonl.gz', 'pretrain-en-docs.jsonl.gz'],
  zh: ['pretrain-zh-docs.jsonl.gz', 'pretrain-zh-laws.jsonl.gz', 'pretrain-zh-novels.jsonl.gz'],
}
/** Characters of a passage. */
const lengths = { en: 320, zh: 120 }
/** From one document, so that a long book does not stand for a language. */
const pairsOfDocument = 100

/** Pairs of neighbours out of the documents that the model's own manifest says were held out, in an order that is always the same. */
export async function heldOutPairs(model: string, data: string, tongue: Tongue, most: number): Promise<Pair[]> {
  const held = new Set<string>()
  for await (const { sha256, split } of readManifestDocuments(model)) if (split === 'validation') held.add(sha256)
  const pairs: Pair[] = []
  for (const name of sources[tongue]) {
    const path = join(data, name)
    if (!existsSync(path)) continue
    for await (const raw of readDocuments(path, { source: name, licence: 'unknown' })) {
      const document = cleanDocument(raw)
      if (document?.text !== undefined && held.has(documentHash(document)))
        pairs.push(...neighbours(document.text, lengths[tongue]))
    }
  }
  return shuffleInPlace(pairs, 1).slice(0, most)
}

export function neighbours(text: string, length: number): Pair[] {
  const passages = passagesOf(text, length)
  const pairs: Pair[] = []
  for (let at = 0; at + 1 < passages.length; at += 2) pairs.push({ query: passages[at], target: passages[at + 1] })
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
