import { adamWInPlace } from '#tensor/adamw-loop'
import type { Program, Values } from '#tensor/program'
import { decisionColumns, mlpGradient } from './mlp-graph.ts'
import { initialiseMlp, type MlpConfig, mlpLayout } from './mlp-layout.ts'
import type { Learner, LossStatistics, Minibatch, Saved, UpdateStep } from './ports.ts'
import type { PpoSettings } from './settings.ts'

/** Columns of an experience that this learner reads: `observations` [count, inputs], `actions` [count, width]. */
export class MlpLearner implements Learner {
  readonly arrays: { parameters: Float32Array; first: Float32Array; second: Float32Array }
  private readonly config: MlpConfig
  private readonly rows: number
  private readonly settings: PpoSettings
  private readonly program: Program
  private readonly gradients: Float32Array
  private readonly statistics = new Float32Array(6)
  private readonly feeds: Record<string, Values>
  private readonly results: Record<string, Values>
  private readonly decisions: Float32Array
  private readonly clip = new Float32Array(1)
  private readonly actions: Float32Array | Int32Array

  static async open(config: MlpConfig, settings: PpoSettings): Promise<MlpLearner> {
    return new MlpLearner(config, settings, await mlpGradient(config, settings.minibatch, settings))
  }

  private constructor(config: MlpConfig, settings: PpoSettings, program: Program) {
    const layout = mlpLayout(config)
    const rows = settings.minibatch
    this.config = config
    this.settings = settings
    this.rows = rows
    this.program = program
    this.arrays = {
      parameters: new Float32Array(layout.size),
      first: new Float32Array(layout.size),
      second: new Float32Array(layout.size),
    }
    initialiseMlp(layout, this.arrays.parameters, settings.seed)
    this.gradients = new Float32Array(layout.size)
    this.results = { gradient: this.gradients, statistics: this.statistics }
    this.decisions = new Float32Array(rows * (config.inputs + decisionColumns.length))
    const { feed, written } = actionArrays(config, rows)
    this.actions = written
    const { parameters } = this.arrays
    this.feeds = { parameters, decisions: this.decisions, actions: feed, clip: this.clip }
  }

  async gradient(batch: Minibatch): Promise<{ statistics: LossStatistics; squares: number }> {
    this.fill(batch)
    await this.program.run(this.feeds, this.results)
    const [loss, policyLoss, valueLoss, entropy, kl, clipFraction] = this.statistics
    let squares = 0
    for (let i = 0; i < this.gradients.length; i++) squares += this.gradients[i] * this.gradients[i]
    return { statistics: { loss, policyLoss, valueLoss, entropy, kl, clipFraction }, squares }
  }

  async update({ learningRate, gradientScale, step }: UpdateStep): Promise<void> {
    const { parameters: parameter, first, second } = this.arrays
    const { beta1, beta2, epsilon } = this.settings
    adamWInPlace(
      { parameter, gradient: this.gradients, first, second },
      { beta1, beta2, epsilon, learningRate, decay: 0, step, gradientScale },
    )
  }

  state(): Saved {
    return null
  }

  restore(): void {}

  release(): Promise<void> {
    return this.program.release()
  }

  /** A minibatch smaller than the program's is filled up with rows of no weight. */
  private fill({ experience, decisions, advantages, targets, clip }: Minibatch): void {
    const { inputs, actions } = this.config
    const { logProbs, values, columns } = experience
    const width = inputs + decisionColumns.length
    const stride = this.actions.length / this.rows
    // An int64 is two words, the lower one first; actions are never negative, so the upper one stays 0.
    const written = actions.kind === 'discrete' ? 1 : stride
    const share = 1 / decisions.length
    for (let row = 0; row < decisions.length; row++) {
      const decision = decisions[row]
      const at = row * width
      for (let i = 0; i < inputs; i++) this.decisions[at + i] = columns.observations[decision * inputs + i]
      for (let i = 0; i < written; i++) this.actions[row * stride + i] = columns.actions[decision * written + i]
      this.decisions[at + inputs] = logProbs[decision]
      this.decisions[at + inputs + 1] = values[decision]
      this.decisions[at + inputs + 2] = advantages[row]
      this.decisions[at + inputs + 3] = targets[row]
      this.decisions[at + inputs + 4] = share
    }
    for (let row = decisions.length; row < this.rows; row++) this.decisions[row * width + inputs + 4] = 0
    this.clip[0] = clip
  }
}

/** The program's array of actions, and the view of it that is written. */
function actionArrays({ actions }: MlpConfig, rows: number): { feed: Values; written: Float32Array | Int32Array } {
  if (actions.kind === 'discrete') {
    const feed = new BigInt64Array(rows)
    return { feed, written: new Int32Array(feed.buffer) }
  }
  const feed = new Float32Array(rows * actions.width)
  return { feed, written: feed }
}
