import fc from 'fast-check'
import { expect, test } from 'vitest'
import { input, type Shape, ShapeError, type Tensor } from './graph.ts'
import { discrepancy, operands, runtimeDifference } from './oracle.ts'
import { sum } from './reduce.ts'
import { broadcastTo, concat, padAxis, reshape, slice, split, transpose } from './reshape.ts'

const seeds = fc.nat(1e6)
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 })
/** A shape and one of its axes, counted from either end. */
const withAxis = shapes.chain((shape) =>
  fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
)
const two = fc.tuple(fc.nat(3), fc.nat(3))

async function holds(build: (...x: Tensor[]) => Tensor, of: Shape[], seed: number) {
  const { inputs, feeds } = operands(of, seed)
  const { runtime, gradient } = await discrepancy(build(...inputs), inputs, feeds)
  expect(runtime).toBeLessThan(1e-5)
  expect(gradient).toBeLessThan(1e-6)
}

const runs = { numRuns: 25 }

test('reshape', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.boolean(), seeds, (shape, open, seed) => {
      const turned = [...shape].reverse()
      // A −1 stands for the first axis, where the others decide it.
      if (open && !turned.slice(1).includes(0)) turned[0] = -1
      return holds((x) => reshape(x, turned), [shape], seed)
    }),
    runs,
  )
})

test('transpose', async () => {
  const cases = shapes.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.shuffledSubarray(
        shape.map((_, i) => i),
        { minLength: shape.length, maxLength: shape.length },
      ),
    ),
  )
  await fc.assert(
    fc.asyncProperty(cases, seeds, ([shape, order], seed) => holds((x) => transpose(x, order), [shape], seed)),
    runs,
  )
})

test('broadcastTo', async () => {
  const cases = shapes.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }).map((ones) => shape.map((d, i) => (ones[i] ? 1 : d))),
      fc.nat(shape.length),
    ),
  )
  await fc.assert(
    fc.asyncProperty(cases, seeds, ([whole, part, lead], seed) =>
      holds((x) => broadcastTo(x, whole), [part.slice(whole[0] === 0 ? 0 : Math.min(lead, 1))], seed),
    ),
    runs,
  )
})

test('slice', async () => {
  await fc.assert(
    fc.asyncProperty(withAxis, two, seeds, ([shape, axis], [a, b], seed) => {
      const size = shape.at(axis) ?? 0
      const [start, end] = [Math.min(a, b, size), Math.min(Math.max(a, b), size)]
      return holds((x) => slice(x, axis, start, end), [shape], seed)
    }),
    runs,
  )
})

test('padAxis', async () => {
  await fc.assert(
    fc.asyncProperty(withAxis, two, seeds, ([shape, axis], [before, after], seed) =>
      holds((x) => padAxis(x, axis, before, after), [shape], seed),
    ),
    runs,
  )
})

test('concat', async () => {
  await fc.assert(
    fc.asyncProperty(
      withAxis,
      fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      seeds,
      ([shape, axis], sizes, seed) => {
        const at = axis < 0 ? axis + shape.length : axis
        const parts = sizes.map((size) => shape.map((d, i) => (i === at ? size : d)))
        return holds((...x) => concat(x, axis), parts, seed)
      },
    ),
    runs,
  )
})

test('split', async () => {
  await fc.assert(
    fc.asyncProperty(
      withAxis,
      fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      seeds,
      ([shape, axis], sizes, seed) => {
        const at = axis < 0 ? axis + shape.length : axis
        const whole = shape.map((d, i) => (i === at ? sizes.reduce((a, b) => a + b, 0) : d))
        // One part is left out: nothing flows back from it.
        const used = (x: Tensor) => split(x, axis, sizes).slice(sizes.length > 1 ? 1 : 0)
        return holds(
          (x) =>
            concat(
              used(x).map((part) => reshape(part, [part.size])),
              0,
            ),
          [whole],
          seed,
        )
      },
    ),
    runs,
  )
})

test('integers and booleans are moved too', async () => {
  for (const [dtype, values] of [
    ['int64', BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)],
    ['bool', Uint8Array.of(1, 0, 1, 1, 0, 0)],
  ] as const) {
    const x = input('x', [2, 3], dtype)
    const moved = [
      transpose(x, [1, 0]),
      reshape(x, [6]),
      slice(x, 1, 1, 3),
      concat([x, x], 0),
      broadcastTo(reshape(x, [2, 1, 3]), [2, 2, 3]),
      broadcastTo(reshape(x, [2, 1, 3]), [2, 0, 3]),
      split(x, 1, [1, 2])[1],
    ]
    expect(await runtimeDifference(moved, { x: values })).toBe(0)
  }
})

test('a tensor that is asked for in its own shape stays as it is', () => {
  const x = input('x', [2, 3])
  for (const same of [reshape(x, [-1, 3]), transpose(x, [0, 1]), broadcastTo(x, [2, 3]), slice(x, 0, 0, 2)])
    expect(same).toBe(x)
  for (const same of [padAxis(x, 0, 0, 0), concat([x], 0), split(x, 0, [2])[0], sum(x, [])]) expect(same).toBe(x)
})

const x = input('x', [2, 3])
test.each<[string, () => unknown, string]>([
  ['reshape', () => reshape(x, [4, 2]), 'Reshape: [2, 3] does not fill [4, 2]'],
  ['reshape with an open axis', () => reshape(x, [-1, 4]), 'Reshape: [2, 3] does not fill [-1, 4]'],
  ['reshape with two open axes', () => reshape(x, [-1, -1]), 'Reshape: [2, 3] does not fill [-1, -1]'],
  ['transpose', () => transpose(x, [0, 0]), 'Transpose: [0, 0] is no order of the axes of [2, 3]'],
  ['broadcastTo', () => broadcastTo(x, [3, 3]), 'Expand: [2, 3] and [3, 3] do not broadcast'],
  ['broadcastTo less', () => broadcastTo(x, [3]), 'Expand: [2, 3] does not broadcast to [3]'],
  ['slice', () => slice(x, 1, 2, 4), 'Slice: 2 to 4 lies outside axis 1 of [2, 3]'],
  ['pad', () => padAxis(x, 0, -1, 0), 'Pad: -1 and 0 must not be negative'],
  ['concat', () => concat([x, input('y', [2, 2])], 0), 'Concat: [2, 3] and [2, 2] differ beside axis 0'],
  ['concat of nothing', () => concat([], 0), 'Concat: needs at least one tensor'],
  ['split', () => split(x, 1, [2, 2]), 'Split: [2, 2] does not sum to axis 1 of [2, 3]'],
])('%s: shapes that do not fit are named', (_name, build, message) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(message)
})
