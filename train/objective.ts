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

export type Objective =
  | { kind: 'language' }
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
  return objective.kind === 'reward' || objective.kind === 'critic' ? rewardSpecs(config) : parameterSpecs(config)
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
