/** What has been said before, and what that does to the logits. */
import type { Sampling } from '../decoding.ts'

export class History {
  /** Tokens of the prompt and the answer. */
  private readonly seen = new Set<number>()
  /** How often each token stands in the answer. */
  private readonly counts = new Map<number, number>()
  private readonly sampling: Sampling

  constructor(promptIds: Uint32Array, sampling: Sampling) {
    this.sampling = sampling
    if (sampling.repetitionPenalty !== 1) for (const id of promptIds) this.seen.add(id)
  }

  add(id: number): void {
    const { repetitionPenalty, presencePenalty, frequencyPenalty } = this.sampling
    if (repetitionPenalty !== 1) this.seen.add(id)
    if (presencePenalty !== 0 || frequencyPenalty !== 0) this.counts.set(id, (this.counts.get(id) ?? 0) + 1)
  }

  /**
   * Changes one row of logits in place. Repetition counts prompt and answer (CTRL, section 4.1); presence and frequency
   * count the answer alone, as vLLM does; then the bias is added.
   */
  apply(logits: Float32Array): void {
    const { repetitionPenalty, presencePenalty, frequencyPenalty, logitBias } = this.sampling
    for (const id of this.seen)
      logits[id] = logits[id] > 0 ? logits[id] / repetitionPenalty : logits[id] * repetitionPenalty
    for (const [id, count] of this.counts) logits[id] -= presencePenalty + count * frequencyPenalty
    for (const [id, bias] of logitBias) if (id < logits.length) logits[id] += bias
  }
}
