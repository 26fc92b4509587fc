import type { Node } from '../graph.ts'
import { span, type Value } from './array.ts'
import { floatOf, fromStart, type Interpretations, intOf } from './rule.ts'

/** Each line along `axis` (−1 by default) becomes another one. */
function alongAxis(node: Node, x: Value, change: (line: Float64Array) => Float64Array): Value {
  const axis = fromStart(intOf(node, 'axis', -1), x.shape.length)
  const size = x.shape[axis]
  const inner = span(x.shape, axis + 1, x.shape.length)
  const outer = span(x.shape, 0, axis)
  const data = new Float64Array(x.data.length)
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = (k: number) => (o * size + k) * inner + i
      const line = change(Float64Array.from({ length: size }, (_, k) => x.data[at(k)]))
      for (let k = 0; k < size; k++) data[at(k)] = line[k]
    }
  return { shape: x.shape, data }
}

/** The logarithm of Σ exp, without overflow. */
function logSumExp(line: Float64Array): number {
  const most = line.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return most + Math.log(line.reduce((t, x) => t + Math.exp(x - most), 0))
}

/** Rows over all axes from `axis` on, normalised, scaled and shifted; with each row's mean and inverse deviation. */
function norm(node: Node, [x, scale, bias]: readonly Value[], centred: boolean) {
  const axis = fromStart(intOf(node, 'axis', -1), x.shape.length)
  const epsilon = floatOf(node, 'epsilon', 1e-5)
  const width = span(x.shape, axis, x.shape.length)
  const rows = span(x.shape, 0, axis)
  const data = new Float64Array(x.data.length)
  const means = new Float64Array(rows)
  const inverses = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    const row = x.data.subarray(r * width, (r + 1) * width)
    const mean = centred ? row.reduce((t, v) => t + v, 0) / width : 0
    const variance = row.reduce((t, v) => t + (v - mean) ** 2, 0) / width
    means[r] = mean
    inverses[r] = 1 / Math.sqrt(variance + epsilon)
    for (let i = 0; i < width; i++)
      data[r * width + i] = (row[i] - mean) * inverses[r] * scale.data[i] + (bias?.data[i] ?? 0)
  }
  const shape = x.shape.map((d, i) => (i < axis ? d : 1))
  return { y: { shape: x.shape, data }, mean: { shape, data: means }, inverse: { shape, data: inverses } }
}

export const normalise: Interpretations = {
  Softmax: (node, [x]) => [
    alongAxis(node, x, (line) => {
      const total = logSumExp(line)
      return line.map((v) => Math.exp(v - total))
    }),
  ],
  LogSoftmax: (node, [x]) => [
    alongAxis(node, x, (line) => {
      const total = logSumExp(line)
      return line.map((v) => v - total)
    }),
  ],
  LayerNormalization: (node, inputs) => {
    const { y, mean, inverse } = norm(node, inputs, true)
    return [y, mean, inverse]
  },
  // RMSNorm; its second output is the inverse deviation.
  SimplifiedLayerNormalization: (node, inputs) => {
    const { y, inverse } = norm(node, inputs, false)
    return [y, inverse]
  },
}
