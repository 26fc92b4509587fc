/** What a policy and a value model compute over answers: losses to learn by, and what a rollout has to know of each token. */
import type { GptConfig } from '#model/config'
import { hiddenStates, languageLoss, logitsOf, type Parameters, type Sequences } from '#model/gpt'
import { rewardHead, rewardsAt } from '#model/reward'
import { add, exp, mul, neg, sub } from '#tensor/elementwise'
import { input, type Tensor } from '#tensor/graph'
import { gatherRows, zeros } from '#tensor/indexing'
import { linear } from '#tensor/matmul'
import { sum } from '#tensor/reduce'
import { concat, reshape } from '#tensor/reshape'
import type { ActorObjective, CriticObjective } from '../objective.ts'
import { categorical } from '../ppo/distributions.ts'
import { listed, policyTerms, valueTerm } from '../ppo/loss.ts'

/** The statistics of a policy's step, in their order; text that is mixed in gives the last alone. */
export const actorStatistics = ['loss', 'policy', 'kl', 'entropy', 'clipFraction', 'referenceKl', 'text'] as const

/** A trained model and the frozen one beside it, under the same names. */
interface Both {
  parameters: Parameters
  reference: Parameters
}

interface Learned {
  loss: Tensor
  statistics: Tensor
  values: Tensor
}

/**
 * Of the tokens at `places` (where a decision is made) and the `actions` there. `values` are the log-probabilities of all
 * actions, the entropies, and the log-probabilities under the reference, one row after the other.
 */
export function actorExpressions(config: GptConfig, both: Both, of: Sequences, objective: ActorObjective): Learned {
  const { places: count, temperature, entropyWeight, klWeight } = objective
  const places = input('places', [count], 'int64')
  const actions = input('actions', [count], 'int64')
  const column = (name: string) => input(name, [count])
  const terms = (parameters: Parameters) => {
    const states = gatherRows(hiddenStates(config, parameters, of), places)
    const logits = logitsOf(config, parameters, states)
    return categorical(temperature === 1 ? logits : mul(logits, 1 / temperature), actions)
  }
  const own = terms(both.parameters)
  const values = concat([own.logProb, own.entropy, terms(both.reference).logProb], 0)
  const weight = column('weight')
  const oldLogProb = column('oldLogProb')
  const parts = policyTerms({ ...own, oldLogProb, advantage: column('advantage'), weight }, input('clip', []))
  const policy = objective.loss === 'clipped' ? parts.policy : neg(sum(mul(own.logProb, weight)))
  const referenceKl = sum(mul(divergence(own.logProb, column('referenceLogProb')), weight))
  const loss = add(sub(policy, mul(parts.entropy, entropyWeight)), mul(referenceKl, klWeight))
  const none = sum(zeros([1]))
  return {
    loss,
    statistics: listed([loss, policy, parts.kl, parts.entropy, parts.outside, referenceKl, none]),
    values,
  }
}

/** exp(d) − d − 1 for d = log reference − log policy: never negative, and the divergence on average (Schulman 2020, k3). */
function divergence(logProb: Tensor, reference: Tensor): Tensor {
  const apart = sub(reference, logProb)
  return sub(sub(exp(apart), apart), 1)
}

/** Text that a policy goes on learning from, weighted by `weights`: PPO-ptx (Ouyang 2022, equation 2). */
export function textExpressions(
  config: GptConfig,
  parameters: Parameters,
  of: Sequences & { targets: Tensor; weights: Tensor },
): Learned {
  const { loss, nll } = languageLoss(config, parameters, of, of.targets, of.weights)
  const none = zeros([actorStatistics.length - 1])
  return {
    loss,
    statistics: concat([none, reshape(loss, [1])], 0),
    values: reshape(sum(mul(nll, of.weights)), [1]),
  }
}

/** `values` are the value of each decision's state, then the reward at the end of each answer where it is judged. */
export function criticExpressions(config: GptConfig, both: Both, of: Sequences, objective: CriticObjective): Learned {
  const { places: count, answers, valueClip, judged } = objective
  const column = (name: string) => input(name, [count])
  const head = both.parameters.get(rewardHead) as Tensor
  const states = gatherRows(hiddenStates(config, both.parameters, of), input('places', [count], 'int64'))
  const value = reshape(linear(states, head), [count])
  const loss = valueTerm(
    { value, oldValue: column('oldValue'), target: column('target'), weight: column('weight') },
    valueClip,
  )
  const rewards = judged ? [rewardsAt(config, both.reference, of, input('ends', [answers], 'int64'))] : []
  return { loss, statistics: reshape(loss, [1]), values: concat([value, ...rewards], 0) }
}
