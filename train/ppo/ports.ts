/**
 * What the PPO core needs of a problem. A control task has one decision a step; a language environment has one a token,
 * its state is the prompt and the tokens so far, and a whole answer is one unit of a minibatch.
 */

/** Named columns that only the problem itself reads: observations and actions, or tokens and positions. */
export type Columns = Readonly<Record<string, Float32Array | Int32Array | Uint32Array | Uint8Array>>

/** What comes after a decision. */
export const end = {
  /** The next decision in the arrays follows in the same episode. */
  none: 0,
  /** The task ended: what follows is worth nothing. */
  terminated: 1,
  /** The episode or the rollout was cut: what follows is worth `bootstrap`. */
  cut: 2,
} as const

/** Decisions that one policy made, episode parts one after the other. */
export interface Experience {
  readonly count: number
  readonly rewards: Float32Array
  /** The value model's estimates and the log-probabilities of the actions, at the time of the decision. */
  readonly values: Float32Array
  readonly logProbs: Float32Array
  /** One of `end` for each decision. */
  readonly ends: Uint8Array
  /** The value of the state after the decision, read where it was cut. */
  readonly bootstrap: Float32Array
  /** Where each unit begins, and `count` behind them; null where each decision is a unit by itself. */
  readonly units: Uint32Array | null
  readonly columns: Columns
  /** Advantages where the problem has a way of its own to tell them, as within a group of answers; else they are estimated. */
  readonly advantages?: Float32Array
  /** What the problem wants to tell about this rollout, such as the mean return of the episodes that ended in it. */
  readonly facts: Readonly<Record<string, number>>
}

/** What JSON keeps whole. */
export type Saved = null | boolean | number | string | readonly Saved[] | { readonly [key: string]: Saved }

/** The environment's side: lets the policy as it is now act. */
export interface Collector {
  /** The same number, weights and state give the same experience. */
  collect(iteration: number): Promise<Experience>
  state(): Saved
  restore(state: Saved): void
}

export interface Minibatch {
  readonly experience: Experience
  /** Units of the experience, and their decisions in that order; the arrays below go by the decisions. */
  readonly units: Uint32Array
  readonly decisions: Uint32Array
  readonly advantages: Float32Array
  readonly targets: Float32Array
  /** Range of the probability ratio around 1 (it may be annealed). */
  readonly clip: number
}

/** Means over the decisions of a minibatch. */
export interface LossStatistics {
  loss: number
  policyLoss: number
  valueLoss: number
  entropy: number
  /** Mean of (r − 1) − log r: an estimate of the divergence from the policy that acted (Schulman 2020). */
  kl: number
  clipFraction: number
}

export interface UpdateStep {
  learningRate: number
  gradientScale: number
  /** Counted from 1. */
  step: number
}

/** The policy's side: gradients of the loss of `loss.ts`, and steps along them. */
export interface Learner {
  /** Computes the minibatch's gradient in place of an earlier one. */
  gradient(batch: Minibatch): Promise<{ statistics: LossStatistics; squares: number }>
  update(step: UpdateStep): Promise<void>
  /** Weights and moments, as they are: read to save, written to restore. */
  readonly arrays: Readonly<Record<string, Float32Array>>
  state(): Saved
  restore(state: Saved): void
}
