/** The loss of texts that belong together, against all others of the batch. */
import { add, cast, div, mul, neg, notLess, sqrt } from '#tensor/elementwise'
import { constant, type Tensor } from '#tensor/graph'
import { matmul } from '#tensor/matmul'
import { logSoftmax } from '#tensor/normalise'
import { max, sum, sumSquares } from '#tensor/reduce'
import { concat, reshape, slice } from '#tensor/reshape'
import type { ContrastiveObjective } from '../objective.ts'

/** Added to a square of a length before its root: a text without tokens has none. */
const tiny = 1e-12

/**
 * InfoNCE in both directions (van den Oord 2018; Radford 2021, CLIP) over texts [2 · pairs, width], queries first, then
 * their targets; `weights` [pairs] add up to 1 over a step. It is the mean over several lengths to which the vectors are
 * cut (Kusupati 2022, Matryoshka), so that a vector's beginning is a vector too. Statistics: the loss, and the share of
 * queries whose target is the likeliest of the batch.
 */
export function infoNce(texts: Tensor, weights: Tensor, { temperature, cuts }: ContrastiveObjective) {
  const [rows, width] = texts.shape
  const pairs = rows / 2
  const weight = reshape(weights, [pairs, 1])
  const right = mul(constant(diagonal(pairs), [pairs, pairs]), weight)
  const parts = cuts.map((cut) => {
    const units = unitRows(cut === width ? texts : slice(texts, 1, 0, cut))
    const [queries, targets] = [slice(units, 0, 0, pairs), slice(units, 0, pairs, rows)]
    const likelihood = (of: Tensor, among: Tensor) =>
      logSoftmax(mul(matmul(of, among, { transposeB: true }), 1 / temperature))
    const there = likelihood(queries, targets)
    const back = likelihood(targets, queries)
    return { loss: neg(mul(sum(mul(add(there, back), right)), 0.5)), there }
  })
  const loss = mul(
    parts.map((part) => part.loss).reduce((a, b) => add(a, b)),
    1 / cuts.length,
  )
  const found = cast(notLess(parts[0].there, max(parts[0].there, [1], true)), 'float32')
  const statistics = concat([reshape(loss, [1]), reshape(sum(mul(found, right)), [1])], 0)
  return { loss, statistics, values: texts }
}

const unitRows = (x: Tensor): Tensor => div(x, sqrt(add(sumSquares(x, [1], true), tiny)))

function diagonal(size: number): Float32Array {
  const values = new Float32Array(size * size)
  for (let at = 0; at < size; at++) values[at * size + at] = 1
  return values
}
