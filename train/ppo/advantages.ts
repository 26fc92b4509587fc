import { type Experience, end } from './ports.ts'

export interface Estimates {
  advantages: Float64Array
  /** What the value model should have said: advantage plus value, the λ-return. */
  targets: Float64Array
}

/**
 * Generalised advantage estimation (Schulman 2016, arXiv:1506.02438, equation 16) from the last decision to the first:
 * δ = r + γ·V(next) − V and A = δ + γλ·A(next). After a terminated decision V(next) and A(next) are 0; after a cut one
 * V(next) is its bootstrap value and A(next) is 0.
 */
export function generalisedAdvantages(
  { count, rewards, values, ends, bootstrap }: Pick<Experience, 'count' | 'rewards' | 'values' | 'ends' | 'bootstrap'>,
  gamma: number,
  lambda: number,
): Estimates {
  if (count > 0 && ends[count - 1] === end.none)
    throw new RangeError('generalisedAdvantages: the last decision must be marked as terminated or cut')
  const advantages = new Float64Array(count)
  const targets = new Float64Array(count)
  let carried = 0
  for (let i = count - 1; i >= 0; i--) {
    const follows = ends[i] === end.none
    const next = follows ? values[i + 1] : ends[i] === end.cut ? bootstrap[i] : 0
    carried = rewards[i] + gamma * next - values[i] + (follows ? gamma * lambda * carried : 0)
    advantages[i] = carried
    targets[i] = carried + values[i]
  }
  return { advantages, targets }
}

/** Mean 0 and deviation 1, in place; the deviation divides by n − 1, and 1e-8 keeps equal values at 0. */
export function normalise(values: Float32Array | Float64Array): void {
  if (values.length < 2) return
  let mean = 0
  for (const value of values) mean += value
  mean /= values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  const scale = 1 / (Math.sqrt(squares / (values.length - 1)) + 1e-8)
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) * scale
}

/** 1 − Var(target − value) / Var(target): 1 for a perfect value model, 0 for one that knows the mean alone. */
export function explainedVariance(values: ArrayLike<number>, targets: ArrayLike<number>): number {
  const all = variance(targets.length, (i) => targets[i])
  return all === 0 ? 0 : 1 - variance(targets.length, (i) => targets[i] - values[i]) / all
}

function variance(count: number, at: (i: number) => number): number {
  let mean = 0
  for (let i = 0; i < count; i++) mean += at(i) / count
  let squares = 0
  for (let i = 0; i < count; i++) squares += (at(i) - mean) ** 2 / count
  return squares
}
