/** A reward model: the decoder with a head of one number, read at the token that ends an answer (Ouyang 2022, section 3.5). */
import type { Tensor } from '#tensor/graph'
import { gatherRows } from '#tensor/indexing'
import { linear } from '#tensor/matmul'
import { reshape } from '#tensor/reshape'
import { type GptConfig, type ParameterSpec, parameterSpecs } from './config.ts'
import { hiddenStates, type Parameters, type Sequences } from './gpt.ts'

/** The head [1, width], under the name that Hugging Face's sequence classifiers give it. */
export const rewardHead = 'score.weight'

/** Every trainable array of a reward model: the decoder's without its output matrix, then the head. */
export function rewardSpecs(config: GptConfig): ParameterSpec[] {
  const body = parameterSpecs({ ...config, tiedEmbeddings: true })
  return [...body, { name: rewardHead, shape: [1, config.width], kind: 'embedding' }]
}

/** The rewards at int64 places `ends` of the flat tokens, [ends]. */
export function rewardsAt(config: GptConfig, parameters: Parameters, of: Sequences, ends: Tensor): Tensor {
  const head = parameters.get(rewardHead)
  if (!head) throw new Error(`the reward model needs a parameter "${rewardHead}" that was not given`)
  const states = gatherRows(hiddenStates(config, parameters, of), ends)
  return reshape(linear(states, head), [ends.size])
}
