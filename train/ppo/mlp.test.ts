import { describe, expect, test } from 'vitest'
import { seededRandom } from '#data/shuffle'
import { difference } from '#tensor/oracle'
import { compile } from '#tensor/program'
import { MlpForward } from './mlp-forward.ts'
import { decisionColumns, mlpExpressions } from './mlp-graph.ts'
import { initialiseMlp, type MlpConfig, mlpLayout, normalNumber, orthogonal } from './mlp-layout.ts'
import { MlpLearner } from './mlp-learner.ts'
import type { Experience } from './ports.ts'
import { parsePpoSettings } from './settings.ts'

const configs: [string, MlpConfig][] = [
  ['discrete', { inputs: 4, hidden: [64, 64], actions: { kind: 'discrete', n: 3 } }],
  ['Gaussian', { inputs: 3, hidden: [32], actions: { kind: 'gaussian', width: 2 } }],
  ['odd', { inputs: 5, hidden: [7, 6, 9], actions: { kind: 'discrete', n: 2 } }],
]

test.each([
  [64, 64],
  [64, 4],
  [2, 64],
  [1, 7],
])('a random %s × %s matrix is orthogonal on its shorter side', (rows, columns) => {
  const matrix = orthogonal(rows, columns, seededRandom(rows))
  const at = (row: number, column: number) => matrix[row * columns + column]
  const short = Math.min(rows, columns)
  for (let i = 0; i < short; i++)
    for (let j = 0; j < short; j++) {
      let product = 0
      for (let k = 0; k < Math.max(rows, columns); k++)
        product += rows < columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j)
      expect(Math.abs(product - Number(i === j))).toBeLessThan(1e-12)
    }
})

test('a new policy finds all actions nearly equally likely, and depends on its seed alone', () => {
  const [[, config]] = configs
  const layout = mlpLayout(config)
  const filled = (seed: number) => {
    const flat = new Float32Array(layout.size)
    initialiseMlp(layout, flat, seed)
    return flat
  }
  expect(filled(1)).toEqual(filled(1))
  expect(filled(1)).not.toEqual(filled(2))
  const outputs = new MlpForward(config, filled(1)).outputs(Float32Array.of(1, -1, 0.5, 2), 0)
  for (const output of outputs) expect(Math.abs(output)).toBeLessThan(0.05)
})

describe.each(configs)('the %s network', (_name, config) => {
  const rows = 40
  const layout = mlpLayout(config)
  const random = seededRandom(2)
  const parameters = new Float32Array(layout.size)
  initialiseMlp(layout, parameters, 7)
  for (let i = 0; i < parameters.length; i++) parameters[i] += 0.3 * normalNumber(random)
  const observations = Float32Array.from({ length: rows * config.inputs }, () => normalNumber(random))

  test('forward in plain arrays agrees with the tensor program', async () => {
    const options = { valueClip: null, valueWeight: 0.5, entropyWeight: 0 }
    const { outputs, values } = mlpExpressions(config, rows, options)
    const program = await compile({ outputs, values })
    const width = config.inputs + decisionColumns.length
    const decisions = new Float32Array(rows * width)
    for (let row = 0; row < rows; row++)
      decisions.set(observations.subarray(row * config.inputs, (row + 1) * config.inputs), row * width)
    const expected = await program.run({ parameters, decisions })
    await program.release()
    const forward = new MlpForward(config, parameters)
    const places = Array.from({ length: rows }, (_, row) => row * config.inputs)
    const found = places.flatMap((at) => [...forward.outputs(observations, at)])
    expect(difference(found, expected.outputs as Float32Array)).toBeLessThan(1e-6)
    const valued = places.map((at) => forward.valueOf(observations, at))
    expect(difference(valued, expected.values as Float32Array)).toBeLessThan(1e-6)
  })

  /** Decisions of the network itself. */
  function experience(): Experience {
    const forward = new MlpForward(config, parameters)
    const width = forward.actionWidth
    const actions = new Float32Array(rows * width)
    const logProbs = new Float32Array(rows)
    const values = new Float32Array(rows)
    for (let row = 0; row < rows; row++) {
      const action = actions.subarray(row * width, (row + 1) * width)
      logProbs[row] = forward.draw(observations, row * config.inputs, random, action)
      values[row] = forward.valueOf(observations, row * config.inputs)
    }
    const nothing = { rewards: new Float32Array(rows), ends: new Uint8Array(rows), bootstrap: new Float32Array(rows) }
    return { count: rows, ...nothing, values, logProbs, units: null, columns: { observations, actions }, facts: {} }
  }

  const someNumbers = (count: number) => Float32Array.from({ length: count }, () => normalNumber(random))

  test('finds its own actions as likely in learning as it did in drawing them', async () => {
    const learner = await MlpLearner.open(config, parsePpoSettings({ iterations: 1, minibatch: rows }))
    learner.arrays.parameters.set(parameters)
    const decisions = Uint32Array.from({ length: rows }, (_, i) => rows - 1 - i)
    const of = { experience: experience(), units: decisions, decisions, clip: 1e-5 }
    const { statistics } = await learner.gradient({ ...of, advantages: someNumbers(rows), targets: someNumbers(rows) })
    await learner.release()
    expect(statistics.clipFraction).toBe(0)
    expect(Math.abs(statistics.kl)).toBeLessThan(1e-6)
  })

  test('learns from a part of a minibatch as from one of that size', async () => {
    const decisions = Uint32Array.of(3, 30, 5, 11, 12)
    const of = { experience: experience(), units: decisions, decisions, clip: 0.2 }
    const batch = { ...of, advantages: someNumbers(5), targets: someNumbers(5) }
    const all = { experience: of.experience, clip: 0.2, advantages: someNumbers(rows), targets: someNumbers(rows) }
    const places = Uint32Array.from({ length: rows }, (_, i) => i)
    const found = []
    for (const minibatch of [5, rows]) {
      const learner = await MlpLearner.open(config, parsePpoSettings({ iterations: 1, minibatch }))
      learner.arrays.parameters.set(parameters)
      if (minibatch === rows) await learner.gradient({ ...all, units: places, decisions: places })
      found.push(await learner.gradient(batch))
      await learner.update({ learningRate: 1e-2, gradientScale: 1, step: 1 })
      found.push(learner.arrays.first.slice())
      await learner.release()
    }
    expect(found[2]).toEqual({
      statistics: expect.anything(),
      squares: expect.closeTo((found[0] as { squares: number }).squares, 4),
    })
    expect(difference(found[3] as Float32Array, found[1] as Float32Array)).toBeLessThan(1e-6)
  })
})

test('actions are drawn as often as their probability says', () => {
  const config: MlpConfig = { inputs: 1, hidden: [], actions: { kind: 'discrete', n: 3 } }
  const forward = new MlpForward(config, Float32Array.of(0, 0, 0, Math.log(0.2), Math.log(0.5), Math.log(0.3), 0, 0))
  const random = seededRandom(8)
  const counts = [0, 0, 0]
  const action = new Float32Array(1)
  for (let i = 0; i < 20_000; i++) {
    const logProb = forward.draw(Float32Array.of(0), 0, random, action)
    expect(logProb).toBeCloseTo(Math.log([0.2, 0.5, 0.3][action[0]]), 6)
    counts[action[0]]++
  }
  for (const [i, share] of [0.2, 0.5, 0.3].entries()) expect(Math.abs(counts[i] / 20_000 - share)).toBeLessThan(0.015)
  forward.best(Float32Array.of(0), 0, action)
  expect(action[0]).toBe(1)
})

test('a real action has the mean, the deviation and the density of its normal distribution', () => {
  const config: MlpConfig = { inputs: 1, hidden: [], actions: { kind: 'gaussian', width: 1 } }
  // Weight and bias of the mean, of the value, and the logarithm of the deviation.
  const forward = new MlpForward(config, Float32Array.of(2, 1, 0, 0, Math.log(0.5)))
  const random = seededRandom(8)
  const action = new Float32Array(1)
  let sum = 0
  let squares = 0
  for (let i = 0; i < 20_000; i++) {
    const logProb = forward.draw(Float32Array.of(3), 0, random, action)
    const density = Math.exp(-0.5 * ((action[0] - 7) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI))
    expect(Math.abs(Math.exp(logProb) - density)).toBeLessThan(1e-6)
    sum += action[0]
    squares += (action[0] - 7) ** 2
  }
  expect(Math.abs(sum / 20_000 - 7)).toBeLessThan(0.02)
  expect(Math.abs(Math.sqrt(squares / 20_000) - 0.5)).toBeLessThan(0.01)
})
