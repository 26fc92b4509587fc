import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add } from './elementwise.ts'
import { input, type Shape, ShapeError, type Tensor } from './graph.ts'
import { addRows, gatherRows, scatterAlong, scatterRows, takeAlong, zeros } from './indexing.ts'
import { discrepancy, integerOperand, operands } from './oracle.ts'

const seeds = fc.nat(1e6)
const runs = { numRuns: 30 }

/** Holds an expression of float inputs and one of indices below `rows`. */
async function holds(
  build: (indices: Tensor, ...x: Tensor[]) => Tensor,
  of: Shape[],
  places: Shape,
  rows: number,
  seed: number,
) {
  const { inputs, feeds } = operands(of, seed)
  const { tensor, values } = integerOperand('indices', places, seed + 1, rows)
  const { runtime, gradient } = await discrepancy(build(tensor, ...inputs), inputs, { ...feeds, indices: values })
  expect(runtime).toBeLessThan(1e-5)
  expect(gradient).toBeLessThan(1e-6)
}

const places = fc.array(fc.nat(3), { maxLength: 2 })
const rows = fc.integer({ min: 1, max: 4 })
const width = fc.nat(3)

test('gatherRows', async () => {
  await fc.assert(
    fc.asyncProperty(places, rows, width, seeds, (at, n, w, seed) =>
      holds((indices, table) => gatherRows(table, indices), [[n, w]], at, n, seed),
    ),
    runs,
  )
})

test('addRows and scatterRows: repeated indices add up', async () => {
  await fc.assert(
    fc.asyncProperty(places, rows, width, seeds, (at, n, w, seed) =>
      holds(
        (indices, table, updates) => add(addRows(table, indices, updates), scatterRows([n, w], indices, updates)),
        [
          [n, w],
          [...at, w],
        ],
        at,
        n,
        seed,
      ),
    ),
    runs,
  )
})

test('scattering into large zeros, added to something', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, (seed) =>
      holds(
        (indices, x, updates) => add(x, scatterRows([40, 3], indices, updates)),
        [
          [40, 3],
          [5, 3],
        ],
        [5],
        40,
        seed,
      ),
    ),
    { numRuns: 4 },
  )
})

/** A shape, an axis of it, and a shape of indices that fits: not longer than the first beside the axis. */
const alongs = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
    at: fc.tuple(...shape.map((d) => fc.nat(d))),
    seed: seeds,
  }),
)

test('takeAlong', async () => {
  await fc.assert(
    fc.asyncProperty(alongs, ({ shape, axis, at, seed }) =>
      holds((indices, x) => takeAlong(x, indices, axis), [shape], at, shape.at(axis) ?? 1, seed),
    ),
    runs,
  )
})

test('scatterAlong', async () => {
  await fc.assert(
    fc.asyncProperty(alongs, ({ shape, axis, at, seed }) =>
      holds((indices, x) => scatterAlong(shape, indices, x, axis), [at], at, shape.at(axis) ?? 1, seed),
    ),
    runs,
  )
})

const table = input('table', [4, 2])
const at = (...shape: number[]) => input('at', shape, 'int64')
test.each<[string, () => Tensor, string]>([
  ['indices', () => gatherRows(table, input('at', [3])), 'Gather: indices must be int64, got float32'],
  ['a table', () => gatherRows(input('t', [4]), at(3)), 'Gather: the table must have two axes, got [4]'],
  ['rows', () => addRows(table, at(3), input('u', [2, 2])), 'updates [2, 2] do not fit table [4, 2] and indices [3]'],
  ['indices', () => takeAlong(table, at(3), 0), 'GatherElements: indices [3] do not fit [4, 2] on axis 0'],
  ['indices', () => takeAlong(table, at(5, 1), 1), 'GatherElements: indices [5, 1] do not fit [4, 2] on axis 1'],
  ['updates', () => scatterAlong([4, 2], at(4, 1), input('u', [4, 2]), 1), 'updates [4, 2] do not fit indices [4, 1]'],
])('%s that do not fit are named', (_name, build, message) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(message)
})

test('zeros are not stored where they are many', () => {
  expect(zeros([8, 8]).node.op).toBe('Constant')
  expect(zeros([8, 9]).node.op).toBe('ConstantOfShape')
})
