/** A head on a pre-trained body, fine-tuned for one task over whole texts: classes, or a number. */
import { mix, permuted } from '#data/shuffle'
import type { GptConfig } from '#model/config'
import { clipScale } from '#tensor/optimizers'
import { initialiseHead } from './initial-weights.ts'
import { classHead } from './objective.ts'
import { type MicroBatch, Replicas } from './replicas.ts'
import { DivergenceError } from './trainer.ts'

export interface LabelledText {
  ids: Uint32Array
  /** A class from 0, or the number. */
  label: number
}

export interface FineTuningOptions {
  config: GptConfig
  parameters: ReadonlyMap<string, { data: Float32Array }>
  /** Of an encoder, whose head reads the mean of all tokens; of a decoder it reads the last, which has seen the others. */
  bothWays: boolean
  /** Classes; 1 for a number. */
  outputs: number
  /** Tokens of a row; texts that are longer lose their ends. */
  sequence: number
  /** Texts of a step. */
  rows: number
  epochs: number
  learningRate: number
  seed: number
  replicas: number
}

const microRows = 4
/** Of the steps: the rate rises before it falls to 0 (Devlin 2018, appendix A.2). */
const warmup = 0.1

export interface FineTuned {
  /** The mean loss of the last epoch. */
  loss: number
  /** What the head says of each text: a number for each class, or one. */
  predict(texts: readonly Uint32Array[]): Promise<Float32Array[]>
  close(): Promise<void>
}

/** Trains body and head. Throws DivergenceError at a loss that is no number. */
export async function fineTune(examples: readonly LabelledText[], options: FineTuningOptions): Promise<FineTuned> {
  const { epochs, rows, seed } = options
  const model = open(options)
  const perEpoch = Math.ceil(examples.length / rows)
  let loss = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    loss = 0
    for (let step = 0; step < perEpoch; step++) {
      const count = Math.min(rows, examples.length - step * rows)
      const drawn = Array.from(
        { length: count },
        (_, i) => examples[permuted(step * rows + i, examples.length, mix(seed, epoch))],
      )
      loss += (await learn(model, drawn, options, (epoch * perEpoch + step) / (epochs * perEpoch))) / perEpoch
    }
  }
  return {
    loss,
    close: () => model.close(),
    predict: async (texts) => {
      const labelled = texts.map((ids) => ({ ids, label: 0 }))
      const said = await model.measure(microBatches(labelled, options))
      return texts.map((_, i) => {
        const at = (i % microRows) * options.outputs
        return said[Math.floor(i / microRows)].slice(at, at + options.outputs)
      })
    },
  }
}

function open({ config, parameters, bothWays, outputs, sequence, seed, replicas }: FineTuningOptions): Replicas {
  const model = new Replicas({
    config: { ...config, dropout: 0 },
    objective: { kind: 'head', outputs, bothWays },
    micro: { rows: microRows, length: sequence, packed: true },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, muonMomentum: 0.95 },
    useMuon: false,
    replicas,
  })
  for (const [name, array] of model.views()) {
    if (name === classHead.weight) initialiseHead(array, seed)
    else array.set(parameters.get(name)?.data ?? array)
  }
  return model
}

/** One step, `progress` being how much of the run lies behind it. Returns its loss. */
async function learn(
  model: Replicas,
  examples: readonly LabelledText[],
  options: FineTuningOptions,
  progress: number,
): Promise<number> {
  const loss = await model.accumulate(microBatches(examples, options))
  const squares = await model.reduce()
  if (!Number.isFinite(loss) || !Number.isFinite(squares))
    throw new DivergenceError(`fine-tuning: loss ${loss}, gradient norm ${Math.sqrt(squares)}: lower the learning rate`)
  const share = progress < warmup ? progress / warmup : (1 - progress) / (1 - warmup)
  steps.set(model, (steps.get(model) ?? 0) + 1)
  await model.update({
    learningRate: options.learningRate * share,
    muonLearningRate: 0,
    weightDecay: 0.01,
    step: steps.get(model) ?? 1,
    gradientScale: clipScale(squares, 1),
  })
  return loss
}

/** Updates done, for the moments' corrections. */
const steps = new WeakMap<Replicas, number>()

/** Rows of one text each, filled up with what no text sees. */
function microBatches(examples: readonly LabelledText[], options: FineTuningOptions): MicroBatch[] {
  const batches: MicroBatch[] = []
  for (let from = 0; from < examples.length; from += microRows)
    batches.push(microBatch(examples.slice(from, from + microRows), options, examples.length))
  return batches
}

function microBatch(
  examples: readonly LabelledText[],
  { sequence, bothWays, outputs }: FineTuningOptions,
  all: number,
): MicroBatch {
  const size = microRows * sequence
  const batch = {
    tokens: new Int32Array(size),
    targets: new Int32Array(size),
    weights: new Float32Array(size),
    positions: new Int32Array(size),
    documents: new Int32Array(size).fill(1),
    seed: 0,
  }
  const rowWeights = new Float32Array(microRows)
  const labels = new Float32Array(microRows)
  for (const [row, { ids, label }] of examples.entries()) {
    const length = Math.min(ids.length, sequence)
    const from = row * sequence
    for (let t = 0; t < length; t++) {
      // The last token stays, whatever is cut before it: a decoder's head reads there.
      batch.tokens[from + t] = t === length - 1 ? ids[ids.length - 1] : ids[t]
      batch.positions[from + t] = t
      batch.documents[from + t] = 0
      batch.weights[from + t] = bothWays ? 1 / length : Number(t === length - 1)
    }
    rowWeights[row] = 1 / all
    labels[row] = label
  }
  const labelled: Record<string, Float32Array | Int32Array> =
    outputs === 1 ? { scores: labels } : { classes: Int32Array.from(labels) }
  return { ...batch, more: { rowWeights, ...labelled } }
}
