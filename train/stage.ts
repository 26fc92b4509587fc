/** What a trainer needs of a stage: where micro-batches come from, and what is measured on held-out data. */
import type { EvaluationMetrics, StepMetrics } from './metrics.ts'
import type { Objective } from './objective.ts'
import type { MicroBatch, Replicas } from './replicas.ts'

/** What a stage measures on held-out data. */
export type Found = Pick<EvaluationMetrics, 'scores' | 'preferences' | 'retrieval'>

export interface StepWork {
  micro: MicroBatch[]
  /** Tokens of text that the step reads. */
  tokens: number
}

export interface Stage {
  readonly objective: Objective
  /** Called once with the weights that the run starts from, whatever step it then goes on from. */
  begin(replicas: Replicas): Promise<void>
  next(step: number): StepWork
  /** What a step says beyond its loss, from the sums of the objective's statistics. */
  describe(sums: readonly number[]): Pick<StepMetrics, 'preference' | 'told'>
  /** Throws where the course of the steps says that nothing is learned. */
  watch(step: StepMetrics): void
  evaluate(replicas: Replicas): Promise<Found>
  /** Where it stands: plain JSON, from which the next step is the same. */
  state(): object
  restore(state: object): void
  close(): void
}
