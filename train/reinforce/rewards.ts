/** From the score of an answer to what each of its tokens is worth. */
import { type Check, judge } from '#data/judge'

type Rule = Omit<Check, 'turn'>

/** By rules: whether all hold (1 or 0), or the share that holds. Without rules there is no telling: 0. */
export function ruleScore(rules: readonly Rule[], answer: string, by: 'all' | 'share'): number {
  if (rules.length === 0) return 0
  const held = rules.filter((rule) => judge(rule as Check, answer).right).length
  return by === 'all' ? Number(held === rules.length) : held / rules.length
}

export interface ShapingOptions {
  klCoefficient: number
  noEndPenalty: number
  tokenPenalty: number
}

/** The score less what is taken for length: an answer that does not end, and every token. */
export const shapedScore = (
  score: number,
  { ended, length }: { ended: boolean; length: number },
  { noEndPenalty, tokenPenalty }: Omit<ShapingOptions, 'klCoefficient'>,
): number => score - (ended ? 0 : noEndPenalty) - tokenPenalty * length

/**
 * Rewards of tokens: −β·(log π − log ρ) at each, and the score at an answer's last (Ziegler 2019, arXiv:1909.08593,
 * equation 2). `units` says where answers begin.
 */
export function tokenRewards(
  of: { units: Uint32Array; logProbs: Float32Array; reference: Float32Array; scores: ArrayLike<number> },
  klCoefficient: number,
): Float32Array {
  const { units, logProbs, reference, scores } = of
  const rewards = logProbs.map((logProb, i) => -klCoefficient * (logProb - reference[i]))
  for (let unit = 0; unit + 1 < units.length; unit++) rewards[units[unit + 1] - 1] += scores[unit]
  return rewards
}

/** Deviation 1, in place, the mean as it was (as in the published code of Ziegler 2019). */
export function whitenKeepingMean(values: Float32Array): void {
  if (values.length < 2) return
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const scale = 1 / Math.sqrt(squares / values.length + 1e-8)
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) * scale + mean
}

/** K of Ziegler 2019's controller, and the range of its error. */
const gain = 0.1
const errorRange = 0.2

/** The coefficient after a rollout with this divergence: β·(1 + K·clip(kl / target − 1, ±0.2)) (Ziegler 2019, section 2.2). */
export function steeredCoefficient(coefficient: number, kl: number, target: number | null): number {
  if (target === null) return coefficient
  const error = Math.min(errorRange, Math.max(-errorRange, kl / target - 1))
  return coefficient * (1 + gain * error)
}

/**
 * Advantages within groups of `size` answers in a row: (score − mean) / deviation (Shao 2024, arXiv:2402.03300, section
 * 4.1.2), the same for each token of an answer; 0 where all of a group scored alike.
 */
export function groupAdvantages(scores: ArrayLike<number>, size: number, units: Uint32Array): Float32Array {
  const advantages = new Float32Array(units[units.length - 1])
  for (let first = 0; first < scores.length; first += size) {
    const group = Array.from({ length: size }, (_, i) => scores[first + i])
    const mean = group.reduce((sum, score) => sum + score, 0) / size
    const deviation = Math.sqrt(group.reduce((sum, score) => sum + (score - mean) ** 2, 0) / size)
    for (const [i, score] of group.entries()) {
      const value = deviation < 1e-8 ? 0 : (score - mean) / deviation
      advantages.fill(value, units[first + i], units[first + i + 1])
    }
  }
  return advantages
}

/** The best answer of each group of `size` in a row, the first of equals. */
export const bestOfGroups = (scores: ArrayLike<number>, size: number): Uint32Array =>
  Uint32Array.from({ length: scores.length / size }, (_, group) => {
    let best = group * size
    for (let i = best + 1; i < (group + 1) * size; i++) if (scores[i] > scores[best]) best = i
    return best
  })
