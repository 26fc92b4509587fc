/** From one row of logits to one token. */
import { expNegative } from './exponential.ts'
import { MaxHeap } from './max-heap.ts'

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
  /** Unnormalised probabilities, by token. */
  private readonly mass: Float64Array
  private readonly heap: MaxHeap

  constructor(vocabSize: number) {
    this.mass = new Float64Array(vocabSize)
    this.heap = new MaxHeap(vocabSize)
  }

  /**
   * A token drawn with `uniform` in [0, 1) from softmax(logits / temperature) after top-k, then top-p (of what top-k
   * left), then min-p. Temperature 0 is greedy. Among equals the lower token counts as likelier.
   */
  sample(logits: Float32Array, filters: Filters, uniform: number): number {
    const { temperature, topK, topP, minP } = filters
    if (temperature === 0) return argmax(logits)
    const peak = logits[argmax(logits)]
    // A bias of +Infinity or an overflowed logit leaves no distribution to draw from, only a winner.
    if (!Number.isFinite(peak)) return argmax(logits)
    const total = this.exponentiate(logits, peak, 1 / temperature)
    const limited = topK > 0 && topK < logits.length
    if (!limited && topP >= 1) return this.drawAll(total, minP, uniform)
    return this.drawBest(total, limited ? topK : logits.length, topP, minP, uniform)
  }

  private exponentiate(logits: Float32Array, peak: number, inverse: number): number {
    const { mass } = this
    let total = 0
    for (let id = 0; id < logits.length; id++) {
      const m = expNegative((logits[id] - peak) * inverse)
      mass[id] = m
      total += m
    }
    return total
  }

  /** The likeliest token has mass 1, so min-p compares masses as they are. */
  private drawAll(total: number, minP: number, uniform: number): number {
    const { mass } = this
    let kept = total
    if (minP > 0) {
      kept = 0
      for (let id = 0; id < mass.length; id++) if (mass[id] >= minP) kept += mass[id]
    }
    let left = uniform * kept
    let last = 0
    for (let id = 0; id < mass.length; id++) {
      if (mass[id] < minP || mass[id] === 0) continue
      left -= mass[id]
      last = id
      if (left < 0) return id
    }
    return last
  }

  private drawBest(total: number, topK: number, topP: number, minP: number, uniform: number): number {
    const { mass, heap } = this
    // Tokens below this share hold less than 1 − topP together: the nucleus lies wholly above.
    const floor = topK < mass.length ? 0 : ((1 - topP) * total) / mass.length
    heap.clear()
    for (let id = 0; id < mass.length; id++) if (mass[id] >= floor && mass[id] > 0) heap.offer(id)
    heap.build(mass)
    const { ids, whole } = this.takeBest(topK, topP < 1 ? topP : 2, total)
    let sum = 0
    let nucleus = 0
    let count = 0
    for (const id of ids) {
      if (count > 0 && (nucleus >= topP * whole || mass[id] < minP)) break
      nucleus += mass[id]
      sum += mass[id]
      count++
    }
    let left = uniform * sum
    for (let i = 0; i < count; i++) {
      left -= mass[ids[i]]
      if (left < 0) return ids[i]
    }
    return ids[count - 1]
  }

  /** The likeliest tokens in falling order, and the mass that top-p is a share of. */
  private takeBest(topK: number, topP: number, total: number): { ids: number[]; whole: number } {
    const { mass, heap } = this
    const limited = topK < mass.length
    const ids: number[] = []
    let sum = 0
    while (heap.size > 0 && ids.length < topK && (limited || sum < topP * total)) {
      const id = heap.pop(mass)
      ids.push(id)
      sum += mass[id]
    }
    return { ids, whole: limited ? sum : total }
  }
}
