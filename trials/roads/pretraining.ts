/** Two bodies of one shape on the same rows of text: one foretells the next token, one fills gaps. */
import { PackedBatches } from '#data/packing'
import { batchSources } from '#data/prepare'
import { mix } from '#data/shuffle'
import { fimMiddle, padding } from '#model/chat'
import type { GptConfig } from '#model/config'
import type { Tokenizer } from '#model/tokenizer'
import { clipScale } from '#tensor/optimizers'
import { learningRate } from '#tensor/schedules'
import { learnedTokens, microBatches } from '#train/evaluation'
import { initialise } from '#train/initial-weights'
import { withGaps } from '#train/masking'
import { Replicas } from '#train/replicas'

export interface PretrainingOptions {
  config: GptConfig
  tokenizer: Tokenizer
  /** A run's prepared data. */
  data: string
  /** Sequences of a step, tokens of a sequence, sequences of a micro-batch. */
  rows: number
  sequence: number
  microRows: number
  steps: number
  /** Muon's, and AdamW's for what Muon does not change. */
  rate: number
  replicas: number
  say: (line: string) => void
}

export interface Pretrained {
  parameters: Map<string, { data: Float32Array }>
  /** The mean loss of the last tenth of the steps: of the next token, or of what stood in a gap. */
  loss: number
  seconds: number
}

/** Share of the tokens that are asked for (Devlin 2018, section 3.1). */
const gapShare = 0.15
const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, muonMomentum: 0.95 }

export async function pretrain(kind: 'masked' | 'language', options: PretrainingOptions): Promise<Pretrained> {
  const { config, tokenizer, data, rows, sequence, microRows, steps, rate, replicas, say } = options
  const filler = tokenizer.specialTokens.get(padding) ?? 0
  const gap = tokenizer.specialTokens.get(fimMiddle) ?? filler
  const vocabulary = Math.min(...tokenizer.specialTokens.values())
  const text = new PackedBatches({
    ...{ sources: batchSources(data, 'train', sequence), batch: rows, sequence, seed: 1, padding: filler },
  })
  const micro = { rows: microRows, length: sequence, packed: true }
  const model = new Replicas({ config, objective: { kind }, micro, optimizer, useMuon: true, replicas })
  initialise(config, model.views(), 1)
  const schedule = {
    kind: 'wsd',
    peak: rate,
    final: 0.05,
    warmupSteps: 30,
    totalSteps: steps,
    decayShare: 0.3,
  } as const
  const losses: number[] = []
  const began = performance.now()
  try {
    for (let step = 0; step < steps; step++) {
      const read = text.next()
      const batch = kind === 'masked' ? withGaps(read, { share: gapShare, gap, vocabulary, seed: mix(1, step) }) : read
      const batches = microBatches(batch, microRows, sequence, step, Math.max(1, learnedTokens(batch)))
      losses.push(await model.accumulate(batches))
      const squares = await model.reduce()
      const now = learningRate(step, schedule)
      const scalars = { learningRate: now, muonLearningRate: now, weightDecay: 0.1, step: step + 1 }
      await model.update({ ...scalars, gradientScale: clipScale(squares, 1) })
      if ((step + 1) % 50 === 0) say(`${kind}: step ${step + 1} of ${steps}, loss ${losses[step].toFixed(3)}`)
    }
    const last = losses.slice(-Math.ceil(steps / 10))
    return {
      parameters: new Map([...model.views()].map(([name, array]) => [name, { data: array.slice() }])),
      loss: last.reduce((a, b) => a + b, 0) / last.length,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    text.close()
    await model.close()
  }
}
