import { expect, test } from 'vitest'
import type { Batch } from '#data/packing'
import { type GptConfig, parameterSpecs, presets } from '#model/config'
import { hiddenStates } from '#model/gpt'
import { input } from '#tensor/graph'
import { evaluate } from '#tensor/reference'
import { fineTune, type LabelledText } from './fine-tuning.ts'
import { initialise } from './initial-weights.ts'
import { withGaps } from './masking.ts'
import { Replicas } from './replicas.ts'

const shape = { vocabSize: 12, contextLength: 16, layers: 1, width: 16, heads: 2, kvHeads: 1, headWidth: 8, hidden: 24 }
const config: GptConfig = { ...presets.starter, ...shape, dropout: 0 }

function body(seed = 1) {
  const arrays = new Map(
    parameterSpecs(config).map(({ name, shape: of }) => [name, new Float32Array(of.reduce((a, b) => a * b, 1))]),
  )
  initialise(config, arrays, seed)
  return new Map([...arrays].map(([name, data]) => [name, { data }]))
}

const statesOf = (tokens: readonly number[], documents: readonly number[], bothWays: boolean) => {
  const length = tokens.length
  const parameters = new Map(parameterSpecs(config).map(({ name, shape: of }) => [name, input(name, of)]))
  const of = {
    ...{ batch: 1, length, tokens: input('tokens', [length], 'int64'), bothWays },
    documents: input('documents', [1, length], 'int64'),
  }
  const weights = [...body()].map(([name, { data }]) => [name, Float64Array.from(data, (value) => value * 20)])
  const [states] = evaluate([hiddenStates(config, parameters, of)], {
    ...Object.fromEntries(weights),
    tokens: BigInt64Array.from(tokens, BigInt),
    documents: BigInt64Array.from(documents, BigInt),
  })
  return Array.from({ length }, (_, t) => states.slice(t * config.width, (t + 1) * config.width))
}

test('an encoder sees what comes behind a token, a decoder does not, and neither another document', () => {
  const [plain, changed] = [
    [1, 2, 3, 4, 5, 6],
    [1, 2, 3, 4, 9, 6],
  ]
  const documents = [0, 0, 0, 1, 1, 1]
  const apart = (bothWays: boolean) => {
    const [a, b] = [plain, changed].map((tokens) => statesOf(tokens, documents, bothWays))
    return a.map((states, t) => Math.max(...Array.from(states, (value, i) => Math.abs(value - b[t][i]))) > 1e-6)
  }
  expect(apart(true)).toEqual([false, false, false, true, true, true])
  expect(apart(false)).toEqual([false, false, false, false, true, true])
})

test('gaps: what is asked for is what stood there, never a document’s first token, in the stated shares', () => {
  const rows = 200
  const sequence = 50
  const size = rows * sequence
  const batch: Batch = {
    tokens: Int32Array.from({ length: size }, (_, i) => i % 10),
    targets: Int32Array.from({ length: size }, (_, i) => (i + 1) % 10),
    mask: new Float32Array(size).fill(1),
    documents: Int32Array.from({ length: size }, (_, i) => Number(i % sequence >= 20)),
    positions: new Int32Array(size),
  }
  const options = { share: 0.15, gap: 11, vocabulary: 10, seed: 4 }
  const made = withGaps(batch, options)
  expect(made).toEqual(withGaps(batch, options))
  expect(made.targets).toEqual(batch.tokens)
  const asked = [...made.mask.keys()].filter((at) => made.mask[at] > 0)
  for (const at of asked) expect([0, 20]).not.toContain(at % sequence)
  expect(asked.length / (rows * 48)).toBeCloseTo(0.15, 1)
  const gone = asked.filter((at) => made.tokens[at] === 11).length / asked.length
  expect(gone).toBeGreaterThan(0.75)
  expect(gone).toBeLessThan(0.85)
  const left = asked.filter((at) => made.tokens[at] === batch.tokens[at]).length / asked.length
  expect(left).toBeGreaterThan(0.07)
  expect(left).toBeLessThan(0.15)
  for (let at = 0; at < size; at++) if (made.mask[at] === 0) expect(made.tokens[at]).toBe(batch.tokens[at])
})

test('an encoder learns to fill gaps from both sides', async () => {
  // A gap lies between two tokens of which the one behind it alone says what it was.
  const model = new Replicas({
    config,
    objective: { kind: 'masked' },
    micro: { rows: 4, length: 12, packed: true },
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, muonMomentum: 0.95 },
    useMuon: false,
    replicas: 1,
  })
  try {
    for (const [name, array] of model.views()) array.set(body(2).get(name)?.data ?? array)
    const batch = (seed: number) => {
      const size = 48
      const answer = (row: number) => (seed * 7 + row * 3 + seed * row) % 5
      const tokens = Int32Array.from({ length: size }, (_, i) =>
        i % 12 === 4 ? 11 : i % 12 === 9 ? answer(Math.floor(i / 12)) : 6,
      )
      const targets = Int32Array.from({ length: size }, (_, i) => answer(Math.floor(i / 12)))
      const weights = Float32Array.from({ length: size }, (_, i) => (i % 12 === 4 ? 1 / 4 : 0))
      const positions = Int32Array.from({ length: size }, (_, i) => i % 12)
      return { tokens, targets, weights, positions, documents: new Int32Array(size), seed: 0 }
    }
    let loss = 0
    for (let step = 1; step <= 250; step++) {
      loss = await model.accumulate([batch(step)])
      await model.reduce()
      await model.update({
        learningRate: step < 150 ? 0.01 : 0.003,
        muonLearningRate: 0,
        weightDecay: 0,
        step,
        gradientScale: 1,
      })
    }
    // Chance among five is 1.6 nats.
    expect(loss).toBeLessThan(0.5)
  } finally {
    await model.close()
  }
}, 120_000)

/** Texts of a class that their first or their last token tells, behind and before others. */
const example = (i: number): LabelledText => {
  const length = 6 + (i % 5)
  const label = i % 2
  const ids = Uint32Array.from({ length }, (_, t) => (t === 1 ? 3 + label : 6 + ((i * 5 + t * t) % 4)))
  return { ids, label }
}

test.each([
  ['an encoder', true, 2],
  ['a decoder', false, 2],
  ['an encoder', true, 1],
] as const)(
  '%s learns a head (both ways: %s, outputs: %d) and tells texts that it never saw',
  async (_n, bothWays, outputs) => {
    const examples = Array.from({ length: 160 }, (_, i) => example(i * 3 + 1))
    const options = { bothWays, outputs, sequence: 12, rows: 16, epochs: 10, learningRate: 0.01, seed: 1, replicas: 1 }
    const tuned = await fineTune(examples, { config, parameters: body(3), ...options })
    try {
      const unseen = Array.from({ length: 30 }, (_, i) => example(1000 + i))
      const said = await tuned.predict(unseen.map(({ ids }) => ids))
      const right = unseen.filter(({ label }, i) => {
        const [first, second] = said[i]
        return (outputs === 1 ? Number(first > 0.5) : Number(second > first)) === label
      })
      expect(right.length).toBeGreaterThan(27)
      expect(said.every(({ length }) => length === outputs)).toBe(true)
    } finally {
      await tuned.close()
    }
  },
  120_000,
)
