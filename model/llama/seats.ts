/**
 * The sequences of llama.cpp's memory. A seat keeps what was computed for who left it, and whoever sits down there next
 * goes on from what the two have in common, if both are of one owner: nobody learns from a reply's speed what others asked.
 */
import type { Sequence } from '../decoding/sequence.ts'
import type { AddonContext, AddonSampler } from './addon.ts'

export interface Seat {
  readonly number: number
  readonly sampler: AddonSampler
  /** Tokens whose keys and values are there. */
  tokens: number[]
  sequence: Sequence
}

interface Place {
  readonly number: number
  readonly sampler: AddonSampler
  tokens: number[]
  owner: string
  left: number
  sequence: Sequence | null
}

export class Seats {
  private readonly context: AddonContext
  private readonly places: Place[]
  private leaves = 0

  constructor(context: AddonContext, count: number, newSampler: () => AddonSampler) {
    this.context = context
    this.places = Array.from({ length: count }, (_, number) => {
      return { number, sampler: newSampler(), tokens: [], owner: '', left: 0, sequence: null }
    })
  }

  get taken(): Seat[] {
    return this.places.filter((place): place is Place & Seat => place.sequence !== null)
  }

  /** Tokens that are kept for prompts to come. */
  get keptTokens(): number {
    return this.places.reduce((sum, { sequence, tokens }) => sum + (sequence === null ? tokens.length : 0), 0)
  }

  /** There is a free place: the line lets no more through than there are. */
  take(sequence: Sequence): void {
    const free = this.places.filter((place) => place.sequence === null)
    const common = (place: Place) => (sequence.wantsPrompt ? 0 : commonTokens(place, sequence))
    const [best] = free.sort((a, b) => common(b) - common(a) || a.tokens.length - b.tokens.length || a.left - b.left)
    const kept = this.cut(best, common(best))
    sequence.cached = sequence.prefilled = kept
    best.owner = sequence.owner
    best.sequence = sequence
    const { temperature, topK, topP, minP, seed } = sequence.sampling
    best.sampler.applyConfig({ temperature, topK, topP, minP, seed: seed >>> 0 })
  }

  leave({ number }: Seat): void {
    const place = this.places[number]
    place.sequence = null
    place.left = ++this.leaves
  }

  /** Keeps the first tokens of a place. Some models cannot forget a part: then all goes. */
  private cut(place: Place, count: number): number {
    if (count < place.tokens.length) {
      const done = count > 0 && this.context.removeTokenCellsFromSequence(place.number, count, -1)
      if (!done) this.context.disposeSequence(place.number)
      place.tokens.length = done ? count : 0
    }
    return place.tokens.length
  }
}

/** The last token of a prompt is always computed: its logits are wanted. */
function commonTokens({ tokens, owner }: Place, { promptIds, owner: asking }: Sequence): number {
  if (owner !== asking) return 0
  const most = Math.min(tokens.length, promptIds.length - 1)
  let common = 0
  while (common < most && tokens[common] === promptIds[common]) common++
  return common
}
