/**
 * Proximal policy optimisation (Schulman 2017, arXiv:1707.06347) for anything that can act and learn: a collector gathers
 * decisions, a learner gives gradients, and this file says how one becomes the other.
 */
import { clipScale } from '#tensor/optimizers'
import { CheckpointError, fingerprintOf } from './checkpoint.ts'
import { type Estimates, explainedVariance, generalisedAdvantages, normalise } from './ppo/advantages.ts'
import { decisionsOf, pick, unitCount, unitOrder } from './ppo/minibatches.ts'
import type { Collector, Experience, Learner, LossStatistics, Minibatch } from './ppo/ports.ts'
import { annealed, type PpoSettings } from './ppo/settings.ts'
import { experienceArrays, type Snapshot, type SnapshotArray, savedExperience } from './ppo/snapshot.ts'
import { DivergenceError } from './trainer.ts'

export type { Collector, Experience, Learner, LossStatistics, Minibatch, Saved } from './ppo/ports.ts'
export type { PpoInput, PpoSettings } from './ppo/settings.ts'
export type { Snapshot } from './ppo/snapshot.ts'

/** What one iteration did: means over its minibatches, and the collector's own facts. */
export interface PpoMetrics extends LossStatistics {
  /** Iterations done, this one included. */
  iteration: number
  /** Decisions of all iterations so far. */
  decisions: number
  /** Before clipping. */
  gradientNorm: number
  explainedVariance: number
  learningRate: number
  clip: number
  minibatches: number
  /** Whether the divergence from the policy that acted ended the iteration early. */
  stoppedByKl: boolean
  facts: Readonly<Record<string, number>>
}

type Sums = LossStatistics & { gradientNorm: number; minibatches: number }

const nothing: Sums = {
  loss: 0,
  policyLoss: 0,
  valueLoss: 0,
  entropy: 0,
  kl: 0,
  clipFraction: 0,
  gradientNorm: 0,
  minibatches: 0,
}

/** Where a run stands: between two minibatches, or before a rollout. */
interface Place {
  iteration: number
  decisions: number
  updates: number
  epoch: number
  /** Units of this pass that are done. */
  done: number
  sums: Sums
}

export class Ppo {
  readonly settings: PpoSettings
  private readonly collector: Collector
  private readonly learner: Learner
  private place: Place = { iteration: 0, decisions: 0, updates: 0, epoch: 0, done: 0, sums: nothing }
  private experience: Experience | null = null
  private estimates: Estimates | null = null
  private order: Uint32Array | null = null

  constructor(settings: PpoSettings, parts: { collector: Collector; learner: Learner }) {
    this.settings = settings
    this.collector = parts.collector
    this.learner = parts.learner
  }

  get finished(): boolean {
    return this.place.iteration >= this.settings.iterations
  }

  /** Runs to the end of the iteration, from wherever it stands. */
  async iterate(): Promise<PpoMetrics> {
    for (;;) {
      const metrics = await this.advance()
      if (metrics) return metrics
    }
  }

  /** Does the smallest step after which a snapshot can be taken: a rollout or one update. Metrics come with the last. */
  async advance(): Promise<PpoMetrics | null> {
    if (!this.experience) {
      this.take(await this.collector.collect(this.place.iteration))
      return null
    }
    const stopped = await this.learnFrom(this.experience)
    const { epochs } = this.settings
    return stopped || this.place.epoch === epochs ? this.conclude(this.experience, stopped) : null
  }

  /**
   * The run as it stands. Its arrays are the run's own: encode them before the run goes on. A run that is restored from
   * it ends with the same weights, bit for bit.
   */
  snapshot(): Snapshot {
    const arrays: Record<string, SnapshotArray> = {}
    for (const [name, array] of Object.entries(this.learner.arrays)) arrays[`learner.${name}`] = array
    if (this.experience) Object.assign(arrays, experienceArrays(this.experience))
    const state = {
      fingerprint: fingerprintOf(this.settings),
      place: { ...this.place, sums: { ...this.place.sums } },
      facts: this.experience ? { ...this.experience.facts } : null,
      collector: this.collector.state(),
      learner: this.learner.state(),
    }
    return { state, arrays }
  }

  /** Goes on from a snapshot of a run with the same settings; throws CheckpointError where it does not fit. */
  restore({ state, arrays }: Snapshot): void {
    if (state.fingerprint !== fingerprintOf(this.settings))
      throw new CheckpointError('this state of PPO was written under other settings: use those, or start anew')
    for (const [name, array] of Object.entries(this.learner.arrays)) {
      const saved = arrays[`learner.${name}`]
      if (saved?.length !== array.length)
        throw new CheckpointError(
          `this state of PPO has ${saved?.length ?? 'no'} values of ${name}, not ${array.length}`,
        )
      array.set(saved as Float32Array)
    }
    this.collector.restore(state.collector)
    this.learner.restore(state.learner)
    this.place = state.place as unknown as Place
    this.order = null
    this.experience = null
    this.estimates = null
    if (state.facts) this.take(savedExperience(arrays, state.facts as Experience['facts']))
  }

  private take(experience: Experience): void {
    const { gamma, lambda } = this.settings
    this.experience = experience
    this.estimates = experience.advantages
      ? { advantages: Float64Array.from(experience.advantages), targets: new Float64Array(experience.count) }
      : generalisedAdvantages(experience, gamma, lambda)
    if (this.settings.normalise === 'rollout') normalise(this.estimates.advantages)
  }

  /** One minibatch. Returns whether the divergence has become too large, in which case nothing was changed. */
  private async learnFrom(experience: Experience): Promise<boolean> {
    const { seed, minibatch, targetKl, gradientClip } = this.settings
    const { iteration, epoch, done } = this.place
    this.order ??= unitOrder(unitCount(experience), seed, iteration, epoch)
    const units = this.order.subarray(done, done + minibatch)
    const { statistics, squares } = await this.learner.gradient(this.batch(experience, units))
    this.refuseNonsense(statistics, squares)
    if (targetKl !== null && statistics.kl > 1.5 * targetKl) return true
    await this.learner.update({
      learningRate: this.learningRate,
      gradientScale: clipScale(squares, gradientClip),
      step: this.place.updates + 1,
    })
    this.count(statistics, Math.sqrt(squares))
    this.place.done += units.length
    if (this.place.done === this.order.length) {
      this.place.epoch++
      this.place.done = 0
      this.order = null
    }
    return false
  }

  private batch(experience: Experience, units: Uint32Array): Minibatch {
    const estimates = this.estimates as Estimates
    const decisions = decisionsOf(experience, units)
    const advantages = pick(estimates.advantages, decisions)
    if (this.settings.normalise === 'minibatch') normalise(advantages)
    return { experience, units, decisions, advantages, targets: pick(estimates.targets, decisions), clip: this.clip }
  }

  private conclude(experience: Experience, stoppedByKl: boolean): PpoMetrics {
    const { sums } = this.place
    const mean = (name: keyof Sums) => sums[name] / Math.max(1, sums.minibatches)
    const metrics: PpoMetrics = {
      iteration: this.place.iteration + 1,
      decisions: this.place.decisions + experience.count,
      loss: mean('loss'),
      policyLoss: mean('policyLoss'),
      valueLoss: mean('valueLoss'),
      entropy: mean('entropy'),
      kl: mean('kl'),
      clipFraction: mean('clipFraction'),
      gradientNorm: mean('gradientNorm'),
      explainedVariance: explainedVariance(experience.values, (this.estimates as Estimates).targets),
      learningRate: this.learningRate,
      clip: this.clip,
      minibatches: sums.minibatches,
      stoppedByKl,
      facts: experience.facts,
    }
    const { iteration, decisions } = metrics
    this.place = { iteration, decisions, updates: this.place.updates, epoch: 0, done: 0, sums: nothing }
    this.experience = null
    this.estimates = null
    this.order = null
    return metrics
  }

  private count(statistics: LossStatistics, gradientNorm: number): void {
    const more: Sums = { ...statistics, gradientNorm, minibatches: 1 }
    const sums = { ...this.place.sums }
    for (const name of Object.keys(nothing) as (keyof Sums)[]) sums[name] += more[name]
    this.place.updates++
    this.place.sums = sums
  }

  private refuseNonsense({ loss }: LossStatistics, squares: number): void {
    if (Number.isFinite(loss) && Number.isFinite(squares)) return
    throw new DivergenceError(
      `iteration ${this.place.iteration + 1}, update ${this.place.updates + 1}: loss ${loss}, gradient norm ${Math.sqrt(squares)}. Lower the learning rate or the clip range`,
    )
  }

  private get progress(): number {
    return this.place.iteration / this.settings.iterations
  }

  private get learningRate(): number {
    return annealed(this.settings.learningRate, this.settings.learningRateSchedule, this.progress)
  }

  private get clip(): number {
    return annealed(this.settings.clip, this.settings.clipSchedule, this.progress)
  }
}
