/** Learning from rankings: a reward model's comparisons, and DPO's. */
import { join } from 'node:path'
import {
  allPreferences,
  answersPerRow,
  type PreferenceBatch,
  PreferenceBatches,
  type PreferenceShape,
  type PreferenceState,
} from '#data/preference-batches'
import { type PreferenceFile, preferenceFiles } from '#data/preference-file'
import { padding } from '#model/chat'
import { FlightError, isUnlearned } from './flight-recorder.ts'
import type { EvaluationMetrics, StepMetrics } from './metrics.ts'
import type { Objective } from './objective.ts'
import { type Reference, referenceOf } from './preference/reference.ts'
import { type MarginOf, type PreferenceScore, scorePairs } from './preference/score.ts'
import type { MicroBatch, Replicas } from './replicas.ts'
import type { PreferenceSettings, RunConfig } from './run-config.ts'
import type { RunData } from './run-data.ts'
import type { Stage, StepWork } from './stage.ts'

/** What rounding leaves of a gradient whose terms cancel. */
const noGradient = 1e-5
/** Prompts whose best answers say where a reward of 0 is. */
const referencePrompts = 512

/** The loss stands where it stood before anything was learned. */
export class FrozenLossError extends FlightError {
  override name = 'FrozenLossError'
}

interface State {
  batches: PreferenceState
  /** Steps in a row whose loss was frozen. */
  frozen: number
}

export interface PreferenceStageOptions {
  run: RunConfig
  settings: PreferenceSettings
  data: RunData
  folder: string
  /** Of the weights that the run starts from. */
  initHash: string
}

export class PreferenceStage implements Stage {
  readonly objective: Objective
  readonly stepsPerEpoch: number
  private readonly options: PreferenceStageOptions
  private readonly shape: PreferenceShape
  private readonly training: PreferenceFile[]
  private readonly heldOut: PreferenceFile[]
  private readonly batches: PreferenceBatches
  private readonly validation: PreferenceBatch[]
  /** Of the training files, then of those held out. */
  private reference: Reference | null = null
  private frozen = 0

  constructor(options: PreferenceStageOptions) {
    const { run, settings, data } = options
    this.options = options
    const { beta, loss, labelSmoothing: smoothing } = settings
    this.objective = run.stage === 'dpo' ? { kind: 'dpo', beta, loss, smoothing } : { kind: 'reward' }
    this.shape = {
      sequence: run.sequence,
      microRows: run.microRows,
      mostAnswers: settings.answers,
      padding: data.tokenizer.specialTokens.get(padding) ?? 0,
    }
    this.training = preferenceFiles(data.folder, 'train')
    this.heldOut = preferenceFiles(data.folder, 'validation')
    this.batches = new PreferenceBatches({ ...this.shape, files: this.training, prompts: run.rows, seed: run.seed })
    this.stepsPerEpoch = this.batches.stepsPerEpoch
    this.validation = allPreferences(this.heldOut, this.shape, run.evaluateRows)
  }

  async begin(replicas: Replicas): Promise<void> {
    if (this.objective.kind !== 'dpo') return
    const { folder, data, initHash } = this.options
    const files = [...this.training, ...this.heldOut]
    this.reference = await referenceOf(replicas, {
      path: join(folder, 'reference.safetensors'),
      files,
      shape: this.shape,
      fingerprint: JSON.stringify([initHash, data.manifest.sha256, this.shape]),
      toMicro: (batch) => this.micro(batch, 0, null),
    })
  }

  next(step: number): StepWork {
    const seed = (this.options.run.seed + Math.imul(step, 0x9e3779b1)) >>> 0
    const batches = this.batches.next()
    const micro = batches.map((batch, i) => this.micro(batch, (Math.imul(seed, 0x9e3779b1) + i) >>> 0, 0))
    return { micro, tokens: batches.reduce((sum, { tokens }) => sum + tokens.length, 0) }
  }

  /** `from`: the first file's place in the reference; null where there is none yet. */
  private micro(batch: PreferenceBatch, seed: number, from: number | null): MicroBatch {
    const { tokens, targets, learned, positions, documents, answers, ends, better, worse, pairWeights } = batch
    const more: Record<string, Int32Array | Float32Array> = { answers, ends, better, worse, pairWeights }
    if (from !== null) more.reference = this.referenceFor(batch, from)
    return { tokens, targets, weights: learned, positions, documents, more, seed }
  }

  private referenceFor({ rows, groups }: PreferenceBatch, from: number): Float32Array {
    const values = new Float32Array(rows * answersPerRow)
    if (this.reference)
      for (const { file, answers } of groups)
        for (const { place, document } of answers) values[place] = this.reference[from + file][document]
    return values
  }

  describe([, chosen, rejected, accuracy]: readonly number[]): Pick<StepMetrics, 'preference'> {
    return { preference: { chosen, rejected, margin: chosen - rejected, accuracy } }
  }

  watch({ loss, gradientNorm, step }: StepMetrics): void {
    const { settings } = this.options
    const ipo = this.objective.kind === 'dpo' && settings.loss === 'ipo'
    this.frozen = isUnlearned(loss, ipo ? settings.beta : null) ? this.frozen + 1 : 0
    if (this.frozen < settings.frozenSteps) return
    const why =
      gradientNorm < noGradient
        ? 'the gradient is 0: chosen and rejected are the same once they are cut; raise sequence'
        : 'chosen and rejected stay alike; raise the learning rate, shorten warmupSteps, or look at the pairs'
    const reason = `the loss has stood at ${loss.toFixed(4)} for ${this.frozen} steps, where nothing is learned: ${why}`
    throw new FrozenLossError({ kind: 'frozen', step, reason }, 'The last checkpoint is kept')
  }

  async evaluate(replicas: Replicas): Promise<Pick<EvaluationMetrics, 'scores' | 'preferences'>> {
    const values = await this.values(replicas, this.validation, this.training.length)
    const margins: MarginOf[][] = this.heldOut.map(() => [])
    let prompt = 0
    for (const [i, { groups }] of this.validation.entries())
      for (const { file, pairs } of groups) {
        prompt++
        for (const [better, worse] of pairs) {
          const [chosen, rejected] = [values[i][better], values[i][worse]]
          margins[file].push({ prompt, margin: chosen - rejected, chosen, rejected })
        }
      }
    const preferences: Record<string, PreferenceScore> = {}
    for (const [file, { name }] of this.heldOut.entries()) {
      const score = scorePairs(margins[file])
      if (score) preferences[name] = score
    }
    return { scores: {}, preferences }
  }

  /** Rewards, or DPO's implicit ones, of every answer. */
  private async values(replicas: Replicas, batches: readonly PreferenceBatch[], from: number): Promise<Float32Array[]> {
    const values = await replicas.measure(batches.map((batch) => this.micro(batch, 0, from)))
    if (this.objective.kind !== 'dpo') return values
    const { beta } = this.objective
    return values.map((each, i) => {
      const reference = this.referenceFor(batches[i], from)
      return each.map((logProb, place) => beta * (logProb - reference[place]))
    })
  }

  /** The mean reward of the best answers to the first prompts of the training data. */
  async referenceReward(replicas: Replicas): Promise<number> {
    const batches = allPreferences(this.training, this.shape, referencePrompts)
    const values = await this.values(replicas, batches, 0)
    const best = batches.flatMap(({ groups }, i) =>
      groups.flatMap(({ answers }) =>
        answers.filter(({ grade }) => grade === answers[0].grade).map(({ place }) => values[i][place]),
      ),
    )
    return best.reduce((sum, value) => sum + value, 0) / best.length
  }

  state(): State {
    return { batches: this.batches.state(), frozen: this.frozen }
  }

  restore(state: object): void {
    const { batches, frozen } = state as State
    this.batches.restore(batches)
    this.frozen = frozen
  }

  close(): void {
    for (const file of [...this.training, ...this.heldOut]) file.close()
  }
}
