import { describe, expect, it, test } from 'vitest'
import { grad } from '#tensor/grad'
import { constant, input } from '#tensor/graph'
import { difference, gradientDifference, runtimeDifference } from '#tensor/oracle'
import { evaluate } from '#tensor/reference'
import { answerLogProbs, bradleyTerry, dpoLoss } from './pairs.ts'

const whole = (values: number[]) => constant(BigInt64Array.from(values, BigInt), [values.length])
const real = (values: number[]) => constant(Float32Array.from(values), [values.length])

/** Three answers of one prompt, best first: pairs (0,1), (0,2), (1,2) of a third each, and room that is not used. */
const pairs = { better: whole([0, 0, 1, 0]), worse: whole([1, 2, 2, 0]), weights: real([1 / 3, 1 / 3, 1 / 3, 0]) }
const scores = input('scores', [3])
const logSigma = (x: number) => -Math.log(1 + Math.exp(-x))

describe('the loss of a reward model', () => {
  const { loss, statistics } = bradleyTerry(scores, pairs)
  const feeds = { scores: Float64Array.of(1.5, -0.5, 0.25) }

  it('is the mean of −log σ over all pairs of a ranking, by hand', () => {
    const expected = -(logSigma(2) + logSigma(1.25) + logSigma(-0.75)) / 3
    const [value, said] = evaluate([loss, statistics], feeds)
    expect(difference(value, [expected])).toBeLessThan(1e-7)
    // Better: 1.5, 1.5, −0.5; worse: −0.5, 0.25, 0.25; two of three in the right order.
    expect(difference(said, [expected, 2.5 / 3, 0, 2 / 3])).toBeLessThan(1e-7)
  })

  it('has the gradient of its differences, and the runtime’s', async () => {
    expect(gradientDifference(loss, [scores], feeds)).toBeLessThan(1e-8)
    expect(await runtimeDifference([loss, statistics, ...grad(loss, [scores])], feeds)).toBeLessThan(1e-5)
  })

  it('pulls apart what is equal: the gradient at 0 is a half, and a tie is half right', () => {
    const one = { better: whole([0]), worse: whole([1]), weights: real([1]) }
    const tie = bradleyTerry(scores, one)
    const [said, gradient] = evaluate([tie.statistics, ...grad(tie.loss, [scores])], {
      scores: Float64Array.of(2, 2, 0),
    })
    expect(difference(said, [Math.LN2, 2, 2, 0.5])).toBeLessThan(1e-7)
    expect(difference(gradient, [-0.5, 0.5, 0])).toBeLessThan(1e-9)
  })
})

describe('the loss of DPO', () => {
  const logProbs = input('logProbs', [3])
  const reference = input('reference', [3])
  const feeds = { logProbs: Float64Array.of(-10, -14, -9), reference: Float64Array.of(-11, -12, -9.5) }
  // Log-ratios 1, −2 and 0.5, so margins 3, 0.5 and −2.5 before β.
  const beta = 0.2
  const cases = [
    ['sigmoid', 0, [0.6, 0.1, -0.5].map((m) => -logSigma(m))],
    ['sigmoid', 0.1, [0.6, 0.1, -0.5].map((m) => -0.9 * logSigma(m) - 0.1 * logSigma(-m))],
    ['ipo', 0, [3, 0.5, -2.5].map((h) => (h - 2.5) ** 2)],
  ] as const

  test.each(cases)('%s, smoothing %d, by hand; gradients', async (loss, smoothing, each) => {
    const made = dpoLoss(logProbs, reference, pairs, { kind: 'dpo', beta, loss, smoothing })
    const expected = each.reduce((sum, value) => sum + value, 0) / 3
    const [value, said] = evaluate([made.loss, made.statistics], feeds)
    expect(difference(value, [expected])).toBeLessThan(1e-6)
    expect(difference(said, [expected, 0, (-0.4 + 0.1 + 0.1) / 3, 2 / 3])).toBeLessThan(1e-6)
    expect(gradientDifference(made.loss, [logProbs], feeds)).toBeLessThan(1e-8)
    expect(await runtimeDifference([made.loss, made.statistics, ...grad(made.loss, [logProbs])], feeds)).toBeLessThan(
      1e-5,
    )
  })

  it('at the start is ln 2, and its gradient β times a half', () => {
    const one = { better: whole([0]), worse: whole([1]), weights: real([1]) }
    const { loss } = dpoLoss(logProbs, logProbs, one, { kind: 'dpo', beta, loss: 'sigmoid', smoothing: 0 })
    expect(difference(evaluate([loss], feeds)[0], [Math.LN2])).toBeLessThan(1e-7)
    const fresh = dpoLoss(logProbs, reference, one, { kind: 'dpo', beta, loss: 'sigmoid', smoothing: 0 })
    const same = { logProbs: feeds.logProbs, reference: feeds.logProbs }
    expect(difference(evaluate(grad(fresh.loss, [logProbs]), same)[0], [-0.1, 0.1, 0])).toBeLessThan(1e-7)
  })
})

test('log-probabilities of answers are sums over their learned tokens; gradients', async () => {
  const nll = input('nll', [6])
  const feeds = { nll: Float64Array.of(1, 2, 3, 4, 5, 6) }
  const sums = answerLogProbs(nll, real([0, 1, 1, 1, 0, 1]), whole([0, 0, 1, 1, 1, 0]), 3)
  expect(difference(evaluate([sums], feeds)[0], [-8, -7, 0])).toBe(0)
  const { loss } = bradleyTerry(sums, pairs)
  expect(gradientDifference(loss, [nll], feeds)).toBeLessThan(1e-8)
  expect(await runtimeDifference([sums, ...grad(loss, [nll])], feeds)).toBeLessThan(1e-5)
})
