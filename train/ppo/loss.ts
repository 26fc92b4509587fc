/** The loss of PPO as an expression, for whatever gives log-probabilities, entropies and values of decisions. */
import { abs, add, cast, exp, greater, maximum, minimum, mul, sub } from '#tensor/elementwise'
import type { Tensor } from '#tensor/graph'
import { sum } from '#tensor/reduce'
import { concat, reshape } from '#tensor/reshape'

/** What the policy's part needs: one value for each decision, all of one shape. */
export interface PolicyDecisions {
  logProb: Tensor
  entropy: Tensor
  oldLogProb: Tensor
  advantage: Tensor
  /** Adds up to 1 over a minibatch; 0 for what is only padding. */
  weight: Tensor
}

/** What the value model's part needs. */
export interface ValueDecisions {
  value: Tensor
  oldValue: Tensor
  /** What the value should be. */
  target: Tensor
  weight: Tensor
}

export type Decisions = PolicyDecisions & ValueDecisions

export interface LossOptions {
  /** Range of the ratio around 1: a scalar. */
  clip: Tensor
  /** How far a value may move from the old one before its loss no longer falls; null: as far as it likes. */
  valueClip: number | null
  valueWeight: number
  entropyWeight: number
}

/**
 * −min(r·A, clip(r)·A) + valueWeight·(V − target)² − entropyWeight·H, weighted (Schulman 2017, arXiv:1707.06347,
 * equations 7 and 9). With value clipping the larger of the two squared errors counts (OpenAI Baselines' ppo2).
 * `statistics` is [loss, policy, value, entropy, kl, clip fraction].
 */
export function ppoLoss(of: Decisions, options: LossOptions): { loss: Tensor; statistics: Tensor } {
  const { clip, valueClip, valueWeight, entropyWeight } = options
  const { policy, entropy, kl, outside } = policyTerms(of, clip)
  const value = valueTerm(of, valueClip)
  const loss = sub(add(policy, mul(value, valueWeight)), mul(entropy, entropyWeight))
  return { loss, statistics: listed([loss, policy, value, entropy, kl, outside]) }
}

/** The clipped objective, the entropy, the divergence from the policy that acted and the share outside the range: scalars. */
export function policyTerms(of: PolicyDecisions, clip: Tensor) {
  const total = (x: Tensor) => sum(mul(x, of.weight))
  const logRatio = sub(of.logProb, of.oldLogProb)
  const ratio = exp(logRatio)
  const clipped = minimum(maximum(ratio, sub(1, clip)), add(1, clip))
  return {
    policy: mul(total(minimum(mul(ratio, of.advantage), mul(clipped, of.advantage))), -1),
    entropy: total(of.entropy),
    kl: total(sub(sub(ratio, 1), logRatio)),
    outside: total(cast(greater(abs(sub(ratio, 1)), clip), 'float32')),
  }
}

/** Scalars as one row. */
export const listed = (parts: readonly Tensor[]): Tensor =>
  concat(
    parts.map((x) => reshape(x, [1])),
    0,
  )

/** (V − target)², weighted; with clipping the larger of that and the error of a value held near the old one. */
export function valueTerm({ value, oldValue, target, weight }: ValueDecisions, valueClip: number | null): Tensor {
  const squared = (x: Tensor) => mul(x, x)
  const free = squared(sub(value, target))
  if (valueClip === null) return sum(mul(free, weight))
  const moved = minimum(maximum(sub(value, oldValue), -valueClip), valueClip)
  return sum(mul(maximum(free, squared(sub(add(oldValue, moved), target))), weight))
}
