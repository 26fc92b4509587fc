import fc from 'fast-check'
import { expect, test } from 'vitest'
import { input } from './graph.ts'
import { discrepancy, operands } from './oracle.ts'
import { max, mean, sum, sumSquares } from './reduce.ts'

const operations = { sum, mean, max, sumSquares }

test.each(Object.entries(operations))('%s', async (name, reduce) => {
  const smallest = name === 'mean' ? 1 : 0
  const cases = fc.array(fc.integer({ min: smallest, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.option(fc.array(fc.integer({ min: -shape.length, max: shape.length - 1 })), { nil: undefined }),
      keep: fc.boolean(),
      seed: fc.nat(1e6),
    }),
  )
  await fc.assert(
    fc.asyncProperty(cases, async ({ shape, axes, keep, seed }) => {
      const { inputs, feeds } = operands([shape], seed)
      const { runtime, gradient } = await discrepancy(reduce(inputs[0], axes, keep), inputs, feeds)
      expect(runtime).toBeLessThan(1e-5)
      expect(gradient).toBeLessThan(1e-6)
    }),
    { numRuns: 30 },
  )
})

test('where several elements are the largest, they share the gradient', async () => {
  const x = input('x', [4])
  const { runtime } = await discrepancy(max(x), [x], { x: Float64Array.of(3, 1, 3, 2) })
  expect(runtime).toBeLessThan(1e-6)
})

test('an absent axis and a mean of nothing are named', () => {
  expect(() => sum(input('x', [2, 3]), [2])).toThrow('ReduceSum: no axis 2 in rank 2')
  expect(() => mean(input('x', [0, 3]), [0])).toThrow('ReduceMean: [0, 3] leaves nothing for [3]')
})
