/** A head over whole texts: classes by their likelihood, or a number by the square of what it is off. */
import type { GptConfig } from '#model/config'
import { meanOfStates } from '#model/embedder'
import type { Parameters, Sequences } from '#model/gpt'
import { mul, neg, sub } from '#tensor/elementwise'
import { input, type Tensor } from '#tensor/graph'
import { linear } from '#tensor/matmul'
import { sum } from '#tensor/reduce'
import { reshape } from '#tensor/reshape'
import { classHead, type HeadObjective } from '../objective.ts'
import { categorical } from '../ppo/distributions.ts'

/**
 * `weights` say how much of each token is in the vector of its row: all of the last, or an equal share of every one.
 * `rowWeights` add up to 1 over a step. `values` are what the head says, [rows · outputs].
 */
export function headExpressions(
  config: GptConfig,
  parameters: Parameters,
  of: Sequences & { weights: Tensor },
  { outputs, bothWays }: HeadObjective,
): { loss: Tensor; statistics: Tensor; values: Tensor } {
  const rows = of.batch
  const texts = meanOfStates(config, parameters, { ...of, bothWays }, of.weights)
  const said = linear(texts, parameters.get(classHead.weight) as Tensor, parameters.get(classHead.bias) as Tensor)
  const rowWeights = input('rowWeights', [rows])
  const loss = sum(mul(rowWeights, outputs === 1 ? squares(said, rows) : neg(logProbs(said, rows))))
  return { loss, statistics: reshape(loss, [1]), values: reshape(said, [rows * outputs]) }
}

const logProbs = (said: Tensor, rows: number): Tensor => categorical(said, input('classes', [rows], 'int64')).logProb

function squares(said: Tensor, rows: number): Tensor {
  const off = sub(reshape(said, [rows]), input('scores', [rows]))
  return mul(off, off)
}
