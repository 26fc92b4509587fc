import { expect, test } from 'vitest'
import { causalAttention } from './attention.ts'
import { add, cast, div, erf, gelu, greater, maximum, silu, where } from './elementwise.ts'
import { constant, input, Node, operation, ShapeError, type Tensor } from './graph.ts'
import { addRows, gatherRows, takeAlong } from './indexing.ts'
import { matmul } from './matmul.ts'
import { layerNorm, rmsNorm, softmax } from './normalise.ts'
import { difference } from './oracle.ts'
import { max, mean, sum, sumSquares } from './reduce.ts'
import { evaluate } from './reference.ts'
import { concat, padAxis, slice, split, transpose } from './reshape.ts'

const floats = (shape: number[], ...values: number[]): Tensor => constant(Float32Array.from(values), shape)
const integers = (shape: number[], ...values: number[]): Tensor => constant(BigInt64Array.from(values, BigInt), shape)
const valuesOf = (t: Tensor): number[] => Array.from(evaluate([t])[0])

const counting = floats([2, 3], 1, 2, 3, 4, 5, 6)

// The oracle itself is held against results worked out by hand.
test.each<[string, Tensor, number[]]>([
  ['broadcast addition', add(counting, floats([3], 10, 20, 30)), [11, 22, 33, 14, 25, 36]],
  ['addition of a column', add(counting, floats([2, 1], 10, 20)), [11, 12, 13, 24, 25, 26]],
  ['integer division', div(integers([3], 7, -7, 9), integers([], 2)), [3, -3, 4]],
  ['maximum', maximum(floats([3], -1, 0, 4), 1), [1, 1, 4]],
  ['where', where(greater(counting, 3), counting, 0), [0, 0, 0, 4, 5, 6]],
  ['cast to a whole number', cast(floats([3], 1.9, -1.9, 0), 'int64'), [1, -1, 0]],
  ['cast to a boolean', cast(floats([3], 0.5, 0, -2), 'bool'), [1, 0, 1]],
  ['sum', sum(counting), [21]],
  ['sum of columns', sum(counting, [0]), [5, 7, 9]],
  ['sum of nothing', sum(floats([0, 2]), [0]), [0, 0]],
  ['mean', mean(counting, [-1]), [2, 5]],
  ['maximum of rows', max(counting, [1], true), [3, 6]],
  ['maximum of nothing', max(floats([0, 1]), [0]), [Number.NEGATIVE_INFINITY]],
  ['sum of squares', sumSquares(counting, [1]), [14, 77]],
  ['transpose', transpose(counting, [1, 0]), [1, 4, 2, 5, 3, 6]],
  ['slice', slice(counting, 1, 1, 3), [2, 3, 5, 6]],
  ['pad', padAxis(counting, 1, 1, 0), [0, 1, 2, 3, 0, 4, 5, 6]],
  ['concat', concat([counting, floats([2, 1], 7, 8)], 1), [1, 2, 3, 7, 4, 5, 6, 8]],
  ['the second part of a split', split(counting, 1, [1, 2])[1], [2, 3, 5, 6]],
  ['rows by index', gatherRows(counting, integers([3], 1, 0, 1)), [4, 5, 6, 1, 2, 3, 4, 5, 6]],
  ['elements by index', takeAlong(counting, integers([2, 1], 2, 0), 1), [3, 4]],
  ['added rows', addRows(counting, integers([2], 0, 0), floats([2, 3], 1, 1, 1, 2, 2, 2)), [4, 5, 6, 4, 5, 6]],
  ['a product', matmul(counting, floats([3, 1], 1, 0, -1)), [-2, -2]],
  [
    'a product with both turned',
    matmul(counting, floats([1, 2], 1, 1), { transposeA: true, transposeB: true }),
    [5, 7, 9],
  ],
  ['a scaled product', matmul(floats([1, 2], 1, 2), floats([2, 1], 3, 4), { scale: 0.5 }), [5.5]],
])('%s', (_name, t, expected) => {
  expect(valuesOf(t)).toEqual(expected)
})

test.each<[string, Tensor, number[]]>([
  // 2/(1+e^−2), and known values of the normal distribution.
  ['silu', silu(floats([2], 2, 0)), [1.7615941559557649, 0]],
  ['gelu', gelu(floats([2], 1, -1)), [0.841191990607477, -0.158808009392523]],
  [
    'erf',
    erf(floats([5], 0, 0.5, 1, -2, 3)),
    [0, 0.5204998778130465, 0.8427007929497149, -0.9953222650189527, 0.9999779095030014],
  ],
  ['softmax', softmax(floats([1, 2], 0, Math.log(3))), [0.25, 0.75]],
  ['softmax of large scores', softmax(floats([1, 2], 1000, 1000)), [0.5, 0.5]],
  ['layer norm', layerNorm(floats([1, 2], 1, 3), floats([2], 2, 2), floats([2], 1, 1), 0), [-1, 3]],
  ['RMS norm', rmsNorm(floats([1, 2], 1, 7), floats([2], 5, 10), 0), [1, 14]],
])('%s', (_name, t, expected) => {
  expect(difference(valuesOf(t), expected)).toBeLessThan(1e-7)
})

test('causal attention sees itself and what came before', () => {
  const q = floats([2, 1], 0, 0)
  const v = floats([2, 1], 3, 5)
  const mask = floats([1, 2, 2], 0, -1e9, 0, 0)
  const o = causalAttention(q, q, v, mask, { batch: 1, length: 2, heads: 1, kvHeads: 1, headWidth: 1 })
  expect(valuesOf(o)).toEqual([3, 4])
})

test('an absent input, values that do not fill it, and an unknown operation are named', () => {
  const x = input('x', [2])
  expect(() => evaluate([x])).toThrow('no values for "x" [2]')
  expect(() => evaluate([x], { x: new Float32Array(3) })).toThrow('3 values for "x" do not fill [2]')
  expect(() => evaluate([operation('Fold', [x], [2])], { x: new Float32Array(2) })).toThrow('does not know Fold')
})

test('a result of another shape than its expression says is an error', () => {
  const wrong = new Node({ op: 'Neg', inputs: [counting], outputs: [{ shape: [6] }] }).outputs[0]
  expect(() => evaluate([wrong])).toThrow(ShapeError)
  expect(() => evaluate([wrong])).toThrow('Neg gives [2, 3], its expression says [6]')
})
