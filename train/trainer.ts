/** The training loop of every stage: what differs are the data and the objective. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { GptConfig } from '#model/config'
import type { LoraConfig } from '#model/lora'
import { clipScale } from '#tensor/optimizers'
import { learningRate, type Schedule } from '#tensor/schedules'
import { type CheckpointState, fingerprintOf, loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { flopsPerToken } from './flops.ts'
import { type EvaluationMetrics, type Metrics, MetricsFile, type StepMetrics } from './metrics.ts'
import { Replicas } from './replicas.ts'
import type { RunConfig } from './run-config.ts'
import type { Found, Stage } from './stage.ts'

export interface TrainOptions {
  /** The run's folder: metrics and checkpoints go there. */
  folder: string
  run: RunConfig
  config: GptConfig
  stage: Stage
  /** Trains an adapter alone. */
  lora: LoraConfig | null
  /** What a run's checkpoints depend on beside its configuration and model: data, and weights that are not in them. */
  inputs: readonly string[]
  /** Fills the weights that the run starts from: those that are trained, and those that stay as they are. */
  initialise: (parameters: ReadonlyMap<string, Float32Array>, frozen: ReadonlyMap<string, Float32Array>) => void
  /** Samples text with the weights as they are now. */
  sample?: (parameters: ReadonlyMap<string, Float32Array>, prompt: string) => Promise<string>
  onMetrics?: (metrics: Metrics, progress: Progress) => void
  /** FLOPs per second that this machine reaches on products in its cache, all cores. */
  peakFlops: number
  /** When it aborts, the run saves a checkpoint and returns. */
  signal?: AbortSignal
}

export interface Progress {
  step: number
  steps: number
  secondsLeft: number
}

export interface TrainResult {
  finished: boolean
  step: number
  /** What the last evaluation found. */
  scores: EvaluationMetrics['scores']
  preferences: EvaluationMetrics['preferences']
  /** The whole model; where an adapter was trained, with the adapter in it. */
  parameters: ReadonlyMap<string, Float32Array>
  replicas: Replicas
  close: () => Promise<void>
}

/** A loss or gradient that is no number: the run stops at its last checkpoint. */
export class DivergenceError extends Error {
  override name = 'DivergenceError'
}

/** Trains from the newest checkpoint, or from the beginning, to the last step or an abort. */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { run, folder } = options
  const trainer = new Trainer(options)
  const resumed = await trainer.begin()
  const metrics = new MetricsFile(join(folder, 'metrics.jsonl'), resumed)
  const report = (m: Metrics) => {
    metrics.add(m)
    options.onMetrics?.(m, trainer.progress())
  }
  while (trainer.step < run.steps && !options.signal?.aborted) {
    report(await trainer.advance())
    const last = trainer.step === run.steps
    if (last || trainer.step % run.evaluateEvery === 0) report(await trainer.evaluate())
    if (last || trainer.step % run.sampleEvery === 0) for (const m of await trainer.samples()) report(m)
    if (last || trainer.step % run.checkpointEvery === 0) await trainer.save()
  }
  if (trainer.step < run.steps) await trainer.save()
  return trainer.result()
}

class Trainer {
  step = 0
  private tokens = 0
  private seconds = 0
  private readonly options: TrainOptions
  private readonly replicas: Replicas
  private readonly schedule: Schedule
  private readonly fingerprint: string
  private found: Found = { scores: {} }

  constructor(options: TrainOptions) {
    const { run, config, stage, lora, inputs } = options
    const { optimizer, sequence, microRows, packed } = run
    this.options = options
    this.schedule = {
      kind: optimizer.schedule,
      peak: optimizer.learningRate,
      final: optimizer.finalShare,
      warmupSteps: optimizer.warmupSteps,
      totalSteps: run.steps,
      decayShare: optimizer.decayShare,
    }
    this.replicas = new Replicas({
      config,
      objective: stage.objective,
      lora,
      micro: { rows: microRows, length: sequence, packed },
      optimizer,
      useMuon: optimizer.kind === 'muon',
      replicas: run.replicas ?? Math.max(1, Math.min(availableParallelism(), run.rows / microRows)),
    })
    // A run may be made longer or shorter when it is resumed: with WSD that moves the final descent alone.
    this.fingerprint = fingerprintOf({ ...run, steps: 0, epochs: undefined }, config, ...inputs, this.replicas.count)
  }

  /** Restores the newest checkpoint or fills new weights; returns the steps already done. */
  async begin(): Promise<number> {
    const { parameters, first, second } = this.replicas
    this.options.initialise(this.replicas.views(), this.replicas.frozenViews())
    await this.options.stage.begin(this.replicas)
    const state = await loadCheckpoint(this.checkpoints, this.fingerprint, { parameters, first, second })
    if (!state) return 0
    this.step = state.step
    this.tokens = state.tokens
    this.seconds = state.seconds
    this.options.stage.restore(state.batches)
    return state.step
  }

  async advance(): Promise<StepMetrics> {
    const { run, config, stage, peakFlops } = this.options
    const { optimizer } = run
    const began = performance.now()
    const { micro, tokens } = stage.next(this.step)
    const sums = await this.replicas.gradients(micro)
    const [loss] = sums
    const gradientNorm = Math.sqrt(await this.replicas.reduce())
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw divergence(this.step + 1, loss, gradientNorm)
    const rate = learningRate(this.step, this.schedule)
    await this.replicas.update({
      learningRate: rate,
      muonLearningRate: rate * ((optimizer.muonLearningRate ?? optimizer.learningRate) / optimizer.learningRate),
      weightDecay: optimizer.weightDecay,
      step: this.step + 1,
      gradientScale: clipScale(gradientNorm ** 2, optimizer.clip),
    })
    const seconds = (performance.now() - began) / 1000
    this.step++
    this.tokens += tokens
    this.seconds += seconds
    const tokensPerSecond = tokens / seconds
    const metrics: StepMetrics = {
      kind: 'step',
      step: this.step,
      tokens: this.tokens,
      loss,
      ...stage.describe(sums),
      gradientNorm,
      learningRate: rate,
      tokensPerSecond,
      utilisation: (tokensPerSecond * flopsPerToken(config, run.sequence)) / peakFlops,
      seconds: this.seconds,
    }
    stage.watch(metrics)
    return metrics
  }

  async evaluate(): Promise<Metrics> {
    this.found = await this.options.stage.evaluate(this.replicas)
    return { kind: 'evaluation', step: this.step, tokens: this.tokens, seconds: this.seconds, ...this.found }
  }

  async samples(): Promise<Metrics[]> {
    const { sample, run } = this.options
    if (!sample) return []
    const made: Metrics[] = []
    const weights = this.replicas.weights()
    for (const prompt of run.samplePrompts)
      made.push({ kind: 'sample', step: this.step, prompt, text: await sample(weights, prompt) })
    return made
  }

  async save(): Promise<void> {
    const { parameters, first, second } = this.replicas
    const state: CheckpointState = {
      step: this.step,
      tokens: this.tokens,
      seconds: this.seconds,
      batches: this.options.stage.state(),
      fingerprint: this.fingerprint,
    }
    await saveCheckpoint(this.checkpoints, state, { parameters, first, second })
  }

  progress(): Progress {
    const { steps } = this.options.run
    return { step: this.step, steps, secondsLeft: ((steps - this.step) * this.seconds) / Math.max(1, this.step) }
  }

  result(): TrainResult {
    return {
      finished: this.step === this.options.run.steps,
      step: this.step,
      scores: this.found.scores,
      preferences: this.found.preferences,
      parameters: this.replicas.weights(),
      replicas: this.replicas,
      close: async () => {
        this.options.stage.close()
        await this.replicas.close()
      },
    }
  }

  private get checkpoints(): string {
    return join(this.options.folder, 'checkpoints')
  }
}

function divergence(step: number, loss: number, norm: number): DivergenceError {
  return new DivergenceError(
    `step ${step}: loss ${loss}, gradient norm ${norm}. The last checkpoint is kept; lower the learning rate or raise warmupSteps`,
  )
}
