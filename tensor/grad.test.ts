import { expect, test } from 'vitest'
import { add, cast, exp, greater, log, mul, reluSquared, sin, tanh, where } from './elementwise.ts'
import { grad } from './grad.ts'
import { constant, input, operation, ShapeError, stopGradient, withGradient } from './graph.ts'
import { difference, gradientDifference, mixed, operands, runtimeDifference } from './oracle.ts'
import { sum } from './reduce.ts'
import { evaluate } from './reference.ts'
import { split } from './reshape.ts'

const x = input('x', [3])
const feeds = { x: Float64Array.of(0.5, -1.25, 2) }
const gradientAt = (...of: Parameters<typeof grad>): number[] => Array.from(evaluate(grad(...of), feeds)[0])

test('a tensor that is used twice collects both gradients', () => {
  expect(gradientAt(sum(add(mul(x, x), x)), [x])).toEqual([2, -1.5, 5])
})

test('the gradient of a sum of itself is one, scaled by the seed', () => {
  expect(gradientAt(sum(x), [x])).toEqual([1, 1, 1])
  expect(gradientAt(sum(x), [x], constant(3))).toEqual([3, 3, 3])
})

test('the gradient of a scalar to itself is its seed', () => {
  const y = sum(x)
  expect(evaluate(grad(y, [y]), feeds)[0]).toEqual(Float64Array.of(1))
})

test('a source that the scalar does not depend on has zeros', () => {
  const other = input('other', [2, 40])
  const [gradient] = grad(sum(x), [other])
  expect(gradient.shape).toEqual([2, 40])
  expect(evaluate([gradient], {})[0]).toEqual(new Float64Array(80))
})

test('nothing flows through stopGradient, a cast or a comparison', () => {
  expect(gradientAt(sum(mul(x, stopGradient(x))), [x])).toEqual([0.5, -1.25, 2])
  expect(gradientAt(sum(mul(x, cast(greater(x, 0), 'float32'))), [x])).toEqual([1, 0, 1])
  expect(gradientAt(sum(where(greater(x, 0), x, mul(x, 3))), [x])).toEqual([1, 3, 1])
})

test('a rule of its own replaces the expression below it', () => {
  const doubled = withGradient(exp(x), [x], (g) => [mul(g, 7)])
  expect(gradientAt(sum(doubled), [x])).toEqual([7, 7, 7])
  const none = withGradient(exp(x), [x], () => [null])
  expect(gradientAt(sum(add(none, x)), [x])).toEqual([1, 1, 1])
})

test('rules of their own say what the expression would', async () => {
  const { inputs, feeds: given } = operands([[4, 3]], 2)
  const scalar = mixed(reluSquared(add(inputs[0], mul(inputs[0], inputs[0]))))
  expect(gradientDifference(scalar, inputs, given)).toBeLessThan(1e-6)
  expect(await runtimeDifference(grad(scalar, inputs), given)).toBeLessThan(1e-5)
})

test('an expression in the middle may be a source, and one part of several', () => {
  const y = sin(x)
  expect(
    difference(
      gradientAt(sum(mul(y, y)), [y]),
      Array.from(feeds.x, (v) => 2 * Math.sin(v)),
    ),
  ).toBeLessThan(1e-12)
  const [, last] = split(x, 0, [1, 2])
  expect(gradientAt(sum(mul(last, last)), [last])).toEqual([-2.5, 4])
})

test('gradients have gradients', () => {
  const { inputs, feeds: given } = operands([[5]], 3, 'positive')
  const [first] = grad(mixed(mul(tanh(inputs[0]), log(inputs[0]))), inputs)
  expect(gradientDifference(mixed(first), inputs, given)).toBeLessThan(1e-6)
})

test('a long chain is differentiated without recursion', () => {
  let y = x
  for (let i = 0; i < 5_000; i++) y = add(y, 0)
  expect(gradientAt(sum(y), [x])).toEqual([1, 1, 1])
})

test('what has no gradient is named', () => {
  expect(() => grad(x, [x])).toThrow('grad: needs a scalar, got [3]')
  expect(() => grad(sum(operation('Floor', [x], [3])), [x])).toThrow(ShapeError)
  expect(() => grad(sum(operation('Floor', [x], [3])), [x])).toThrow('grad: Floor has no gradient')
})
