import { describe, expect, test } from 'vitest'
import { seededRandom } from '#data/shuffle'
import { grad } from '#tensor/grad'
import { constant, input, type Tensor } from '#tensor/graph'
import { difference, gradientDifference, runtimeDifference } from '#tensor/oracle'
import { evaluate } from '#tensor/reference'
import { type LossOptions, ppoLoss } from './loss.ts'
import { decisionColumns, mlpExpressions } from './mlp-graph.ts'
import { initialiseMlp, type MlpConfig, mlpLayout, normalNumber } from './mlp-layout.ts'

const names = ['logProb', 'entropy', 'value', 'oldLogProb', 'oldValue', 'advantage', 'target', 'weight'] as const
type Row = Record<(typeof names)[number], number>

/** The loss of single decisions in plain float64, straight from the paper's equations. */
function plainly(rows: readonly Row[], options: Omit<LossOptions, 'clip'> & { clip: number }) {
  const { clip, valueClip, valueWeight, entropyWeight } = options
  const sums = { policy: 0, value: 0, entropy: 0, kl: 0, outside: 0 }
  for (const row of rows) {
    const ratio = Math.exp(row.logProb) / Math.exp(row.oldLogProb)
    const within = Math.min(1 + clip, Math.max(1 - clip, ratio))
    sums.policy -= row.weight * Math.min(ratio * row.advantage, within * row.advantage)
    let error = (row.value - row.target) ** 2
    if (valueClip !== null) {
      const held = row.oldValue + Math.min(valueClip, Math.max(-valueClip, row.value - row.oldValue))
      error = Math.max(error, (held - row.target) ** 2)
    }
    sums.value += row.weight * error
    sums.entropy += row.weight * row.entropy
    sums.kl += row.weight * (ratio - 1 - Math.log(ratio))
    if (Math.abs(ratio - 1) > clip) sums.outside += row.weight
  }
  const loss = sums.policy + valueWeight * sums.value - entropyWeight * sums.entropy
  return [loss, sums.policy, sums.value, sums.entropy, sums.kl, sums.outside]
}

function randomRows(count: number, seed: number): Row[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const oldLogProb = -0.2 - 2 * random()
    const oldValue = normalNumber(random)
    return {
      oldLogProb,
      logProb: oldLogProb + 0.6 * normalNumber(random),
      entropy: random(),
      oldValue,
      value: oldValue + normalNumber(random),
      advantage: normalNumber(random),
      target: normalNumber(random),
      weight: random() / count,
    }
  })
}

describe.each([
  { clip: 0.2, valueClip: null, valueWeight: 0.5, entropyWeight: 0.01 },
  { clip: 0.1, valueClip: 0.4, valueWeight: 1, entropyWeight: 0 },
  { clip: 0.5, valueClip: 0.2, valueWeight: 0.1, entropyWeight: 0.3 },
])('with $clip and $valueClip', (options) => {
  const rows = randomRows(200, 5)
  const inputs = Object.fromEntries(names.map((name) => [name, input(name, [rows.length])])) as Record<
    (typeof names)[number],
    Tensor
  >
  const { loss, statistics } = ppoLoss(inputs, { ...options, clip: constant(options.clip) })
  const feeds = Object.fromEntries(names.map((name) => [name, Float64Array.from(rows, (row) => row[name])]))

  test('is what the equations say', () => {
    expect(difference(evaluate([statistics], feeds)[0], plainly(rows, options))).toBeLessThan(1e-7)
  })

  test('has the gradient of the equations, by central differences', () => {
    for (const name of ['logProb', 'entropy', 'value'] as const) {
      const [gradient] = evaluate(grad(loss, [inputs[name]]), feeds)
      const step = 1e-6
      const moved = (i: number, by: number) =>
        plainly(
          rows.map((row, k) => (k === i ? { ...row, [name]: row[name] + by } : row)),
          options,
        )[0]
      const expected = rows.map((_, i) => (moved(i, step) - moved(i, -step)) / (2 * step))
      expect(difference(gradient, expected)).toBeLessThan(1e-6)
      expect(gradient.some((value) => value !== 0)).toBe(options.entropyWeight > 0 || name !== 'entropy')
    }
  })

  test('pulls no further where the ratio has left its range on the good side', () => {
    const [gradient] = evaluate(grad(loss, [inputs.logProb]), feeds)
    const beyond = (row: Row) => {
      const ratio = Math.exp(row.logProb - row.oldLogProb)
      return row.advantage > 0 ? ratio > 1 + options.clip : ratio < 1 - options.clip
    }
    expect(rows.filter(beyond).length).toBeGreaterThan(10)
    for (const [i, row] of rows.entries()) expect(gradient[i] === 0).toBe(beyond(row))
  })
})

const mlps: [string, MlpConfig][] = [
  ['discrete', { inputs: 3, hidden: [5, 4], actions: { kind: 'discrete', n: 3 } }],
  ['Gaussian', { inputs: 2, hidden: [4], actions: { kind: 'gaussian', width: 2 } }],
]

describe.each(mlps)('through a whole %s network', (_name, config) => {
  const rows = 7
  const { loss, parameters, statistics } = mlpExpressions(config, rows, {
    valueClip: 0.3,
    valueWeight: 0.5,
    entropyWeight: 0.02,
  })
  const layout = mlpLayout(config)
  const random = seededRandom(9)
  const flat = new Float32Array(layout.size)
  initialiseMlp(layout, flat, 3)
  const width = config.inputs + decisionColumns.length
  const decisions = Float64Array.from({ length: rows * width }, (_, i) => {
    if (i % width === config.inputs) return -1 - random()
    return i % width === width - 1 ? 1 / rows : normalNumber(random)
  })
  const { actions } = config
  const feeds = {
    parameters: Float64Array.from(flat, (value) => value + 0.2 * normalNumber(random)),
    decisions,
    clip: Float64Array.of(0.2),
    actions:
      actions.kind === 'discrete'
        ? BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(random() * actions.n)))
        : Float64Array.from({ length: rows * actions.width }, () => normalNumber(random)),
  }

  test('the gradient of every parameter agrees with central differences', () => {
    expect(gradientDifference(loss, [parameters], feeds)).toBeLessThan(1e-6)
  })

  test('ONNX Runtime computes loss and gradient as the float64 reference does', async () => {
    expect(await runtimeDifference([statistics, ...grad(loss, [parameters])], feeds)).toBeLessThan(1e-5)
  })
})
