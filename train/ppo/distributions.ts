/** Log-probabilities and entropies of actions as expressions. */
import { add, div, exp, mul, neg, sub } from '#tensor/elementwise'
import type { Tensor } from '#tensor/graph'
import { takeAlong } from '#tensor/indexing'
import { logSoftmax } from '#tensor/normalise'
import { sum } from '#tensor/reduce'
import { broadcastTo, reshape } from '#tensor/reshape'

export interface ActionTerms {
  /** Each [rows]. */
  logProb: Tensor
  entropy: Tensor
}

/** softmax(logits) for logits [rows, n] and int64 actions [rows]. */
export function categorical(logits: Tensor, actions: Tensor): ActionTerms {
  const [rows] = logits.shape
  const logp = logSoftmax(logits)
  const logProb = reshape(takeAlong(logp, reshape(actions, [rows, 1]), 1), [rows])
  return { logProb, entropy: neg(sum(mul(exp(logp), logp), [1])) }
}

/** Independent normal distributions: means and actions [rows, width], logarithms of the deviations [width]. */
export function diagonalGaussian(mean: Tensor, logDeviation: Tensor, actions: Tensor): ActionTerms {
  const [rows, width] = mean.shape
  const distance = div(sub(actions, mean), exp(logDeviation))
  const each = add(mul(mul(distance, distance), 0.5), add(logDeviation, 0.5 * Math.log(2 * Math.PI)))
  const spread = sum(add(logDeviation, 0.5 * Math.log(2 * Math.PI * Math.E)))
  return { logProb: neg(sum(each, [1])), entropy: broadcastTo(reshape(spread, [1]), [rows * Math.min(1, width)]) }
}
