/** Gaps in text, for an encoder to fill (Devlin 2018, arXiv:1810.04805, section 3.1). */
import type { Batch } from '#data/packing'
import { mix, seededRandom } from '#data/shuffle'

export interface MaskingOptions {
  /** Of the tokens that may be learnt. */
  share: number
  /** The token that stands in a gap. */
  gap: number
  /** Tokens from here on, such as control tokens, never stand in for another. */
  vocabulary: number
  seed: number
}

/** Of the tokens that are asked for, most are taken away, some are another one, and some are left as they are. */
const gapShare = 0.8
const otherShare = 0.1

/**
 * The same rows with gaps: each target is the token that stood there, and what is learnt are the gaps alone. `batch` is one
 * for the next token: what may be learnt there (its mask, one place on) may be asked for here.
 */
export function withGaps(batch: Batch, { share, gap, vocabulary, seed }: MaskingOptions): Batch {
  const random = seededRandom(mix(seed, 0x6d61736b))
  const tokens = batch.tokens.slice()
  const targets = batch.tokens.slice()
  const mask = new Float32Array(batch.mask.length)
  for (const [at, document] of batch.documents.entries()) {
    // The token here was foretold from the place before it, unless a document begins here.
    const known = at > 0 && batch.documents[at - 1] === document && batch.mask[at - 1] > 0
    if (!known || random() >= share) continue
    mask[at] = 1
    const kind = random()
    if (kind < gapShare) tokens[at] = gap
    else if (kind < gapShare + otherShare) tokens[at] = Math.floor(random() * vocabulary)
  }
  return { ...batch, tokens, targets, mask }
}
