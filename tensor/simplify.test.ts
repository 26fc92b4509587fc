import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add, exp, mul, reluSquared, sin, sub } from './elementwise.ts'
import { grad } from './grad.ts'
import { constant, full, input, stopGradient, type Tensor } from './graph.ts'
import { scatterRows, zeros } from './indexing.ts'
import { linearCrossEntropy } from './loss.ts'
import { matmul } from './matmul.ts'
import { softmax } from './normalise.ts'
import { countOperations, difference, mixed, operands } from './oracle.ts'
import { compile } from './program.ts'
import { max, mean, sum } from './reduce.ts'
import { evaluate } from './reference.ts'
import { broadcastTo, concat, reshape, slice, split, transpose } from './reshape.ts'
import { simplify } from './simplify.ts'

const x = input('x', [2, 3])
const after = (...outputs: Tensor[]) => countOperations(simplify(outputs).outputs)

test('equal subexpressions are computed once', () => {
  const twice = mul(exp(add(x, 1)), sin(exp(add(x, 1))))
  expect(countOperations([twice])).toMatchObject({ Add: 2, Exp: 2, Constant: 2 })
  expect(after(twice)).toEqual({ Input: 1, Constant: 1, Add: 1, Exp: 1, Sin: 1, Mul: 1 })
})

test('expressions that differ in an attribute or an input stay apart', () => {
  const y = input('y', [3, 2])
  expect(after(concat([matmul(x, y), matmul(x, y, { scale: 2 })], 0)).FusedMatMul).toBe(2)
  expect(after(add(sum(x, [0], true), sum(x, [1], true))).ReduceSum).toBe(2)
  expect(after(add(mul(x, -0), mul(x, 0)))).toMatchObject({ Mul: 2, Constant: 2 })
})

test('an expression and its gradients share what they have in common', () => {
  const counts = after(...[softmax(x)].flatMap((y) => [y, ...grad(mixed(y), [x])]))
  expect(counts.Softmax).toBe(1)
})

test('what no output needs vanishes', () => {
  exp(x)
  expect(after(sin(x))).toEqual({ Input: 1, Sin: 1 })
  const [first] = split(x, 1, [1, 2])
  expect(after(first)).toMatchObject({ Split: 1 })
  // Neither the loss itself nor what it alone needs is left where its gradient is asked for.
  expect(after(...grad(sum(mul(x, x)), [x])).ReduceSum).toBeUndefined()
})

test('what depends on constants alone is computed beforehand', () => {
  const table = full([4, 3], 2)
  const scaled = transpose(mul(add(table, 1), constant(Float32Array.of(1, 2, 3), [3])), [1, 0])
  const { outputs } = simplify([add(x, slice(scaled, 1, 0, 1).shape.length), matmul(x, scaled)])
  expect(countOperations(outputs)).toMatchObject({ Add: 1, FusedMatMul: 1, Constant: 2 })
  const folded = outputs[1].node.inputs[1]
  expect(folded.node.data).toEqual(Float32Array.of(3, 3, 3, 3, 6, 6, 6, 6, 9, 9, 9, 9))
})

test('integers, booleans and results of several outputs fold too', () => {
  const places = reshape(constant(BigInt64Array.of(1n, 2n, 3n, 4n), [4]), [2, 2])
  const [, right] = split(places, 1, [1, 1])
  const { outputs } = simplify([transpose(right, [1, 0])])
  expect(countOperations(outputs)).toEqual({ Constant: 1, Identity: 1 })
  expect(outputs[0].node.inputs[0].node.data).toEqual(BigInt64Array.of(2n, 4n))
  const large = constant(BigInt64Array.of(2n ** 60n + 1n), [1, 1])
  expect(after(transpose(concat([large, large], 0), [1, 0])).Concat).toBe(1)
})

test('constants do not grow large by folding', () => {
  expect(after(add(input('big', [300, 300]), broadcastTo(full([1, 300], 1), [300, 300]))).Expand).toBe(1)
  expect(after(add(input('big', [300, 300]), zeros([300, 300]))).ConstantOfShape).toBe(1)
})

test('rules of their own vanish, their values stay', () => {
  expect(after(reluSquared(stopGradient(x)))).toEqual({ Input: 1, Relu: 1, Mul: 1 })
})

test('sums with products and scatters become one operation', () => {
  const y = input('y', [3, 4])
  const accumulator = input('a', [2, 4])
  expect(after(add(accumulator, matmul(x, y)))).toEqual({ Input: 3, Gemm: 1 })
  const at = input('at', [2], 'int64')
  const scattered = add(input('t', [40, 3]), scatterRows([40, 3], at, x))
  expect(after(scattered)).not.toHaveProperty('Add')
})

test('a product that is used twice is not computed twice', () => {
  const product = matmul(x, input('y', [3, 4]))
  expect(after(mul(add(input('a', [2, 4]), product), product))).toMatchObject({ FusedMatMul: 1, Add: 1 })
})

test('each output has a tensor of its own, made by an operation', async () => {
  const y = add(x, 1)
  const outputs = { y, again: add(x, 1), input: x, stopped: stopGradient(x), fixed: mul(full([2], 3), 2) }
  const program = await compile(outputs)
  const results = await program.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) })
  expect(results).toEqual({
    y: Float32Array.of(2, 3, 4, 5, 6, 7),
    again: Float32Array.of(2, 3, 4, 5, 6, 7),
    input: Float32Array.of(1, 2, 3, 4, 5, 6),
    stopped: Float32Array.of(1, 2, 3, 4, 5, 6),
    fixed: Float32Array.of(6, 6),
  })
  await program.release()
})

/** Random expressions over two matrices and a constant: products, sums and scalings, some of them shared. */
const recipes = fc.array(fc.tuple(fc.nat(6), fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 12 })

function grow(recipe: readonly (readonly [number, number, number])[], start: Tensor[]): Tensor[] {
  const pool = [...start]
  for (const [kind, i, j] of recipe) {
    const [a, b] = [pool[i % pool.length], pool[j % pool.length]]
    const product = matmul(a, b, { transposeB: true, scale: 0.25 })
    const made = [
      add(a, b),
      sub(a, b),
      mul(a, 0.5),
      product,
      add(a, product),
      add(product, matmul(b, a)),
      mul(product, 2),
    ]
    pool.push(made[kind])
  }
  return pool.slice(start.length)
}

test('a simplified graph computes what it computed before', () => {
  fc.assert(
    fc.property(recipes, fc.nat(1e6), (recipe, seed) => {
      const { inputs, feeds } = operands(
        [
          [3, 3],
          [3, 3],
        ],
        seed,
      )
      const outputs = grow(recipe, [...inputs, full([3, 3], 0.5)])
      const expected = evaluate(outputs, feeds)
      const results = evaluate(simplify(outputs).outputs, feeds)
      for (const [i, values] of results.entries()) expect(difference(values, expected[i])).toBeLessThan(1e-5)
    }),
    { numRuns: 150 },
  )
})

test('the loss of a language model and its gradients compute what they computed before, added to accumulators', () => {
  const { inputs, feeds } = operands(
    [
      [4, 3],
      [9, 3],
      [3, 3],
      [9, 3],
      [3, 3],
    ],
    8,
  )
  const [h, table, w, tableSum, wSum] = inputs
  const targets = constant(BigInt64Array.of(0n, 8n, 3n, 0n), [4])
  const { loss } = linearCrossEntropy(matmul(h, w), table, targets, full([4], 1), 2)
  const [gTable, gW] = grad(add(loss, mean(max(w, [1]))), [table, w])
  const outputs = [add(tableSum, gTable), add(wSum, gW), loss]
  const expected = evaluate(outputs, feeds)
  for (const [i, values] of evaluate(simplify(outputs).outputs, feeds).entries())
    expect(difference(values, expected[i])).toBeLessThan(1e-6)
})
