import type { BatchState, PackedBatches } from '#data/packing'
import { mix, seedOf } from '#data/shuffle'
import { clipScale } from '#tensor/optimizers'
import { learnedTokens, microBatches } from '../evaluation.ts'
import type { Learner, LossStatistics, Minibatch, Saved, UpdateStep } from '../ppo/ports.ts'
import type { MicroBatch, Replicas } from '../replicas.ts'
import type { RunConfig } from '../run-config.ts'
import { type AnswerShape, columnsOf, type LaidOut, layOut, withColumn } from './answers.ts'
import type { ReinforcementSettings } from './settings.ts'

export interface LearnerOptions {
  actor: Replicas
  critic: Replicas | null
  run: RunConfig
  settings: ReinforcementSettings
  shape: AnswerShape
  /** Text that is mixed in; null where none is. */
  text: PackedBatches | null
  /** Taken from what the value model's head says, as from the reward model's. */
  offset: number
}

/** A policy and its value model, two networks: each has its own gradient norm, so that neither drowns the other's. */
export class AnswerLearner implements Learner {
  readonly arrays: Record<string, Float32Array>
  /** Loss on mixed-in text of the last gradient, nats a token. */
  textLoss = 0
  private readonly options: LearnerOptions
  private criticSquares = 0
  private pending = false

  constructor(options: LearnerOptions) {
    this.options = options
    this.arrays = {}
    for (const [name, replicas] of [['actor', options.actor] as const, ['critic', options.critic] as const])
      if (replicas)
        for (const array of ['parameters', 'first', 'second'] as const)
          this.arrays[`${name}.${array}`] = replicas[array]
  }

  async gradient(batch: Minibatch): Promise<{ statistics: LossStatistics; squares: number }> {
    const { actor, critic, settings } = this.options
    if (this.pending) for (const each of [actor, critic]) each?.forget()
    this.pending = true
    const laid = this.laidOut(batch)
    const micro = [...laid.map((one) => one.micro), ...this.textRows()]
    const [loss, policyLoss, kl, entropy, clipFraction, , text] = await actor.gradients(micro)
    const squares = await actor.reduce()
    const valueLoss = critic ? (await critic.gradients(laid.map((one) => one.micro)))[0] : 0
    this.criticSquares = critic ? await critic.reduce() : 0
    this.textLoss = settings.mix > 0 ? text / settings.mix : 0
    const sound = Number.isFinite(this.criticSquares)
    return {
      statistics: { loss: loss + text + valueLoss, policyLoss, valueLoss, entropy, kl, clipFraction },
      squares: sound ? squares : Number.NaN,
    }
  }

  async update({ learningRate, gradientScale, step }: UpdateStep): Promise<void> {
    const { actor, critic, settings, run } = this.options
    const scalars = { learningRate, muonLearningRate: learningRate, weightDecay: run.optimizer.weightDecay, step }
    await actor.update({ ...scalars, gradientScale })
    const ratio = (settings.valueLearningRate ?? run.optimizer.learningRate) / run.optimizer.learningRate
    const scale = clipScale(this.criticSquares, run.optimizer.clip)
    await critic?.update({ ...scalars, learningRate: learningRate * ratio, gradientScale: scale })
    this.pending = false
  }

  state(): Saved {
    return (this.options.text?.state() ?? null) as unknown as Saved
  }

  restore(state: Saved): void {
    this.options.text?.restore(state as unknown as BatchState)
  }

  /** Micro-batches of the minibatch's answers, with what both losses read of each decision. */
  private laidOut({ experience, units, decisions, advantages, targets, clip }: Minibatch): LaidOut[] {
    const { shape, offset } = this.options
    const laid = layOut(columnsOf(experience), units, shape)
    const reference = experience.columns.reference as Float32Array
    // Both go through the units in one order, so that the decisions of one follow those of the other.
    const number = new Map(Array.from(decisions, (decision, i) => [decision, i]))
    const at = (values: Float32Array) => (decision: number) => values[number.get(decision) ?? 0]
    const share = 1 / decisions.length
    for (const one of laid) {
      withColumn(one, 'oldLogProb', (decision) => experience.logProbs[decision])
      withColumn(one, 'oldValue', (decision) => experience.values[decision] + offset)
      withColumn(one, 'referenceLogProb', (decision) => reference[decision])
      withColumn(one, 'advantage', at(advantages))
      withColumn(one, 'target', (decision) => at(targets)(decision) + offset)
      withColumn(one, 'weight', () => share)
      ;(one.micro.more as Record<string, Float32Array>).clip = Float32Array.of(clip)
    }
    return laid
  }

  private textRows(): MicroBatch[] {
    const { text, run, settings } = this.options
    if (!text) return []
    const batch = text.next()
    const total = Math.max(1, learnedTokens(batch)) / settings.mix
    const seed = mix(run.seed, seedOf('text'))
    return microBatches(batch, run.microRows, run.sequence, seed, total).map((micro) => ({ ...micro, text: true }))
  }
}
