import { describe, expect, it } from 'vitest'
import { presets } from '#model/config'
import { meanOfStates, meanVector } from '#model/embedder'
import { parameterInputs } from '#model/gpt'
import { grad } from '#tensor/grad'
import { constant, input } from '#tensor/graph'
import { difference, gradientDifference, operands, randomNumbers, runtimeDifference } from '#tensor/oracle'
import { evaluate } from '#tensor/reference'
import { infoNce } from './contrast.ts'
import { lookUp, spreadBack } from './lookup.ts'

const real = (values: number[], shape: number[]) => constant(Float32Array.from(values), shape)

describe('the loss of texts that belong together', () => {
  const objective = { kind: 'contrastive', temperature: 0.5, cuts: [4, 2] } as const
  const texts = input('texts', [6, 4])
  const { loss, statistics } = infoNce(texts, real([0.25, 0.25, 0.5], [3]), objective)
  const feeds = { texts: operands([[6, 4]], 5).feeds.x0 }

  /** The same by hand, in loops. */
  function byHand(values: Float64Array): { loss: number; told: number } {
    const row = (at: number, cut: number) => {
      const part = Array.from(values.subarray(at * 4, at * 4 + cut))
      const length = Math.hypot(...part)
      return part.map((value) => value / length)
    }
    const weights = [0.25, 0.25, 0.5]
    let total = 0
    let told = 0
    for (const cut of objective.cuts)
      for (let one = 0; one < 3; one++) {
        const score = (a: number, b: number) =>
          row(a, cut).reduce((sum, value, i) => sum + value * row(b + 3, cut)[i], 0) / objective.temperature
        const scores = [0, 1, 2].map((other) => score(one, other))
        const back = [0, 1, 2].map((other) => score(other, one))
        const nll = (all: number[]) => Math.log(all.reduce((sum, value) => sum + Math.exp(value), 0)) - all[one]
        total += (weights[one] * (nll(scores) + nll(back))) / 2 / objective.cuts.length
        if (cut === 4 && Math.max(...scores) === scores[one]) told += weights[one]
      }
    return { loss: total, told }
  }

  it('is the mean of both directions and of all lengths, by hand', () => {
    const [value, said] = evaluate([loss, statistics], feeds)
    const expected = byHand(feeds.texts)
    expect(difference(value, [expected.loss])).toBeLessThan(1e-6)
    expect(difference(said, [expected.loss, expected.told])).toBeLessThan(1e-6)
  })

  it('has the gradient of its differences, and the runtime’s', async () => {
    expect(gradientDifference(loss, [texts], feeds)).toBeLessThan(1e-6)
    expect(await runtimeDifference([loss, statistics, ...grad(loss, [texts])], feeds)).toBeLessThan(1e-5)
  })

  it('is the logarithm of the batch where nothing is told apart', () => {
    const same = Float64Array.from({ length: 24 }, () => 1)
    expect(difference(evaluate([loss], { texts: same })[0], [Math.log(3)])).toBeLessThan(1e-6)
  })
})

describe('a text’s vector', () => {
  it('is the mean of its tokens’, and the same where it is served', () => {
    const table = Float32Array.from({ length: 5 * 3 }, (_, i) => Math.sin(i + 1))
    const texts = {
      tokens: Int32Array.of(1, 3, 1, 0, 2, 0, 0, 0),
      weights: Float32Array.of(1 / 3, 1 / 3, 1 / 3, 0, 1, 0, 0, 0),
    }
    const means = new Float32Array(6)
    lookUp(table, texts, 4, means)
    const by = (dimensions: number) => {
      const length = Math.hypot(...means.subarray(0, dimensions))
      return means.slice(0, dimensions).map((each) => each / length)
    }
    expect(difference(by(3), meanVector(table, 3, [1, 3, 1]))).toBeLessThan(1e-6)
    expect(difference(by(2), meanVector(table, 3, [1, 3, 1], 2))).toBeLessThan(1e-6)
    expect(difference(means.subarray(3), table.subarray(6, 9))).toBeLessThan(1e-6)
    expect([...meanVector(table, 3, [])]).toEqual([0, 0, 0])
  })

  it('sends its slope back to its tokens: looking up and sending back are each other’s transposes', () => {
    const random = randomNumbers(3)
    const some = (length: number) => Float32Array.from({ length }, () => random() - 0.5)
    const [table, slopes, gradient, means] = [some(21), some(9), new Float32Array(21), new Float32Array(9)]
    const texts = {
      tokens: Int32Array.from({ length: 12 }, () => Math.floor(random() * 7)),
      weights: some(12).map((weight) => Math.max(0, weight)),
    }
    lookUp(table, texts, 4, means)
    spreadBack(slopes, texts, 4, gradient)
    const product = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0)
    expect(product(gradient, table)).toBeCloseTo(product(slopes, means), 5)
    expect(product(slopes, means)).not.toBeCloseTo(0, 3)
  })

  it('is the mean of what layers make of it, whatever the row is filled up with', () => {
    const config = {
      ...presets.starter,
      vocabSize: 6,
      contextLength: 4,
      layers: 1,
      width: 8,
      heads: 2,
      kvHeads: 1,
      headWidth: 4,
      hidden: 8,
    }
    const parameters = parameterInputs(config)
    const { feeds } = operands(
      [...parameters.values()].map(({ shape }) => shape),
      3,
    )
    const named = Object.fromEntries([...parameters.keys()].map((name, i) => [name, feeds[`x${i}`]]))
    const of = { batch: 1, length: 4, tokens: input('tokens', [4], 'int64') }
    const mean = meanOfStates(config, parameters, of, input('shares', [4]))
    const vector = (tokens: bigint[]) =>
      evaluate([mean], { ...named, tokens: BigInt64Array.from(tokens), shares: Float64Array.of(0.5, 0.5, 0, 0) })[0]
    expect(difference(vector([1n, 2n, 3n, 4n]), vector([1n, 2n, 0n, 0n]))).toBe(0)
    expect(difference(vector([1n, 2n, 0n, 0n]), vector([2n, 1n, 0n, 0n]))).toBeGreaterThan(1e-3)
  })
})
