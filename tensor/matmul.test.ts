import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add } from './elementwise.ts'
import { input, type Shape, ShapeError, type Tensor } from './graph.ts'
import { linear, matmul } from './matmul.ts'
import { discrepancy, operands } from './oracle.ts'

const seeds = fc.nat(1e6)
const size = fc.nat(4)

async function holds(build: (...x: Tensor[]) => Tensor, of: Shape[], seed: number) {
  const { inputs, feeds } = operands(of, seed)
  const { runtime, gradient } = await discrepancy(build(...inputs), inputs, feeds)
  expect(runtime).toBeLessThan(1e-5)
  expect(gradient).toBeLessThan(1e-6)
}

/** Leading axes of two operands that broadcast: each axis is stretched in one of them or in neither, some are left out. */
const leads = fc
  .array(fc.tuple(fc.nat(3), fc.constantFrom('none', 'first', 'second')), { maxLength: 2 })
  .chain((axes) => {
    const without = (which: string) => axes.map(([d, stretched]) => (stretched === which ? 1 : d))
    return fc.nat(axes.length).map((left): [Shape, Shape] => [without('first'), without('second').slice(left)])
  })

test('matmul in all four orientations, scaled, with leading axes that broadcast', async () => {
  await fc.assert(
    fc.asyncProperty(
      leads,
      fc.tuple(size, size, size),
      fc.tuple(fc.boolean(), fc.boolean()),
      seeds,
      ([a, b], [m, k, n], [ta, tb], seed) =>
        holds(
          (x, y) => matmul(x, y, { transposeA: ta, transposeB: tb, scale: ta ? 0.5 : 1 }),
          [
            [...a, ...(ta ? [k, m] : [m, k])],
            [...b, ...(tb ? [n, k] : [k, n])],
          ],
          seed,
        ),
    ),
    { numRuns: 60 },
  )
})

test('a product that is added to becomes one operation with the same value', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(size, size, size), fc.boolean(), seeds, ([m, k, n], ta, seed) =>
      holds(
        (x, y, z) => add(z, matmul(x, y, { transposeA: ta, scale: 2 })),
        [ta ? [k, m] : [m, k], [k, n], [m, n]],
        seed,
      ),
    ),
    { numRuns: 25 },
  )
})

test('linear', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(size, size, size), seeds, ([rows, from, to], seed) =>
      holds(linear, [[rows, from], [to, from], [to]], seed),
    ),
    { numRuns: 25 },
  )
  await holds(
    (x, w) => linear(x, w),
    [
      [3, 2],
      [4, 2],
    ],
    1,
  )
})

test('a product with itself collects both gradients', () =>
  holds((x) => matmul(x, x, { transposeB: true }), [[3, 4]], 5))

const x = input('x', [2, 3])
test.each<[string, () => Tensor, string]>([
  ['a product', () => matmul(x, input('y', [2, 3])), 'matmul: [2, 3] × [2, 3]: 3 is not 2'],
  [
    'a turned product',
    () => matmul(x, input('y', [3, 4]), { transposeA: true }),
    'matmul: [2, 3] transposed × [3, 4]: 2 is not 3',
  ],
  ['a vector', () => matmul(x, input('y', [3])), 'matmul: [2, 3] × [3] needs two axes each'],
  ['leading axes', () => matmul(input('z', [2, 2, 3]), input('y', [3, 3, 2])), 'matmul: [2] and [3] do not broadcast'],
  ['a weight', () => linear(x, input('w', [4, 2])), 'linear: [2, 3] does not fit a weight of [out, in] = [4, 2]'],
  [
    'a bias',
    () => linear(x, input('w', [4, 3]), input('b', [3])),
    'linear: a bias of [3] does not fit a weight of [out, in] = [4, 3]',
  ],
])('%s that does not fit is named', (_name, build, message) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(message)
})
