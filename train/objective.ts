/** What a run trains and towards what: plain values, which go to every replica. */
import { type GptConfig, type ParameterSpec, parameterSpecs } from '#model/config'
import { embedderSpecs } from '#model/embedder'
import { type LoraConfig, loraSpecs } from '#model/lora'
import { rewardSpecs } from '#model/reward'

export interface DpoObjective {
  kind: 'dpo'
  /** How strongly the policy is held to the one it started from. */
  beta: number
  /** `sigmoid` is Rafailov 2023's loss; `ipo` Azar 2023's, which does not push pairs apart without end. */
  loss: 'sigmoid' | 'ipo'
  /** Share of the pairs that are taken to be the wrong way round (Mitchell 2023). */
  smoothing: number
}

/** A policy that learns from the answers it gave, with the model that it is held to beside it. */
export interface ActorObjective {
  kind: 'actor'
  /** PPO's clipped objective, or plainly the likelihood of answers that were chosen. */
  loss: 'clipped' | 'likelihood'
  /** Logits are divided by it, as they were when the answers were drawn. */
  temperature: number
  entropyWeight: number
  /** Weight of the divergence from the reference in the loss itself (Shao 2024, equation 4). */
  klWeight: number
  /** Decisions that a micro-batch has room for. */
  places: number
}

/** A value model, with the reward model beside it where there is one. */
export interface CriticObjective {
  kind: 'critic'
  valueClip: number | null
  judged: boolean
  places: number
  /** Answers that a micro-batch has room for. */
  answers: number
}

/** An embedding model, which tells the text that belongs to another one from the rest of its batch. */
export interface ContrastiveObjective {
  kind: 'contrastive'
  /** Cosines are divided by it. */
  temperature: number
  /** Lengths to which the vectors are cut, the whole first. */
  cuts: readonly number[]
}

/** A head over one vector of each row: the mean of its tokens that count, by their weights. */
export interface HeadObjective {
  kind: 'head'
  /** Classes; 1 is a number, which is learnt by the square of what it is off. */
  outputs: number
  bothWays: boolean
}

export type Objective =
  | { kind: 'language' }
  /** Tokens are taken away and foretold from both sides (Devlin 2018, section 3.1). */
  | { kind: 'masked' }
  | HeadObjective
  | { kind: 'reward' }
  | DpoObjective
  | ActorObjective
  | CriticObjective
  | ContrastiveObjective

export interface TrainedModel {
  config: GptConfig
  objective: Objective
  /** Trains these low-rank matrices alone, beside a model that stays as it is. */
  lora: LoraConfig | null
}

/** Every array that training changes. */
export function trainedSpecs({ config, objective, lora }: TrainedModel): ParameterSpec[] {
  if (lora) return loraSpecs(config, lora)
  if (objective.kind === 'contrastive') return embedderSpecs(config)
  if (objective.kind === 'head') return headSpecs(config, objective)
  return objective.kind === 'reward' || objective.kind === 'critic' ? rewardSpecs(config) : parameterSpecs(config)
}

export const classHead = { weight: 'classifier.weight', bias: 'classifier.bias' } as const

/** The model's body and a head of its own. */
export function headSpecs(config: GptConfig, { outputs }: HeadObjective): ParameterSpec[] {
  return [
    ...parameterSpecs({ ...config, tiedEmbeddings: true }),
    { name: classHead.weight, shape: [outputs, config.width], kind: 'embedding' },
    { name: classHead.bias, shape: [outputs], kind: 'bias' },
  ]
}

/** What the names of a frozen model begin with where a trained one has arrays of the same names. */
export const referencePrefix = 'reference.'

/** Every array that stays as it is: the model beside an adapter, or the one that a policy or a value model started from. */
export function frozenSpecs({ config, objective, lora }: TrainedModel): ParameterSpec[] {
  if (lora) return parameterSpecs(config)
  const beside = (specs: ParameterSpec[]) => specs.map((spec) => ({ ...spec, name: referencePrefix + spec.name }))
  if (objective.kind === 'actor') return beside(parameterSpecs(config))
  return objective.kind === 'critic' && objective.judged ? beside(rewardSpecs(config)) : []
}
