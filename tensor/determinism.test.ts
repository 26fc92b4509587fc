/** Threads must not decide what is computed: each operation, 40 times with two threads, gives the same bits. */
import { expect, test } from 'vitest'
import { attend, rotaryTables, rotate } from './attention.ts'
import { averagePool, conv2d, convTranspose2d, maxPool } from './convolution.ts'
import * as e from './elementwise.ts'
import { grad } from './grad.ts'
import { type ConstantData, constant, full, input, type Tensor, topological } from './graph.ts'
import { addRows, gatherRows, scatterAlong, takeAlong } from './indexing.ts'
import { linearCrossEntropy } from './loss.ts'
import { matmul } from './matmul.ts'
import { groupNorm, layerNorm, logSoftmax, rmsNorm, softmax } from './normalise.ts'
import { mixed, randomNumbers } from './oracle.ts'
import { compile, type Values } from './program.ts'
import { max, mean, sum, sumSquares } from './reduce.ts'
import { broadcastTo, concat, padAxis, reshape, slice, split, transpose } from './reshape.ts'

const runs = 40

/** Large enough for ONNX Runtime to share the work between two threads. */
const rows = 192
const width = 160
const x = input('x', [rows, width])
const y = input('y', [rows, width])
const square = input('square', [4, 64, 64])
const vector = input('vector', [width])
const image = input('image', [2, 4, 24, 24])
const kernel = input('kernel', [4, 4, 3, 3])
const channel = input('channel', [4])
// 8192 rows of 64 numbers fall into 64 places: at this size `ScatterND`, which adds in the order in which threads arrive,
// gives other bits in nearly every run.
const many = input('many', [8192, 64])
const places = input('places', [8192], 'int64')
const table = input('table', [64, 64])

function feedsOf(outputs: readonly Tensor[]): Record<string, ConstantData> {
  const random = randomNumbers(11)
  const feeds: Record<string, ConstantData> = {}
  for (const { op, name, outputs: made } of topological(outputs)) {
    if (op !== 'Input' || name === null) continue
    const { size } = made[0]
    feeds[name] =
      made[0].dtype === 'int64'
        ? BigInt64Array.from({ length: size }, () => BigInt(Math.floor(random() * 64)))
        : Float32Array.from({ length: size }, () => random() * 2 + 0.1)
  }
  return feeds
}

const sameBits = (a: Values, b: Values): boolean =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  ) === 0

/** How many of the runs differ from the first in any output. */
async function deviations(outputs: Record<string, Tensor>): Promise<number> {
  const program = await compile(outputs, { threads: 2 })
  const feeds = feedsOf(Object.values(outputs))
  const first = await program.run(feeds)
  let different = 0
  for (let run = 1; run < runs; run++) {
    const again = await program.run(feeds)
    if (Object.keys(outputs).some((name) => !sameBits(again[name], first[name]))) different++
  }
  await program.release()
  return different
}

const unary = [
  'neg',
  'exp',
  'log',
  'sqrt',
  'abs',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'erf',
  'sign',
  'relu',
  'silu',
  'gelu',
] as const
const binary = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'pow'] as const

const operations: Record<string, Tensor[]> = {
  ...Object.fromEntries(unary.map((name) => [name, [e[name](x)]])),
  ...Object.fromEntries(binary.map((name) => [name, [e[name](x, y), e[name](x, vector)]])),
  comparisons: [e.greater(x, y), e.notLess(x, y), e.equal(x, y), e.where(e.greater(x, y), x, y)],
  casts: [e.cast(x, 'int64'), e.cast(e.cast(x, 'bool'), 'float32')],
  sums: [sum(x), sum(x, [0]), sum(x, [1])],
  means: [mean(x), mean(x, [0]), mean(x, [1])],
  maxima: [max(x), max(x, [0]), max(x, [1])],
  'sums of squares': [sumSquares(x), sumSquares(x, [0]), sumSquares(x, [1])],
  moves: [transpose(x, [1, 0]), slice(x, 0, 3, 90), padAxis(x, 1, 2, 3), concat([x, y], 1), ...split(x, 1, [60, 100])],
  broadcasts: [broadcastTo(vector, [rows, width])],
  products: [matmul(x, y, { transposeB: true }), matmul(x, y, { transposeA: true, scale: 0.5 })],
  'batched products': [matmul(square, square), matmul(square, square, { transposeA: true })],
  'products added to': [e.add(input('to', [rows, rows]), matmul(x, y, { transposeB: true }))],
  gathers: [gatherRows(table, places), takeAlong(many, reshape(places, [128, 64]), 0)],
  'scatters of rows': [addRows(table, places, many)],
  'scatters along an axis': [scatterAlong([64, 64], broadcastTo(reshape(places, [8192, 1]), [8192, 64]), many, 0)],
  softmax: [softmax(x), logSoftmax(x)],
  norms: [rmsNorm(x, vector), layerNorm(x, vector, vector), groupNorm(image, 2, channel, channel)],
  attention: [attend(square, square, square, null, 0.1)],
  rotation: [rotate(input('turned', [2, 64, 64]), input('at', [2, 64], 'int64'), rotaryTables(64, 16, 100))],
  convolutions: [conv2d(image, kernel, { bias: channel }), convTranspose2d(image, kernel, { stride: [2, 2] })],
  pools: [maxPool(image, [2, 2]), averagePool(image, [3, 3])],
}

test.each(Object.entries(operations))('%s and its gradients', async (_name, outputs) => {
  const float = outputs.filter((t) => t.dtype === 'float32')
  const sources = topological(float)
    .filter(({ op, outputs: [made] }) => op === 'Input' && made.dtype === 'float32')
    .map((node) => node.outputs[0])
  const scalar = float.map((t) => mixed(t)).reduce((a, b) => e.add(a, b), constant(0))
  const all = [...outputs, ...(sources.length > 0 ? grad(scalar, sources) : [])]
  expect(await deviations(Object.fromEntries(all.map((t, i) => [`output${i}`, t])))).toBe(0)
})

test('a whole step of training: embedding, attention, feed-forward, loss, gradients, update', async () => {
  const [vocabulary, wide, length, batch] = [64, 64, 32, 4]
  const shapes = {
    table: [vocabulary, wide],
    q: [wide, wide],
    k: [wide, wide],
    v: [wide, wide],
    up: [4 * wide, wide],
    down: [wide, 4 * wide],
    norm: [wide],
  }
  const names = Object.keys(shapes) as (keyof typeof shapes)[]
  const p = Object.fromEntries(names.map((n) => [n, input(n, shapes[n])])) as Record<keyof typeof shapes, Tensor>
  const tokens = input('tokens', [batch * length], 'int64')
  const targets = input('targets', [batch * length], 'int64')
  const inRows = (t: Tensor, w: Tensor) => matmul(t, w, { transposeB: true })
  const scaled = Object.fromEntries(names.map((n) => [n, n === 'norm' ? p[n] : e.mul(p[n], 0.05)])) as typeof p
  let h = gatherRows(scaled.table, tokens)
  const normal = rmsNorm(h, scaled.norm)
  const [q, k, v] = [scaled.q, scaled.k, scaled.v].map((w) => reshape(inRows(normal, w), [batch, length, wide]))
  h = e.add(h, reshape(attend(q, k, v, null, 0.1), [batch * length, wide]))
  h = e.add(h, inRows(e.reluSquared(inRows(h, scaled.up)), scaled.down))
  const { loss } = linearCrossEntropy(h, scaled.table, targets, full([batch * length], 1 / (batch * length)), 32)
  const gradients = grad(
    loss,
    names.map((n) => p[n]),
  )
  const updated = Object.fromEntries(names.map((n, i) => [`new.${n}`, e.sub(p[n], e.mul(gradients[i], 0.1))]))
  expect(await deviations({ loss, ...updated })).toBe(0)
})
