/** What a policy forgot of the text that its base model was trained on: bits per byte of held-out documents. */
import { batchSources } from '#data/prepare'
import { bootstrap } from '#exam/statistics'
import { padding } from '#model/chat'
import { Tokenizer } from '#model/tokenizer'
import { loadModel } from '#model/weights'
import { validationSets } from '#train/evaluation'
import { Replicas } from '#train/replicas'

/** The held-out text of a base model's run. */
export interface HeldOut {
  /** `data` in the run's folder. */
  data: string
  rows: number
  sequence: number
  microRows: number
  replicas: number
}

/** Nats of each micro-batch of held-out text, all sources in turn, and the bytes of all of them. */
export interface TextLoss {
  nats: number[]
  bytes: number
  bitsPerByte: number
}

export async function textLoss(folder: string, { data, rows, sequence, microRows, replicas }: HeldOut) {
  const { config, parameters } = await loadModel(folder)
  const tokenizer = await Tokenizer.open(folder)
  const filler = tokenizer.specialTokens.get(padding) ?? 0
  const sources = batchSources(data, 'validation', sequence)
  const sets = validationSets(sources, tokenizer, { rows, microRows, length: sequence, padding: filler })
  const model = new Replicas({
    config: { ...config, dropout: 0 },
    micro: { rows: microRows, length: sequence, packed: true },
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, muonMomentum: 0.95 },
    useMuon: false,
    replicas,
  })
  try {
    for (const [name, array] of model.views()) array.set(parameters.get(name)?.data ?? array)
    const nats: number[] = []
    for (const { micro } of sets) for (const [value] of await model.measure(micro)) nats.push(value)
    const bytes = sets.reduce((sum, set) => sum + set.bytes, 0)
    return { nats, bytes, bitsPerByte: nats.reduce((a, b) => a + b, 0) / Math.LN2 / Math.max(1, bytes) }
  } finally {
    await model.close()
  }
}

export interface Regression {
  /** Growth of the loss, 0.03 being 3 %, with the bootstrap interval over pairs of micro-batches. */
  share: number
  low: number
  high: number
}

/** How much more a model needs for the same text than the one that it came from. */
export function regressionOf(own: TextLoss, before: TextLoss): Regression {
  const pairs = own.nats.map((nats, i): [number, number] => [nats, before.nats[i]])
  const growth = (sample: readonly (readonly [number, number])[]) =>
    sample.reduce((sum, [a]) => sum + a, 0) / sample.reduce((sum, [, b]) => sum + b, 0) - 1
  return { share: growth(pairs), ...bootstrap(pairs, growth) }
}
