import fc from 'fast-check'
import { expect, test } from 'vitest'
import { averagePool, conv2d, convTranspose2d, maxPool, upsampleNearest } from './convolution.ts'
import { mul, relu, sigmoid, sub } from './elementwise.ts'
import { grad } from './grad.ts'
import { constant, input, type Shape, ShapeError, type Tensor } from './graph.ts'
import { linear } from './matmul.ts'
import { groupNorm } from './normalise.ts'
import { difference, discrepancy, mixed, operands, randomNumbers, runtimeDifference } from './oracle.ts'
import { compile } from './program.ts'
import { mean } from './reduce.ts'
import { evaluate } from './reference.ts'
import { reshape } from './reshape.ts'

async function holds(build: (...x: Tensor[]) => Tensor, of: Shape[], seed: number) {
  const { inputs, feeds } = operands(of, seed)
  const { runtime, gradient } = await discrepancy(build(...inputs), inputs, feeds)
  expect(runtime).toBeLessThan(2e-5)
  expect(gradient).toBeLessThan(2e-6)
}

const one = fc.integer({ min: 1, max: 2 })
const kernelSize = fc.integer({ min: 1, max: 3 })
const cases = fc.record({
  samples: one,
  groups: one,
  inputs: one,
  outputs: one,
  kernel: fc.tuple(kernelSize, kernelSize),
  stride: fc.tuple(kernelSize, one),
  dilation: fc.tuple(one, one),
  padding: fc.tuple(fc.nat(2), fc.nat(1), fc.nat(1), fc.nat(2)),
  extra: fc.tuple(fc.nat(3), fc.nat(2)),
  biased: fc.boolean(),
  seed: fc.nat(1e6),
})

test('conv2d: strides, padding, dilation, groups, bias', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ samples, groups, inputs, outputs, kernel, extra, biased, seed, ...window }) => {
      const [height, width] = kernel.map((k, i) => window.dilation[i] * (k - 1) + 1 + extra[i])
      const shapes: Shape[] = [
        [samples, groups * inputs, height, width],
        [groups * outputs, inputs, ...kernel],
      ]
      if (biased) shapes.push([groups * outputs])
      await holds((x, w, bias) => conv2d(x, w, { ...window, groups, bias }), shapes, seed)
    }),
    { numRuns: 30 },
  )
})

test('convTranspose2d: strides, padding, dilation, groups, bias, rows left open', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ samples, groups, inputs, outputs, kernel, extra, biased, seed, ...window }) => {
      const size = [1 + extra[0], 1 + extra[1]]
      const least = kernel.map((k, i) => window.stride[i] * (size[i] - 1) + window.dilation[i] * (k - 1))
      const [top, left, bottom, right] = window.padding
      const padding = [
        Math.min(top, least[0]),
        Math.min(left, least[1]),
        Math.min(bottom, least[0] - Math.min(top, least[0])),
        Math.min(right, least[1] - Math.min(left, least[1])),
      ] as const
      const outputPadding = [window.stride[0] - 1, window.stride[1] - 1] as const
      const shapes: Shape[] = [
        [samples, groups * inputs, size[0], size[1]],
        [groups * inputs, outputs, ...kernel],
      ]
      if (biased) shapes.push([groups * outputs])
      const options = { ...window, padding, groups, outputPadding }
      await holds((x, w, bias) => convTranspose2d(x, w, { ...options, bias }), shapes, seed)
    }),
    { numRuns: 30 },
  )
})

test.each(Object.entries({ maxPool, averagePool }))('%s', async (_name, pool) => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ samples, inputs, kernel, extra, stride, padding: wanted, seed }) => {
      const padding = [
        Math.min(wanted[0], kernel[0] - 1),
        Math.min(wanted[1], kernel[1] - 1),
        Math.min(wanted[2], kernel[0] - 1),
        Math.min(wanted[3], kernel[1] - 1),
      ] as const
      const shape = [samples, inputs, kernel[0] + extra[0], kernel[1] + extra[1]]
      await holds((x) => pool(x, kernel, { stride, padding }), [shape], seed)
      await holds((x) => pool(x, kernel), [shape], seed)
    }),
    { numRuns: 20 },
  )
})

test('upsampleNearest', async () => {
  await fc.assert(
    fc.asyncProperty(cases, ({ samples, inputs, kernel, extra, seed }) =>
      holds((x) => upsampleNearest(x, kernel), [[samples, inputs, 1 + extra[0], 1 + extra[1]]], seed),
    ),
    { numRuns: 10 },
  )
})

test('groupNorm', async () => {
  await fc.assert(
    fc.asyncProperty(cases, ({ samples, groups, inputs, extra, seed }) => {
      const channels = groups * inputs
      const shape = [samples, channels, 2 + extra[0], 1 + extra[1]]
      return holds((x, w, b) => groupNorm(x, groups, w, b, 1e-2), [shape, [channels], [channels]], seed)
    }),
    { numRuns: 15 },
  )
})

test('gradients of a convolution have gradients', async () => {
  const { inputs, feeds } = operands(
    [
      [1, 2, 4, 3],
      [2, 2, 2, 2],
    ],
    4,
  )
  const [x, w] = inputs
  const [gx, gw] = grad(mixed(sigmoid(conv2d(x, w, { stride: [2, 1] }))), [x, w])
  for (const first of [gx, gw]) {
    const { runtime, gradient } = await discrepancy(first, inputs, feeds)
    expect(runtime).toBeLessThan(1e-5)
    expect(gradient).toBeLessThan(1e-6)
  }
})

// Worked out by hand.
const grid = constant(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]), [1, 1, 3, 3])
const kernel = constant(Float32Array.of(1, 0, 0, -1), [1, 1, 2, 2])
test.each<[string, Tensor, number[]]>([
  ['conv2d', conv2d(grid, kernel), [-4, -4, -4, -4]],
  ['conv2d with padding and stride', conv2d(grid, kernel, { padding: [1, 1, 0, 0], stride: [2, 2] }), [-1, -3, -7, -4]],
  ['convTranspose2d', convTranspose2d(constant(Float32Array.of(1, 2), [1, 1, 1, 2]), kernel), [1, 2, 0, 0, -1, -2]],
  ['maxPool', maxPool(grid, [2, 2], { stride: [1, 1] }), [5, 6, 8, 9]],
  ['averagePool', averagePool(grid, [2, 2], { stride: [1, 1] }), [3, 4, 6, 7]],
  ['averagePool with padding', averagePool(grid, [2, 2], { padding: [1, 1, 0, 0] }), [1, 2.5, 5.5, 7]],
  ['upsampleNearest', upsampleNearest(constant(Float32Array.of(1, 2), [1, 1, 1, 2]), [2, 2]), [1, 1, 2, 2, 1, 1, 2, 2]],
])('%s by hand', async (_name, y, expected) => {
  expect(difference(evaluate([y])[0], expected)).toBe(0)
  expect(await runtimeDifference([y], {})).toBeLessThan(1e-6)
})

const x = input('x', [1, 4, 5, 5])
const w = (...shape: number[]) => input('w', shape)
test.each<[string, () => Tensor, string]>([
  ['channels', () => conv2d(x, w(2, 3, 3, 3)), 'Conv: [1, 4, 5, 5] does not fit a kernel of [2, 3, 3, 3]'],
  ['groups', () => conv2d(x, w(3, 2, 3, 3), { groups: 2 }), 'Conv: [1, 4, 5, 5] does not fit a kernel of [3, 2, 3, 3]'],
  ['a large kernel', () => conv2d(x, w(2, 4, 6, 3)), 'Conv: a kernel of [6, 3] does not fit into [1, 4, 5, 5]'],
  ['a bias', () => conv2d(x, w(2, 4, 3, 3), { bias: input('b', [3]) }), 'Conv: a bias of [3] does not fit 2 channels'],
  ['a stride', () => conv2d(x, w(2, 4, 3, 3), { stride: [0, 1] }), 'Conv: strides [0, 1]'],
  [
    'padding',
    () => conv2d(x, w(2, 4, 3, 3), { padding: [-1, 0, 0, 0] }),
    'Conv: padding [-1, 0, 0, 0] must not be negative',
  ],
  [
    'a matrix',
    () => conv2d(input('m', [4, 5]), w(2, 4, 3, 3)),
    'Conv: needs [samples, channels, height, width], got [4, 5]',
  ],
  ['nothing', () => conv2d(input('m', [0, 4, 5, 5]), w(2, 4, 3, 3)), 'Conv: [0, 4, 5, 5] is empty'],
  [
    'open rows',
    () => convTranspose2d(x, w(4, 1, 3, 3), { outputPadding: [1, 0] }),
    'ConvTranspose: outputPadding [1, 0]',
  ],
  ['all padding', () => convTranspose2d(x, w(4, 1, 1, 1), { padding: [3, 0, 3, 0] }), 'leaves nothing of [1, 4, 5, 5]'],
  ['pool padding', () => maxPool(x, [2, 2], { padding: [2, 0, 0, 0] }), 'MaxPool: padding [2, 0, 0, 0] must be below'],
  ['factors', () => upsampleNearest(x, [0.5, 1]), 'upsampleNearest: factors [0.5, 1] must be whole'],
  [
    'channel groups',
    () => groupNorm(x, 3, input('a', [4]), input('b', [4])),
    'groupNorm: [1, 4, 5, 5] does not fit 3 groups',
  ],
])('%s that do not fit are named', (_name, build, message) => {
  expect(build).toThrow(ShapeError)
  expect(build).toThrow(message)
})

/** Images of noise with a bar in it, and whether the bar stands (1) or lies (0). */
function bars(count: number, seed: number) {
  const random = randomNumbers(seed)
  const images = Float32Array.from({ length: count * 64 }, () => random() * 0.3)
  const labels = Float32Array.from({ length: count }, () => Math.round(random()))
  for (let n = 0; n < count; n++) {
    const [row, column] = [Math.floor(random() * 4), Math.floor(random() * 4)]
    for (let i = 0; i < 5; i++)
      images[
        n * 64 +
          (labels[n] === 1 ? (row + Math.min(i, 7 - row)) * 8 + column : row * 8 + column + Math.min(i, 7 - column))
      ] += 1
  }
  return { images, labels }
}

/** Convolution, norm, pooling, convolution, mean, linear: the chance that a bar stands. */
function smallNetwork(images: Tensor, p: Record<string, Tensor>): Tensor {
  const first = relu(groupNorm(conv2d(images, p.first, { padding: [1, 1, 1, 1] }), 2, p.scale, p.shift))
  const second = relu(conv2d(maxPool(first, [2, 2]), p.second))
  return sigmoid(reshape(linear(mean(second, [2, 3]), p.weight, p.bias), [images.shape[0]]))
}

test('a small convolutional network learns to tell standing bars from lying ones', async () => {
  const count = 32
  const shapes = { first: [4, 1, 3, 3], scale: [4], shift: [4], second: [4, 4, 3, 3], weight: [1, 4], bias: [1] }
  const names = Object.keys(shapes) as (keyof typeof shapes)[]
  const parameters = Object.fromEntries(names.map((name) => [name, input(name, shapes[name])]))
  const chance = smallNetwork(input('images', [count, 1, 8, 8]), parameters)
  const error = sub(chance, input('labels', [count]))
  const loss = mean(mul(error, error))
  const gradients = grad(
    loss,
    names.map((name) => parameters[name]),
  )
  const program = await compile({ loss, chance, ...Object.fromEntries(names.map((n, i) => [`g.${n}`, gradients[i]])) })
  const random = randomNumbers(7)
  const values = Object.fromEntries(
    names.map((name) => [
      name,
      Float32Array.from({ length: parameters[name].size }, () => (name === 'scale' ? 1 : random() - 0.5)),
    ]),
  )
  for (let step = 0; step < 200; step++) {
    const results = await program.run({ ...values, ...bars(count, step) })
    for (const name of names) {
      const gradient = results[`g.${name}`] as Float32Array
      for (let i = 0; i < gradient.length; i++) values[name][i] -= gradient[i]
    }
  }
  const held = bars(count, 10_001)
  const { chance: judged } = await program.run({ ...values, ...held })
  await program.release()
  const right = held.labels.filter((label, i) => Math.round(Number(judged[i])) === label).length
  expect(right).toBeGreaterThanOrEqual(0.9 * count)
})
