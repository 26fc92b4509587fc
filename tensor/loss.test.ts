import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mul } from './elementwise.ts'
import { grad } from './grad.ts'
import { constant, input, ShapeError } from './graph.ts'
import { linearCrossEntropy } from './loss.ts'
import { difference, gradientDifference, integerOperand, operands, runtimeDifference } from './oracle.ts'
import { sum } from './reduce.ts'
import { evaluate } from './reference.ts'

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 5 }),
  width: fc.integer({ min: 1, max: 4 }),
  vocabulary: fc.integer({ min: 1, max: 6 }),
  block: fc.integer({ min: 1, max: 6 }),
  scale: fc.constantFrom(1, 0.25),
  seed: fc.nat(1e6),
})

test('linearCrossEntropy: value, each row, and gradients in blocks of any size', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ rows, width, vocabulary, block, scale, seed }) => {
      const { inputs, feeds } = operands(
        [
          [rows, width],
          [vocabulary, width],
        ],
        seed,
      )
      const [h, table] = inputs
      const targets = integerOperand('targets', [rows], seed + 1, vocabulary)
      // Some rows count for nothing, as where a prompt is not learned.
      const weights = constant(
        Float32Array.from({ length: rows }, (_, i) => (i % 3 === 1 ? 0 : 0.5 + i)),
        [rows],
      )
      const given = { ...feeds, targets: targets.values }
      const { loss, nll } = linearCrossEntropy(h, table, targets.tensor, weights, block)
      const gradients = grad(loss, [h, table], constant(scale))
      expect(await runtimeDifference([loss, nll, ...gradients], given)).toBeLessThan(2e-5)
      // Whatever multiplies the loss multiplies its gradient.
      expect(gradientDifference(mul(loss, scale), [h, table], given)).toBeLessThan(1e-6)
      // A loss that is no weighted sum: each row's weight then depends on all rows.
      const joined = sum(mul(nll, nll))
      expect(await runtimeDifference(grad(joined, [h, table]), given)).toBeLessThan(2e-4)
      expect(gradientDifference(joined, [h, table], given)).toBeLessThan(1e-6)
      const expected = plainLoss(feeds.x0, feeds.x1, targets.values, width)
      expect(difference(evaluate([nll], given)[0], expected)).toBeLessThan(1e-9)
    }),
    { numRuns: 25 },
  )
})

/** −log softmax(h · tableᵀ) at each target, written out. */
function plainLoss(h: Float64Array, table: Float64Array, targets: BigInt64Array, width: number): Float64Array {
  return Float64Array.from(targets, (target, row) => {
    const scores = Array.from({ length: table.length / width }, (_, word) => {
      let score = 0
      for (let i = 0; i < width; i++) score += h[row * width + i] * table[word * width + i]
      return score
    })
    return Math.log(scores.reduce((t, s) => t + Math.exp(s), 0)) - scores[Number(target)]
  })
}

const targets = input('targets', [3], 'int64')
test.each<[string, () => unknown]>([
  ['a table', () => linearCrossEntropy(input('h', [3, 2]), input('t', [5, 3]), targets, input('w', [3]))],
  ['weights', () => linearCrossEntropy(input('h', [3, 2]), input('t', [5, 2]), targets, input('w', [2]))],
  [
    'no rows',
    () => linearCrossEntropy(input('h', [0, 2]), input('t', [5, 2]), input('n', [0], 'int64'), input('w', [0])),
  ],
])('%s: shapes that do not fit are named', (_name, build) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(/^crossEntropy: h \[\d, 2\], table \[5, \d\], targets \[\d\], weights \[\d\]$/)
})
