import { expect, test } from 'vitest'
import { adamWInPlace, sumInto } from './adamw-loop.ts'
import { constant, input, ShapeError, type Tensor } from './graph.ts'
import { adamW, clipScale, muon, orthogonalise, sgd } from './optimizers.ts'
import { difference, randomNumbers } from './oracle.ts'
import { compile } from './program.ts'
import { evaluate } from './reference.ts'

const options = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8 }
const size = 40

const scalar = (name: string): Tensor => input(name, [])
const array = (name: string): Tensor => input(name, [size])
const numbers = (seed: number, count = size): Float64Array => {
  const random = randomNumbers(seed)
  return Float64Array.from({ length: count }, () => Math.fround(random() * 2 - 1))
}
const one = (value: number) => Float32Array.of(value)

/** AdamW by the paper's lines, in float64. */
class PlainAdamW {
  readonly parameter: Float64Array
  readonly first = new Float64Array(size)
  readonly second = new Float64Array(size)

  constructor(parameter: Float64Array) {
    this.parameter = parameter.slice()
  }

  step(t: number, gradient: Float64Array, rate: number, decay: number, scale: number): void {
    for (let i = 0; i < size; i++) {
      const g = gradient[i] * scale
      this.first[i] = options.beta1 * this.first[i] + (1 - options.beta1) * g
      this.second[i] = options.beta2 * this.second[i] + (1 - options.beta2) * g * g
      const m = this.first[i] / (1 - options.beta1 ** t)
      const v = this.second[i] / (1 - options.beta2 ** t)
      this.parameter[i] -= decay * this.parameter[i] + (rate * m) / (Math.sqrt(v) + options.epsilon)
    }
  }
}

test('adamW as an expression, in place and by the paper take the same 20 steps', async () => {
  const names = ['learningRate', 'decay', 'firstCorrection', 'secondCorrection', 'gradientScale'] as const
  const scalars = Object.fromEntries(names.map((n) => [n, scalar(n)])) as Record<(typeof names)[number], Tensor>
  const arrays = {
    parameter: array('parameter'),
    gradient: array('gradient'),
    first: array('first'),
    second: array('second'),
  }
  const next = adamW({ ...arrays, ...scalars }, options)
  const program = await compile({ newParameter: next.parameter, newFirst: next.first, newSecond: next.second })
  const start = numbers(1)
  const plain = new PlainAdamW(start)
  const graph: Record<'parameter' | 'first' | 'second', Float32Array> = {
    parameter: Float32Array.from(start),
    first: new Float32Array(size),
    second: new Float32Array(size),
  }
  const loop = { parameter: Float32Array.from(start), first: new Float32Array(size), second: new Float32Array(size) }
  for (let t = 1; t <= 20; t++) {
    const gradient = numbers(100 + t)
    const [learningRate, decay, gradientScale] = [0.01 / t, 0.001, t % 2 === 0 ? 0.5 : 1]
    plain.step(t, gradient, learningRate, decay, gradientScale)
    const used = Float32Array.from(gradient)
    adamWInPlace({ ...loop, gradient: used }, { ...options, learningRate, decay, gradientScale, step: t })
    expect(used).toEqual(new Float32Array(size))
    const results = await program.run({
      ...graph,
      gradient: Float32Array.from(gradient),
      learningRate: one(learningRate),
      decay: one(decay),
      firstCorrection: one(1 / (1 - options.beta1 ** t)),
      secondCorrection: one(1 / (1 - options.beta2 ** t)),
      gradientScale: one(gradientScale),
    })
    graph.parameter = results.newParameter as Float32Array
    graph.first = results.newFirst as Float32Array
    graph.second = results.newSecond as Float32Array
  }
  await program.release()
  for (const mine of [graph, loop]) {
    expect(difference(mine.parameter, plain.parameter)).toBeLessThan(1e-6)
    expect(difference(mine.first, plain.first)).toBeLessThan(1e-6)
    expect(difference(mine.second, plain.second)).toBeLessThan(1e-6)
  }
})

test('where gradients are zero, weights decay and do nothing else', () => {
  const parameter = Float32Array.of(1, -2)
  const rest = { gradient: new Float32Array(2), first: new Float32Array(2), second: new Float32Array(2) }
  adamWInPlace({ parameter, ...rest }, { ...options, learningRate: 1, decay: 0.25, step: 1, gradientScale: 1 })
  expect(parameter).toEqual(Float32Array.of(0.75, -1.5))
})

const momentumStep = (shape: number[]) => ({
  parameter: input('parameter', shape),
  gradient: input('gradient', shape),
  momentum: input('momentum', shape),
  learningRate: scalar('learningRate'),
  decay: scalar('decay'),
  gradientScale: scalar('gradientScale'),
})

test('sgd keeps its momentum', () => {
  const next = sgd(momentumStep([2]), 0.5)
  const feeds = {
    parameter: Float64Array.of(1, 2),
    gradient: Float64Array.of(4, -8),
    momentum: Float64Array.of(2, 0),
    learningRate: Float64Array.of(0.25),
    decay: Float64Array.of(0.5),
    gradientScale: Float64Array.of(0.5),
  }
  const [parameter, momentum] = evaluate([next.parameter, next.momentum], feeds)
  expect(momentum).toEqual(Float64Array.of(3, -4))
  expect(parameter).toEqual(Float64Array.of(0.5 - 0.75, 1 + 1))
})

/** x · xᵀ on the smaller side of a matrix, in float64. */
function gram(x: ArrayLike<number>, rows: number, columns: number): number[][] {
  const n = Math.min(rows, columns)
  const at = (i: number, k: number) => (rows <= columns ? x[i * columns + k] : x[k * columns + i])
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => {
      let total = 0
      for (let k = 0; k < Math.max(rows, columns); k++) total += at(i, k) * at(j, k)
      return total
    }),
  )
}

/** Eigenvalues of a symmetric matrix by Jacobi's rotations (Golub and Van Loan, algorithm 8.5.1). */
function eigenvalues(a: number[][]): number[] {
  for (let sweep = 0; sweep < 60; sweep++)
    for (let p = 0; p < a.length; p++)
      for (let q = p + 1; q < a.length; q++) {
        const angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p])
        const [c, s] = [Math.cos(angle), Math.sin(angle)]
        for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]]
        const [up, low] = [a[p], a[q]]
        a[p] = up.map((v, k) => c * v - s * low[k])
        a[q] = up.map((v, k) => s * v + c * low[k])
      }
  return a.map((row, i) => row[i])
}

test.each([
  [8, 8],
  [12, 5],
  [5, 12],
  [1, 6],
])('orthogonalise %i × %i: singular values near 1, as the reference has it', async (rows, columns) => {
  const x = input('x', [rows, columns])
  const y = orthogonalise(x)
  const values = numbers(rows * 31 + columns, rows * columns)
  const program = await compile({ y })
  const results = await program.run({ x: Float32Array.from(values) })
  await program.release()
  expect(difference(results.y as Float32Array, evaluate([y], { x: values })[0])).toBeLessThan(1e-4)
  for (const squared of eigenvalues(gram(results.y as Float32Array, rows, columns))) {
    expect(Math.sqrt(squared)).toBeGreaterThan(0.6)
    expect(Math.sqrt(squared)).toBeLessThan(1.3)
  }
})

test('orthogonalise keeps what is orthogonal in its directions, and bears zeros', () => {
  const turned = constant(Float32Array.of(0, 3, -3, 0), [2, 2])
  const [values] = evaluate([orthogonalise(turned)])
  expect(Math.abs(values[0]) + Math.abs(values[3])).toBeLessThan(1e-9)
  expect(values[1]).toBeCloseTo(-values[2], 9)
  expect(values[1]).toBeGreaterThan(0.6)
  expect(evaluate([orthogonalise(constant(new Float32Array(4), [2, 2]))])[0]).toEqual(new Float64Array(4))
  expect(() => orthogonalise(input('x', [3]))).toThrow(ShapeError)
})

test('muon: Nesterov momentum, made orthogonal, of the size of an AdamW step', () => {
  const shape = [3, 4]
  const next = muon(momentumStep(shape), 0.5)
  const gradient = numbers(5, 12)
  const before = numbers(6, 12)
  const parameter = numbers(7, 12)
  const feeds = {
    parameter,
    gradient,
    momentum: before,
    learningRate: Float64Array.of(0.5),
    decay: Float64Array.of(0.25),
    gradientScale: Float64Array.of(2),
  }
  const [after, momentum] = evaluate([next.parameter, next.momentum], feeds)
  const kept = before.map((m, i) => 0.5 * m + 2 * gradient[i])
  expect(difference(momentum, kept)).toBeLessThan(1e-12)
  const direction = Float32Array.from(kept, (m, i) => 2 * gradient[i] + 0.5 * m)
  const [turned] = evaluate([orthogonalise(constant(direction, shape))])
  const expected = parameter.map((p, i) => 0.75 * p - 0.5 * 0.2 * Math.sqrt(4) * turned[i])
  expect(difference(after, expected)).toBeLessThan(1e-6)
})

test.each([
  [25, 10, 1],
  [100, 10, 1],
  [400, 10, 0.5],
  [0, 1, 1],
  [4, 0.5, 0.25],
])('clipScale(%f, %f) is %f', (squares, limit, expected) => {
  expect(clipScale(squares, limit)).toBe(expected)
})

test.each([1, 2, 3, 4])('sumInto adds %i arrays into the first and empties the others', (count) => {
  const arrays = Array.from({ length: count }, (_, i) => Float32Array.of(1 + i, -2 * i - 1))
  const expected = arrays.reduce((t, [a, b]) => [t[0] + a, t[1] + b], [0, 0])
  expect(sumInto(arrays)).toBe(expected[0] ** 2 + expected[1] ** 2)
  expect(Array.from(arrays[0])).toEqual(expected)
  for (const other of arrays.slice(1)) expect(other).toEqual(new Float32Array(2))
})
