/** Runs in which a policy learns from its own answers: PPO, GRPO, and learning again from the best of n. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { mix, seedOf } from '#data/shuffle'
import type { GptConfig } from '#model/config'
import type { LoadedModel } from '#model/weights'
import { CheckpointError, fingerprintOf } from './checkpoint.ts'
import { evaluateSets } from './evaluation.ts'
import { FlightError, type FlightRecord, FlightRecorder, type Mark } from './flight-recorder.ts'
import { flopsPerToken } from './flops.ts'
import {
  type AnswerScore,
  type EvaluationMetrics,
  type Metrics,
  MetricsFile,
  readMetrics,
  type StepMetrics,
} from './metrics.ts'
import type { PpoMetrics } from './ppo.ts'
import { weightsHash } from './preference/reference.ts'
import { answer, mean } from './reinforce/answering.ts'
import { type Opened, openReinforcement } from './reinforce/open.ts'
import type { ReinforcementSettings } from './reinforce/settings.ts'
import { newestSnapshot, saveSnapshot } from './reinforce/snapshots.ts'
import { noNumbers } from './replica/rollout.ts'
import { ReplicaError } from './replicas.ts'
import type { RunConfig } from './run-config.ts'
import type { RunData } from './run-data.ts'
import type { Progress, TrainOptions, TrainResult } from './trainer.ts'
import { DivergenceError } from './trainer.ts'

export interface ReinforceOptions extends Pick<TrainOptions, 'onMetrics' | 'signal' | 'peakFlops' | 'sample'> {
  run: RunConfig
  settings: ReinforcementSettings
  folder: string
  /** Where the configuration's relative paths start. */
  base: string
  config: GptConfig
  start: LoadedModel
  startHash: string
  data: RunData
}

/** Learns from the newest snapshot, or from the beginning, to the last iteration or an abort. Throws FlightError. */
export async function reinforce(options: ReinforceOptions): Promise<TrainResult> {
  const run = await ReinforcementRun.open(options)
  const { steps } = options.run
  try {
    while (run.step < steps && !options.signal?.aborted) await run.advance()
    if (run.step < steps) run.save()
  } catch (error) {
    await run.close()
    throw error
  }
  return run.result()
}

const kept = 'The last sound snapshot is kept: --resume goes on from there'
const none = 'Nothing was saved before it went wrong: begin anew'

class ReinforcementRun {
  step = 0
  private readonly options: ReinforceOptions
  private readonly opened: Opened
  private readonly recorder: FlightRecorder
  private readonly metrics: MetricsFile
  private readonly fingerprint: string
  private tokens = 0
  private seconds = 0
  /** Of the iteration under way. */
  private within = 0
  private textLosses: number[] = []
  private saved = performance.now()
  private advances = 0
  private found: Pick<EvaluationMetrics, 'scores'> = { scores: {} }

  static async open(options: ReinforceOptions): Promise<ReinforcementRun> {
    const { run, settings, base, data, startHash } = options
    const reward = settings.reward === undefined ? null : resolve(base, settings.reward)
    const replicas = run.replicas ?? availableParallelism()
    const opened = await openReinforcement({ ...options, reward, replicas })
    const rewardHash = reward === null ? '' : await weightsHash(reward)
    // What only says how often something is looked at may change on resuming.
    const lasting = { ...settings, recorder: null, saveSeconds: 0 }
    const identity = { ...run, steps: 0, reinforcement: lasting }
    const fingerprint = fingerprintOf(identity, data.manifest.sha256, startHash, rewardHash, replicas)
    return new ReinforcementRun(options, opened, fingerprint)
  }

  private constructor(options: ReinforceOptions, opened: Opened, fingerprint: string) {
    this.options = options
    this.opened = opened
    this.fingerprint = fingerprint
    this.recorder = new FlightRecorder(options.settings.recorder)
    this.restore()
    const path = join(options.folder, 'metrics.jsonl')
    this.metrics = new MetricsFile(path, this.step)
    for (const one of readMetrics(path)) this.tell(one)
  }

  /** The smallest step: a rollout or an update; at an iteration's end its metrics and what is due then. */
  async advance(): Promise<void> {
    const { ppo, learner } = this.opened
    const began = performance.now()
    const done = await ppo.advance().catch((error: unknown) => this.diverged(error))
    this.within += (performance.now() - began) / 1000
    this.advances++
    this.textLosses.push(learner.textLoss)
    if (done) await this.conclude(done)
    const old = (performance.now() - this.saved) / 1000 >= this.options.settings.saveSeconds
    const due = done && (this.step === this.options.run.steps || this.step % this.options.run.checkpointEvery === 0)
    if ((due || old) && this.recorder.sound) this.save()
  }

  save(): void {
    const { state, arrays } = this.opened.ppo.snapshot()
    const { step, tokens, seconds, within, textLosses, advances, fingerprint } = this
    const own = { step, tokens, seconds, within, textLosses: [...textLosses], advances, fingerprint }
    saveSnapshot(this.folder, advances, { state: { ppo: state, run: own }, arrays })
    this.saved = performance.now()
  }

  result(): TrainResult {
    const { actor } = this.opened
    return {
      finished: this.step === this.options.run.steps,
      step: this.step,
      scores: this.found.scores,
      preferences: undefined,
      parameters: actor.weights(),
      replicas: actor,
      close: () => this.close(),
    }
  }

  close(): Promise<void> {
    return this.opened.close()
  }

  private restore(): void {
    const snapshot = newestSnapshot(this.folder)
    if (!snapshot) return
    const { ppo, run } = snapshot.state as Record<string, never>
    const { fingerprint, ...own } = run as { fingerprint: string }
    if (fingerprint !== this.fingerprint)
      throw new CheckpointError(
        `${this.folder} was written by a run of another configuration, model or data: start a new folder`,
      )
    this.opened.ppo.restore({ state: ppo, arrays: snapshot.arrays })
    Object.assign(this, own)
  }

  /** Reminds the recorder of what was before. */
  private tell(metrics: Metrics): void {
    if (metrics.kind === 'step' && metrics.flight) this.recorder.record(recordOf(metrics))
    if (metrics.kind === 'evaluation' && metrics.answers) this.examine(metrics.step, metrics.answers)
    if (metrics.kind === 'evaluation') this.found = { scores: metrics.scores }
  }

  private async conclude(done: PpoMetrics): Promise<void> {
    const { run } = this.options
    this.step = done.iteration
    const metrics = this.describe(done)
    const mark = this.recorder.record(recordOf(metrics))
    this.report(mark ? { ...metrics, flight: metrics.flight && { ...metrics.flight, mark } } : metrics)
    if (mark) this.stop(mark)
    const last = this.step === run.steps
    if (last || this.step % run.evaluateEvery === 0) await this.evaluate()
    const weights = last || this.step % run.sampleEvery === 0 ? this.opened.actor.weights() : null
    for (const prompt of weights && this.options.sample ? run.samplePrompts : [])
      this.report({
        kind: 'sample',
        step: this.step,
        prompt,
        text: (await this.options.sample?.(weights as Map<string, Float32Array>, prompt)) ?? '',
      })
  }

  private describe(done: PpoMetrics): StepMetrics {
    const { config, run, peakFlops, settings } = this.options
    const { facts } = done
    const { epochs } = settings
    // Each token is read once to be judged and three times as long in each pass of learning.
    const tokens = facts.read
    this.tokens += tokens
    this.seconds += this.within
    const updates = this.textLosses.slice(1)
    const metrics: StepMetrics = {
      kind: 'step',
      step: done.iteration,
      tokens: this.tokens,
      loss: done.loss,
      flight: {
        step: done.iteration,
        loss: done.loss,
        gradientNorm: done.gradientNorm,
        kl: facts.kl,
        entropy: facts.entropy,
        reward: facts.reward,
        spread: facts.spread,
        length: facts.length,
        clipFraction: done.clipFraction,
        explainedVariance: done.explainedVariance,
        repetition: facts.repetition,
        klCoefficient: facts.klCoefficient,
        klOfAnswer: facts.klOfAnswer,
        ended: facts.ended,
        text: updates.length > 0 ? mean(updates) : 0,
        stoppedByKl: done.stoppedByKl,
        rolloutShare: facts.rolloutSeconds / this.within,
        rolloutTokensPerSecond: facts.tokens / facts.rolloutSeconds,
      },
      gradientNorm: done.gradientNorm,
      learningRate: done.learningRate,
      tokensPerSecond: tokens / this.within,
      utilisation: (tokens * (2 / 3 + epochs) * flopsPerToken(config, run.sequence)) / this.within / peakFlops,
      seconds: this.seconds,
    }
    this.within = 0
    this.textLosses = []
    return metrics
  }

  private async evaluate(): Promise<void> {
    const { heldOut, text, actor } = this.opened
    const sets = text.map((set) => ({ ...set, micro: set.micro.map((micro) => ({ ...micro, text: true })) }))
    this.found = { scores: await evaluateSets(actor, sets) }
    const answers = heldOut.length > 0 ? await this.examination() : undefined
    const mark = answers ? this.examine(this.step, answers) : null
    const { tokens, seconds, step } = this
    this.report({
      kind: 'evaluation',
      step,
      tokens,
      seconds,
      ...this.found,
      ...(answers ? { answers: mark ? { ...answers, mark } : answers } : {}),
    })
  }

  /** Held-out prompts, always the same, each with the same seed. */
  private async examination(): Promise<AnswerScore> {
    const { answering, heldOut } = this.opened
    const seed = mix(this.options.run.seed, seedOf('held out'))
    const seeds = heldOut.map((_, i) => mix(seed, i))
    const found = await answer(heldOut, seeds, answering)
    const apart = found.logProbs.reduce((sum, logProb, i) => sum + logProb - found.reference[i], 0)
    return {
      prompts: heldOut.length,
      reward: mean(found.scores),
      exam: found.exam,
      kl: apart / found.logProbs.length,
      length: found.logProbs.length / heldOut.length,
      repetition: found.repetition,
    }
  }

  /** A reward that is gamed is marked, not stopped: whoever looks at the curves decides. */
  private examine(step: number, { reward, exam, prompts }: AnswerScore): Mark | null {
    return exam === null ? null : this.recorder.examine({ step, reward, exam, answers: prompts })
  }

  private report(metrics: Metrics): void {
    const { run, onMetrics } = this.options
    this.metrics.add(metrics)
    const { step } = this
    const progress: Progress = {
      step,
      steps: run.steps,
      secondsLeft: ((run.steps - step) * this.seconds) / Math.max(1, step),
    }
    onMetrics?.(metrics, progress)
  }

  private stop(mark: Mark): void {
    if (this.options.settings.recorder.pause || mark.kind === 'nan') throw new FlightError(mark, this.remains)
  }

  private diverged(error: unknown): never {
    const silent = error instanceof ReplicaError && error.message.includes(noNumbers)
    if (!silent && !(error instanceof DivergenceError)) throw error
    const reason = silent ? `${noNumbers}: lower the learning rate` : error.message
    throw new FlightError({ kind: 'nan', step: this.step + 1, reason }, this.remains)
  }

  /** What a run that is stopped leaves. */
  private get remains(): string {
    return existsSync(this.folder) ? kept : none
  }

  private get folder(): string {
    return join(this.options.folder, 'checkpoints')
  }
}

function recordOf({ step, flight }: StepMetrics): FlightRecord {
  const { loss, gradientNorm, kl, entropy, reward, spread, length, clipFraction, explainedVariance, repetition } =
    flight as NonNullable<StepMetrics['flight']>
  return { step, loss, gradientNorm, kl, entropy, reward, spread, length, clipFraction, explainedVariance, repetition }
}
