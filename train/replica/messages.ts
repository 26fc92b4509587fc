/** What the trainer and its replicas say to each other. Large arrays lie in memory that all of them share. */
import type { GptConfig } from '#model/config'
import type { ParameterLayout, Unit } from '../layout.ts'
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
  /** One gradient array a replica. */
  gradients: SharedArrayBuffer[]
}

export interface ReplicaSetup {
  config: GptConfig
  layout: ParameterLayout
  micro: MicroShape
  optimizer: OptimizerSettings
  shared: SharedArrays
  replica: number
  units: Unit[]
  threads: number
}

export interface MicroBatch {
  tokens: Int32Array
  targets: Int32Array
  weights: Float32Array
  positions: Int32Array
  documents: Int32Array
  /** Seeds this micro-batch's dropout. */
  seed: number
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

/** A sum: of losses, of squared gradients, or 0 where there is nothing to sum. */
export type Reply = { ok: true; sum: number } | { ok: false; error: string }
