import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AttentionShape, attend, causalAttention, rotaryTables, rotate } from './attention.ts'
import { constant, input, ShapeError, type Tensor } from './graph.ts'
import { difference, discrepancy, integerOperand, operands } from './oracle.ts'
import { evaluate } from './reference.ts'

const seeds = fc.nat(1e6)

async function holds(y: Tensor, inputs: readonly Tensor[], feeds: Parameters<typeof discrepancy>[2]) {
  const { runtime, gradient } = await discrepancy(y, inputs, feeds)
  expect(runtime).toBeLessThan(2e-5)
  expect(gradient).toBeLessThan(1e-6)
}

const small = fc.integer({ min: 1, max: 4 })

test('attend, with and without a mask', async () => {
  const cases = fc.record({ n: small, rows: small, keys: small, width: small, masked: fc.boolean(), seed: seeds })
  await fc.assert(
    fc.asyncProperty(cases, async ({ n, rows, keys, width, masked, seed }) => {
      const shapes = [
        [n, rows, width],
        [n, keys, width],
        [n, keys, width],
      ]
      const { inputs, feeds } = operands(shapes, seed)
      const [q, k, v] = inputs
      // The last key is hidden from the first query, where there is another one.
      const bars = Float32Array.from({ length: rows * keys }, (_, i) => (i === keys - 1 && keys > 1 ? -1e9 : 0))
      const mask = masked ? constant(bars, [1, rows, keys]) : null
      await holds(attend(q, k, v, mask, 0.7), inputs, feeds)
    }),
    { numRuns: 12 },
  )
})

/** Numbers documents along each row, so that a token sees those of its own document that came before. */
function documentMask(batch: number, length: number, cuts: readonly number[]): Tensor {
  const document = (row: number, at: number) => (at >= cuts[row % cuts.length] ? 1 : 0)
  const bars = Float32Array.from({ length: batch * length * length }, (_, i) => {
    const row = Math.floor(i / length ** 2)
    const from = Math.floor(i / length) % length
    const to = i % length
    return to <= from && document(row, from) === document(row, to) ? 0 : -1e9
  })
  return constant(bars, [batch, length, length])
}

/** softmax(q·kᵀ/√width) over what each query may see, head by head: written out, to hold the blocks against. */
function plainAttention(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  bars: ArrayLike<number>,
  of: AttentionShape,
) {
  const { batch, length, heads, kvHeads, headWidth } = of
  const o = new Float64Array(q.length)
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < length; i++) {
        const kept = Math.floor(h / (heads / kvHeads))
        const query = ((b * length + i) * heads + h) * headWidth
        const key = (j: number) => ((b * length + j) * kvHeads + kept) * headWidth
        const weights = Float64Array.from({ length }, (_, j) => {
          let score = 0
          for (let e = 0; e < headWidth; e++) score += q[query + e] * k[key(j) + e]
          return Math.exp(score / Math.sqrt(headWidth)) * Number(bars[(b * length + i) * length + j] === 0)
        })
        const total = weights.reduce((x, y) => x + y, 0)
        for (let j = 0; j < length; j++)
          for (let e = 0; e < headWidth; e++) o[query + e] += (weights[j] / total) * v[key(j) + e]
      }
  return o
}

test('causalAttention: grouped heads, documents that do not see each other, blocks of any size', async () => {
  const cases = fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 5 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
    headWidth: fc.integer({ min: 1, max: 3 }),
    block: fc.integer({ min: 1, max: 6 }),
    cuts: fc.tuple(fc.nat(5), fc.nat(5)),
    seed: seeds,
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ batch, length, kvHeads, group, headWidth, block, cuts, seed }) => {
      const heads = kvHeads * group
      const rows = batch * length
      const shapes = [
        [rows, heads * headWidth],
        [rows, kvHeads * headWidth],
        [rows, kvHeads * headWidth],
      ]
      const { inputs, feeds } = operands(shapes, seed)
      const [q, k, v] = inputs
      const of = { batch, length, heads, kvHeads, headWidth }
      const mask = documentMask(batch, length, cuts)
      const o = causalAttention(q, k, v, mask, of, block)
      const expected = plainAttention(feeds.x0, feeds.x1, feeds.x2, mask.node.data as Float32Array, of)
      expect(difference(evaluate([o], feeds)[0], expected)).toBeLessThan(1e-6)
      await holds(o, inputs, feeds)
    }),
    { numRuns: 15 },
  )
})

test('rotate turns each pair by its position, and its gradient turns back', async () => {
  const cases = fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 3 }),
    heads: fc.integer({ min: 1, max: 3 }),
    half: fc.integer({ min: 1, max: 4 }),
    seed: seeds,
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ batch, length, heads, half, seed }) => {
      const { inputs, feeds } = operands([[batch, length, heads * half * 2]], seed)
      const positions = integerOperand('positions', [batch, length], seed, 7)
      const y = rotate(inputs[0], positions.tensor, rotaryTables(7, half * 2, 100))
      await holds(y, inputs, { ...feeds, positions: positions.values })
    }),
    { numRuns: 20 },
  )
})

test('rotation by position · theta^(−2i / width)', () => {
  const x = constant(Float32Array.of(1, 0, 0, 1), [1, 1, 4])
  const y = rotate(x, constant(BigInt64Array.of(3n), [1, 1]), rotaryTables(4, 4, 100))
  const [slow, fast] = [0.3, 3]
  const expected = [Math.cos(fast), -Math.sin(slow), Math.sin(fast), Math.cos(slow)]
  expect(difference(evaluate([y])[0], expected)).toBeLessThan(1e-6)
})

const x = input('x', [6, 8])
const mask = constant(new Float32Array(9), [1, 3, 3])
test.each<[string, () => Tensor, string]>([
  [
    'heads',
    () => causalAttention(x, x, x, mask, { batch: 2, length: 3, heads: 2, kvHeads: 2, headWidth: 5 }),
    'causalAttention: q [6, 8], k [6, 8] and v [6, 8] do not fit {"batch":2',
  ],
  [
    'groups',
    () => causalAttention(x, x, x, mask, { batch: 2, length: 3, heads: 4, kvHeads: 3, headWidth: 2 }),
    'causalAttention: q [6, 8]',
  ],
  [
    'keys',
    () => attend(input('q', [1, 2, 3]), input('k', [1, 2, 4]), input('v', [1, 2, 4]), null, 1),
    'matmul: [1, 2, 3]',
  ],
  [
    'positions',
    () => rotate(input('x', [1, 2, 4]), input('p', [1, 3], 'int64'), rotaryTables(4, 4, 10)),
    'RotaryEmbedding: [1, 2, 4] does not fit positions [1, 3]',
  ],
  [
    'widths',
    () => rotate(input('x', [1, 2, 6]), input('p', [1, 2], 'int64'), rotaryTables(4, 4, 10)),
    'RotaryEmbedding: [1, 2, 6] does not divide into heads of 4',
  ],
])('%s that do not fit are named', (_name, build, message) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(message)
})
