/** From one row of logits to one token. */
import { expNegative } from './exponential.ts'
import { findBoundary } from './selection.ts'

export interface Filters {
  temperature: number
  topK: number
  topP: number
  minP: number
}

/** The likeliest token; the first of equals. */
export function argmax(logits: Float32Array): number {
  let best = 0
  let most = logits[0]
  for (let id = 1; id < logits.length; id++) {
    if (logits[id] > most) {
      most = logits[id]
      best = id
    }
  }
  return best
}

/** Samples rows of one vocabulary; holds scratch arrays, so one serves all sequences in turn. */
export class Sampler {
  /** Unnormalised probabilities: the likeliest token has 1, what top-k dropped has 0. */
  private readonly mass: Float64Array
  private readonly ids: Int32Array

  constructor(vocabSize: number) {
    this.mass = new Float64Array(vocabSize)
    this.ids = new Int32Array(vocabSize)
  }

  /**
   * A token drawn with `uniform` in [0, 1) from softmax(logits / temperature) after top-k, then top-p (of what top-k
   * left), then min-p. Temperature 0 is greedy. Among equals the lower token counts as likelier. What is kept is drawn
   * from in the order of ids, so that a last bit in the logits moves the draw's borders by as little.
   */
  sample(logits: Float32Array, filters: Filters, uniform: number): number {
    const { temperature, topK, topP, minP } = filters
    const best = argmax(logits)
    const peak = logits[best]
    // A bias of +Infinity or an overflowed logit leaves no distribution to draw from, only a winner.
    if (temperature === 0 || !Number.isFinite(peak)) return best
    if (topK > 0 && topK < logits.length) this.limit(logits, peak, 1 / temperature, topK)
    else this.exponentiate(logits, peak, 1 / temperature)
    if (topP < 1) this.nucleus(logits, topP)
    return this.draw(minP, uniform, best)
  }

  private exponentiate(logits: Float32Array, peak: number, inverse: number): void {
    const { mass } = this
    for (let id = 0; id < logits.length; id++) mass[id] = expNegative((logits[id] - peak) * inverse)
  }

  /** As `exponentiate`, for the `topK` likeliest alone. */
  private limit(logits: Float32Array, peak: number, inverse: number, topK: number): void {
    const { mass, ids } = this
    for (let id = 0; id < ids.length; id++) ids[id] = id
    findBoundary(ids, ids.length, logits, null, topK)
    mass.fill(0)
    // The search leaves the ones it looked for in front.
    for (let at = 0; at < topK; at++) mass[ids[at]] = expNegative((logits[ids[at]] - peak) * inverse)
  }

  /** Drops all but the fewest likeliest tokens that hold the share `topP` of the mass. */
  private nucleus(logits: Float32Array, topP: number): void {
    const { mass, ids } = this
    let total = 0
    for (let id = 0; id < mass.length; id++) total += mass[id]
    // Tokens below this share hold less than 1 − topP together: the nucleus lies wholly above.
    const floor = ((1 - topP) * total) / mass.length
    let count = 0
    for (let id = 0; id < mass.length; id++) if (mass[id] > floor || mass[id] === 1) ids[count++] = id
    const { id: last, logit } = findBoundary(ids, count, logits, mass, topP * total)
    for (let id = 0; id < mass.length; id++) if (logits[id] < logit || (logits[id] === logit && id > last)) mass[id] = 0
  }

  private draw(minP: number, uniform: number, best: number): number {
    const { mass } = this
    let kept = 0
    for (let id = 0; id < mass.length; id++) if (mass[id] >= minP) kept += mass[id]
    let left = uniform * kept
    for (let id = 0; id < mass.length; id++) {
      if (mass[id] === 0 || mass[id] < minP) continue
      left -= mass[id]
      if (left < 0) return id
    }
    // Rounding alone leads here, or minP of 1 with several equals cut away by it.
    return best
  }
}
