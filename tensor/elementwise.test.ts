import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as e from './elementwise.ts'
import { grad } from './grad.ts'
import { input, type Shape, ShapeError, type Tensor } from './graph.ts'
import { difference, discrepancy, operands, runtimeDifference } from './oracle.ts'
import { sum } from './reduce.ts'
import { evaluate } from './reference.ts'

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })

/** Two shapes that broadcast: some leading axes left out, some axes of size 1. */
const pairs = shapes.chain((whole) => {
  const part = fc
    .tuple(fc.integer({ min: 0, max: whole.length }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }))
    .map(([lead, ones]) => whole.map((d, i) => (ones[i] ? 1 : d)).slice(lead))
  return fc.tuple(part, part)
})

const seeds = fc.nat(1e6)

async function holds(build: (...x: Tensor[]) => Tensor, of: Shape[], seed: number, sign: 'any' | 'positive' = 'any') {
  const { inputs, feeds } = operands(of, seed, sign)
  const { runtime, gradient } = await discrepancy(build(...inputs), inputs, feeds)
  expect(runtime).toBeLessThan(1e-5)
  expect(gradient).toBeLessThan(1e-6)
}

describe('of one operand', () => {
  const smooth = [
    'neg',
    'exp',
    'abs',
    'sin',
    'cos',
    'tanh',
    'sigmoid',
    'erf',
    'relu',
    'reluSquared',
    'silu',
    'gelu',
    'softplus',
  ] as const
  test.each([...smooth, 'sign'] as const)('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, (shape, seed) => holds((x) => e[name](x), [shape], seed)),
      { numRuns: 12 },
    )
  })

  test.each(['log', 'sqrt'] as const)('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, (shape, seed) => holds((x) => e[name](x), [shape], seed, 'positive')),
      { numRuns: 12 },
    )
  })
})

test('softplus at 0 and far from it', () => {
  const x = input('x', [5])
  const [value, gradient] = evaluate([e.softplus(x), ...grad(sum(e.softplus(x)), [x])], {
    x: Float64Array.of(0, 800, -800, 40, -40),
  })
  expect(difference(value, [Math.LN2, 800, 0, 40, Math.exp(-40)])).toBeLessThan(1e-12)
  expect(difference(gradient, [0.5, 1, 0, 1, Math.exp(-40)])).toBeLessThan(1e-12)
})

describe('of two operands that broadcast', () => {
  test.each(['add', 'sub', 'mul', 'maximum', 'minimum'] as const)('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(pairs, seeds, (pair, seed) => holds((a, b) => e[name](a, b), pair, seed)),
      { numRuns: 25 },
    )
  })

  test.each(['div', 'pow'] as const)('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(pairs, seeds, (pair, seed) => holds((a, b) => e[name](a, b), pair, seed, 'positive')),
      { numRuns: 25 },
    )
  })

  test.each(['greater', 'notLess', 'equal'] as const)('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(pairs, seeds, async (pair, seed) => {
        const { inputs, feeds } = operands(pair, seed)
        // Equal places too: the second is compared with itself.
        const [a, b] = inputs
        const both = [e[name](a, b), e[name](b, b)]
        expect(await runtimeDifference(both, feeds)).toBe(0)
      }),
      { numRuns: 15 },
    )
  })

  test('where', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, seeds, (pair, seed) =>
        holds((a, b) => e.where(e.greater(a, e.mul(b, 0.5)), a, e.mul(b, b)), pair, seed),
      ),
      { numRuns: 25 },
    )
  })
})

test('casts go to every type and back', async () => {
  const { inputs, feeds } = operands([[3, 4]], 1)
  const [x] = inputs
  const types = ['int64', 'int32', 'bool'] as const
  const there = types.map((dtype) => e.cast(x, dtype))
  expect(await runtimeDifference([...there, ...there.map((t) => e.cast(t, 'float32'))], feeds)).toBe(0)
})

test('whole numbers are added, multiplied and compared', async () => {
  const a = input('a', [3], 'int64')
  const b = input('b', [], 'int64')
  const feeds = { a: BigInt64Array.of(-7n, 0n, 9n), b: BigInt64Array.of(2n) }
  const results = [e.add(a, b), e.mul(a, b), e.sub(a, b), e.maximum(a, b), e.equal(a, b)]
  expect(await runtimeDifference(results, feeds)).toBe(0)
})

test.each<[string, () => Tensor, string]>([
  ['shapes', () => e.add(input('a', [2, 3]), input('b', [4])), 'Add: [2, 3] and [4] do not broadcast'],
  ['types', () => e.mul(input('a', [2], 'int64'), input('b', [2])), 'Mul: int64 [2] meets float32 [2]'],
  ['booleans', () => e.add(input('a', [2], 'bool'), input('b', [1], 'bool')), 'Add: bool [2] meets bool [1]'],
  ['an operand', () => e.gelu(input('a', [2], 'int64')), 'FastGelu: needs float32, got int64 [2]'],
  ['a condition', () => e.where(input('a', [2]), 1, 0), 'Where: the condition is float32, not bool'],
  ['where', () => e.where(input('a', [3], 'bool'), input('b', [2]), 0), 'Where: [2] and [3] do not broadcast'],
])('%s that do not fit are named', (_name, build, message) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(message)
})
