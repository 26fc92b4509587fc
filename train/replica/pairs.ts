/** Losses over pairs of answers, of which one is better: a reward model's and DPO's. */
import { add, cast, greater, mul, neg, notLess, softplus, sub } from '#tensor/elementwise'
import type { Tensor } from '#tensor/graph'
import { addRows, gatherRows, zeros } from '#tensor/indexing'
import { sum } from '#tensor/reduce'
import { concat, reshape } from '#tensor/reshape'
import type { DpoObjective } from '../objective.ts'

export interface Pairs {
  /** int64 [pairs]: places among the answers. */
  better: Tensor
  worse: Tensor
  /** Adds up to 1 over a step; 0 for what is only padding. */
  weights: Tensor
}

export interface PairLoss {
  loss: Tensor
  /** [loss, mean score of the better answers, of the worse ones, share of pairs in the right order]: sums over a step. */
  statistics: Tensor
}

/** −log σ(s_better − s_worse), weighted (Bradley and Terry 1952; Ouyang 2022, equation 1), for scores [answers]. */
export function bradleyTerry(scores: Tensor, pairs: Pairs): PairLoss {
  return pairLoss(scores, pairs, (margin) => softplus(neg(margin)))
}

/**
 * DPO (Rafailov 2023, equation 7) for log-probabilities of whole answers under the policy and under the model that it
 * started from: an answer's score is β · (log π − log π_reference). With label smoothing ε the loss is
 * −(1−ε)·log σ(m) − ε·log σ(−m); IPO's is (m/β − 1/(2β))² (Azar 2023, equation 17), over whole answers as there.
 */
export function dpoLoss(logProbs: Tensor, reference: Tensor, pairs: Pairs, objective: DpoObjective): PairLoss {
  const { beta, smoothing } = objective
  const scores = mul(sub(logProbs, reference), beta)
  return pairLoss(scores, pairs, (margin) => {
    if (objective.loss === 'ipo') {
      const off = sub(mul(margin, 1 / beta), 1 / (2 * beta))
      return mul(off, off)
    }
    const right = softplus(neg(margin))
    return smoothing === 0 ? right : add(mul(right, 1 - smoothing), mul(softplus(margin), smoothing))
  })
}

/** Log-probabilities of answers [answers] from those of tokens [tokens], summed where `answers` (int64) says. */
export function answerLogProbs(nll: Tensor, learned: Tensor, answers: Tensor, count: number): Tensor {
  const each = reshape(neg(mul(nll, learned)), [nll.size, 1])
  return reshape(addRows(zeros([count, 1]), answers, each), [count])
}

function pairLoss(scores: Tensor, { better, worse, weights }: Pairs, lossOf: (margin: Tensor) => Tensor): PairLoss {
  const column = reshape(scores, [scores.size, 1])
  const at = (places: Tensor) => reshape(gatherRows(column, places), [places.size])
  const [chosen, rejected] = [at(better), at(worse)]
  const margin = sub(chosen, rejected)
  const total = (x: Tensor) => sum(mul(x, weights))
  const loss = total(lossOf(margin))
  // Equal scores are half right.
  const right = mul(add(cast(greater(margin, 0), 'float32'), cast(notLess(margin, 0), 'float32')), 0.5)
  const parts = [loss, total(chosen), total(rejected), total(right)]
  return {
    loss,
    statistics: concat(
      parts.map((part) => reshape(part, [1])),
      0,
    ),
  }
}
