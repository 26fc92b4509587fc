/** Validation: bits per byte of held-out text, source by source. */

import { basename } from 'node:path'
import { type Batch, type BatchSource, PackedBatches } from '#data/packing'
import type { TokenFile } from '#data/token-file'
import type { Tokenizer } from '#model/tokenizer'
import type { MicroBatch, Replicas } from './replicas.ts'

export interface ValidationSet {
  name: string
  micro: MicroBatch[]
  /** Learned tokens, and the UTF-8 bytes that they stand for. */
  tokens: number
  bytes: number
}

export interface Score {
  /** Mean −log p of a token, in nats. */
  loss: number
  /** Σ −log₂ p over the bytes of the text: comparable between tokenizers. */
  bitsPerByte: number
}

/** Cuts a batch into micro-batches with weights that sum to 1 over `total` (all learned tokens of the step). */
export function microBatches(batch: Batch, rows: number, length: number, seed: number, total: number): MicroBatch[] {
  const size = rows * length
  const part = <T extends Int32Array | Float32Array>(array: T, i: number) => array.slice(i * size, (i + 1) * size) as T
  return Array.from({ length: batch.tokens.length / size }, (_, i) => ({
    tokens: part(batch.tokens, i),
    targets: part(batch.targets, i),
    weights: part(batch.mask, i).map((w) => w / total),
    positions: part(batch.positions, i),
    documents: part(batch.documents, i),
    seed: (Math.imul(seed, 0x9e3779b1) + i) >>> 0,
  }))
}

/** Tokens that carry loss. */
export const learnedTokens = (batch: Batch): number => batch.mask.reduce((a, b) => a + b, 0)

/** The first rows of each validation source, always the same, and no row twice. */
export function validationSets(
  sources: readonly BatchSource[],
  tokenizer: Tokenizer,
  options: { rows: number; microRows: number; length: number; padding: number },
): ValidationSet[] {
  const { microRows, length, padding } = options
  const special = new Set(tokenizer.specialTokens.values())
  const order = { batch: microRows, sequence: length, seed: 0, shuffle: false, padding }
  return sources.map((source) => {
    const batches = new PackedBatches({ sources: [source], ...order })
    const set: ValidationSet = { name: nameOf(source.file), micro: [], tokens: 0, bytes: 0 }
    for (let batch = batches.next(); ; batch = batches.next()) {
      // The first batch counts even where a source has fewer rows than a micro-batch.
      if (set.micro.length > 0 && batches.epochs()[0] > 1) break
      set.micro.push(...microBatches(batch, microRows, length, 0, 1))
      set.tokens += learnedTokens(batch)
      for (const [i, id] of batch.targets.entries())
        if (batch.mask[i] > 0 && !special.has(id)) set.bytes += tokenizer.tokenBytes(id).length
      if (batches.rows >= options.rows) break
    }
    batches.close()
    return set
  })
}

const nameOf = (file: string | TokenFile): string =>
  basename(typeof file === 'string' ? file : file.path).replace(/[.-]validation$/, '')

/** Scores every set with the weights as they are now. */
export async function evaluateSets(replicas: Replicas, sets: readonly ValidationSet[]): Promise<Record<string, Score>> {
  const scores: Record<string, Score> = {}
  for (const set of sets) {
    if (set.tokens === 0) continue
    const nats = await replicas.evaluate(set.micro)
    scores[set.name] = { loss: nats / set.tokens, bitsPerByte: nats / Math.LN2 / Math.max(1, set.bytes) }
  }
  return scores
}
