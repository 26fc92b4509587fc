/** What the trainer and its replicas say to each other. Large arrays lie in memory that all of them share. */
import type { ParameterLayout, Unit } from '../layout.ts'
import type { TrainedModel } from '../objective.ts'
import type { MicroShape } from './graphs.ts'

export interface OptimizerSettings {
  beta1: number
  beta2: number
  epsilon: number
  muonMomentum: number
}

export interface SharedArrays {
  parameters: SharedArrayBuffer
  first: SharedArrayBuffer
  second: SharedArrayBuffer
  /** Weights that no step changes: those beside which an adapter is trained. */
  frozen: SharedArrayBuffer
  /** One gradient array a replica. */
  gradients: SharedArrayBuffer[]
}

export interface ReplicaSetup {
  model: TrainedModel
  layout: ParameterLayout
  frozenLayout: ParameterLayout
  micro: MicroShape
  optimizer: OptimizerSettings
  shared: SharedArrays
  replica: number
  units: Unit[]
  threads: number
}

/** Rows × length of each, flat; the number of rows may differ from one micro-batch to the next. */
export interface MicroBatch {
  tokens: Int32Array
  targets: Int32Array
  weights: Float32Array
  positions: Int32Array
  documents: Int32Array
  /** What an objective reads beyond these, by the names of its inputs. */
  more?: Readonly<Record<string, Int32Array | Float32Array>>
  /** Seeds this micro-batch's dropout. */
  seed: number
  /** Rows of plain text: of a policy that learns from them as well. */
  text?: boolean
}

/** Prompts that a policy answers, each with a seed of its own. */
export interface RolloutTask {
  prompts: { ids: Uint32Array; seed: number }[]
  /** Most tokens of an answer. */
  maxTokens: number
  temperature: number
  /** Answers that are written at once. */
  slots: number
  /** The token that ends an answer. */
  endId: number
  /** Tokens that the tokenizer knows: others are never said. */
  vocabulary: number
}

export interface UpdateScalars {
  learningRate: number
  muonLearningRate: number
  weightDecay: number
  /** Counted from 1: for the moments' corrections. */
  step: number
  gradientScale: number
}

export type Command =
  | { kind: 'gradients'; batches: MicroBatch[] }
  | { kind: 'reduce' }
  | { kind: 'update'; scalars: UpdateScalars }
  | { kind: 'evaluate'; batches: MicroBatch[] }
  | { kind: 'rollout'; task: RolloutTask }

/** Sums (of statistics, or of squared gradients), the values of each micro-batch, or the answers to each prompt. */
export type Reply =
  | { ok: true; sums: number[]; values: Float32Array[]; answers?: Uint32Array[] }
  | { ok: false; error: string }
