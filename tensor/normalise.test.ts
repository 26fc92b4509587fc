import fc from 'fast-check'
import { expect, test } from 'vitest'
import { input, type Shape, ShapeError, type Tensor } from './graph.ts'
import { layerNorm, logSoftmax, rmsNorm, softmax } from './normalise.ts'
import { discrepancy, operands, runtimeDifference } from './oracle.ts'

const seeds = fc.nat(1e6)
const lead = fc.array(fc.nat(3), { maxLength: 2 })
const runs = { numRuns: 25 }

async function holds(build: (...x: Tensor[]) => Tensor, of: Shape[], seed: number) {
  const { inputs, feeds } = operands(of, seed)
  const { runtime, gradient } = await discrepancy(build(...inputs), inputs, feeds)
  expect(runtime).toBeLessThan(2e-5)
  expect(gradient).toBeLessThan(1e-6)
}

test.each(Object.entries({ softmax, logSoftmax }))('%s', async (_name, build) => {
  await fc.assert(
    fc.asyncProperty(lead, fc.nat(5), seeds, (rows, width, seed) => holds(build, [[...rows, width]], seed)),
    runs,
  )
})

test('softmax bears scores of any size', async () => {
  const x = input('x', [2, 3])
  const feeds = { x: Float64Array.of(1e4, 1e4, -1e4, -1e9, 0, -1e9) }
  expect(await runtimeDifference([softmax(x), logSoftmax(x)], feeds)).toBeLessThan(1e-6)
})

// A width of 1 has no variance, so that 1/√epsilon multiplies float32's rounding: it is held alone, below.
test('layerNorm', async () => {
  await fc.assert(
    fc.asyncProperty(lead, fc.integer({ min: 2, max: 6 }), seeds, (rows, width, seed) =>
      holds((x, w, b) => layerNorm(x, w, b, 1e-2), [[...rows, width], [width], [width]], seed),
    ),
    runs,
  )
})

test('layerNorm of single numbers leaves the bias', () =>
  holds((x, w, b) => layerNorm(x, w, b, 1e-2), [[3, 1], [1], [1]], 3))

test('rmsNorm', async () => {
  await fc.assert(
    fc.asyncProperty(lead, fc.integer({ min: 1, max: 6 }), seeds, (rows, width, seed) =>
      holds((x, w) => rmsNorm(x, w, 1e-2), [[...rows, width], [width]], seed),
    ),
    runs,
  )
})

const x = input('x', [2, 3])
test.each<[string, () => Tensor, string]>([
  [
    'a scale',
    () => rmsNorm(x, input('w', [2])),
    'SimplifiedLayerNormalization: a scale of [2] does not fit the last axis of [2, 3]',
  ],
  [
    'a bias',
    () => layerNorm(x, input('w', [3]), input('b', [1, 3])),
    'LayerNormalization: a scale of [1, 3] does not fit',
  ],
  ['an empty row', () => rmsNorm(input('y', [2, 0]), input('w', [0])), 'the last axis of [2, 0] is empty'],
  ['a scalar', () => softmax(input('y', [])), 'Softmax: no axis -1 in rank 0'],
])('%s that does not fit is named', (_name, build, message) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(message)
})
