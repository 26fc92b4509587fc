/** The loss of a language model, with its logits never stored beyond a block of rows. */
import { add, exp, mul, neg, sub } from './elementwise.ts'
import { ShapeError, show, type Tensor, withGradient } from './graph.ts'
import { addRows, gatherRows, takeAlong, zeros } from './indexing.ts'
import { matmul } from './matmul.ts'
import { logSoftmax } from './normalise.ts'
import { sum } from './reduce.ts'
import { concat, reshape, slice } from './reshape.ts'

export interface CrossEntropy {
  /** Σ weight · −log p(target), a scalar. */
  loss: Tensor
  /** −log p(target) of each row, in nats; what is built on it is differentiated in blocks too. */
  nll: Tensor
}

/**
 * Cross-entropy of softmax(h · tableᵀ) against int64 targets: h [rows, width], table [vocabulary, width], targets and
 * weights [rows]. Logits are made, used and dropped in blocks of `block` rows, in both directions.
 * With P the probabilities and w the weights, dh = w·(P·table − table[target]) and dtable = Pᵀ·(w·h) − (w·h at target):
 * the one-hot matrix is never subtracted from P.
 */
export function linearCrossEntropy(
  h: Tensor,
  table: Tensor,
  targets: Tensor,
  weights: Tensor,
  block = 128,
): CrossEntropy {
  const [rows, width] = h.shape
  if (h.rank !== 2 || rows === 0 || table.shape[1] !== width || targets.size !== rows || weights.size !== rows)
    throw new ShapeError(
      `crossEntropy: h ${show(h.shape)}, table ${show(table.shape)}, targets ${show(targets.shape)}, weights ${show(weights.shape)}`,
    )
  const blockOf = (start: number, end: number) => {
    const logp = logSoftmax(matmul(slice(h, 0, start, end), table, { transposeB: true }))
    const picked = takeAlong(logp, reshape(slice(targets, 0, start, end), [end - start, 1]), 1)
    return { start, end, logp, nll: neg(reshape(picked, [end - start])) }
  }
  const starts = Array.from({ length: Math.ceil(rows / block) }, (_, i) => i * block)
  const blocks = starts.map((start) => blockOf(start, Math.min(rows, start + block)))
  const nll = concat(
    blocks.map((b) => b.nll),
    0,
  )
  const backward = (each: Tensor): Tensor[] => {
    const w = reshape(each, [rows, 1])
    const wh = mul(h, w)
    const parts = blocks.map(({ start, end, logp }) => {
      const p = exp(logp)
      return { dh: matmul(p, table), dtable: matmul(p, slice(wh, 0, start, end), { transposeA: true }) }
    })
    const dh = mul(
      sub(
        concat(
          parts.map((p) => p.dh),
          0,
        ),
        gatherRows(table, targets),
      ),
      w,
    )
    const atTargets = addRows(zeros(table.shape), targets, neg(wh))
    return [
      dh,
      add(
        parts.map((p) => p.dtable).reduce((a, b) => add(a, b)),
        atTargets,
      ),
    ]
  }
  return {
    loss: withGradient(sum(mul(nll, weights)), [h, table], (g) => backward(mul(weights, g))),
    nll: withGradient(nll, [h, table], backward),
  }
}
