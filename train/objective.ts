/** What a run trains and towards what: plain values, which go to every replica. */
import { type GptConfig, type ParameterSpec, parameterSpecs } from '#model/config'
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

export type Objective = { kind: 'language' } | { kind: 'reward' } | DpoObjective

export interface TrainedModel {
  config: GptConfig
  objective: Objective
  /** Trains these low-rank matrices alone, beside a model that stays as it is. */
  lora: LoraConfig | null
}

/** Every array that training changes. */
export function trainedSpecs({ config, objective, lora }: TrainedModel): ParameterSpec[] {
  if (lora) return loraSpecs(config, lora)
  return objective.kind === 'reward' ? rewardSpecs(config) : parameterSpecs(config)
}

/** Every array that stays as it is. */
export const frozenSpecs = ({ config, lora }: TrainedModel): ParameterSpec[] => (lora ? parameterSpecs(config) : [])
