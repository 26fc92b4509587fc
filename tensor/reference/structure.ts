import type { Node, Shape } from '../graph.ts'
import { offsets, pick, span, spread, stridesOf, together, type Value } from './array.ts'
import { fromStart, type Interpretations, intOf, intsOf } from './rule.ts'

/** ONNX Reshape: 0 copies the dimension at its place (unless allowzero), one −1 takes what is left. */
function reshape(node: Node, [x, target]: readonly Value[]): Value {
  const zeroMeansEmpty = intOf(node, 'allowzero', 0) === 1
  const wanted = Array.from(target.data, (d, i) => (d === 0 && !zeroMeansEmpty ? x.shape[i] : d))
  const known = wanted.filter((d) => d !== -1).reduce((a, b) => a * b, 1)
  const shape = wanted.map((d) => (d === -1 ? x.data.length / known : d))
  return { shape, data: x.data }
}

function transpose(node: Node, [x]: readonly Value[]): Value {
  const order = intsOf(node, 'perm', x.shape.map((_, i) => i).reverse())
  const strides = stridesOf(x.shape)
  const shape = order.map((a) => x.shape[a])
  return pick(
    shape,
    x.data,
    offsets(
      shape,
      order.map((a) => strides[a]),
    ),
  )
}

/** ONNX Slice with steps of 1: bounds count from the end where negative, and are clamped. */
function slice([x, starts, ends, axes]: readonly Value[]): Value {
  const shape = [...x.shape]
  const strides = stridesOf(x.shape)
  let base = 0
  for (const [i, a] of axes.data.entries()) {
    const axis = fromStart(a, x.shape.length)
    const size = x.shape[axis]
    const bound = (v: number) => Math.min(size, Math.max(0, v < 0 ? v + size : v))
    const start = bound(starts.data[i])
    shape[axis] = Math.max(0, bound(ends.data[i]) - start)
    base += start * strides[axis]
  }
  return pick(shape, x.data, offsets(shape, strides, base))
}

/** ONNX Pad in constant mode; `pads` holds all beginnings, then all ends. */
function pad([x, pads, fill]: readonly Value[]): Value {
  const rank = x.shape.length
  const shape = x.shape.map((d, i) => d + pads.data[i] + pads.data[rank + i])
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(fill?.data[0] ?? 0)
  const strides = stridesOf(shape)
  const base = strides.reduce((at, step, i) => at + step * pads.data[i], 0)
  for (const [i, to] of offsets(x.shape, strides, base).entries()) data[to] = x.data[i]
  return { shape, data }
}

function concat(node: Node, parts: readonly Value[]): Value {
  const [first] = parts
  const axis = fromStart(intOf(node, 'axis', 0), first.shape.length)
  const total = parts.reduce((n, p) => n + p.shape[axis], 0)
  const shape = first.shape.map((d, i) => (i === axis ? total : d))
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1))
  let start = 0
  for (const p of parts) {
    const strides = stridesOf(shape)
    for (const [i, to] of offsets(p.shape, strides, start * strides[axis]).entries()) data[to] = p.data[i]
    start += p.shape[axis]
  }
  return { shape, data }
}

function split(node: Node, [x, sizes]: readonly Value[]): Value[] {
  const axis = fromStart(intOf(node, 'axis', 0), x.shape.length)
  const strides = stridesOf(x.shape)
  let start = 0
  return Array.from(sizes.data, (size) => {
    const shape = x.shape.map((d, i) => (i === axis ? size : d))
    const part = pick(shape, x.data, offsets(shape, strides, start * strides[axis]))
    start += size
    return part
  })
}

/** Whole slices of `x` along an axis, one for each index. */
function gather(node: Node, [x, indices]: readonly Value[]): Value {
  const axis = fromStart(intOf(node, 'axis', 0), x.shape.length)
  const shape: Shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
  const outer = span(x.shape, 0, axis)
  const inner = span(x.shape, axis + 1, x.shape.length)
  const size = x.shape[axis]
  const data: number[] = []
  for (let o = 0; o < outer; o++)
    for (const index of indices.data) {
      const from = (o * size + indexOf(index, size)) * inner
      for (let i = 0; i < inner; i++) data.push(x.data[from + i])
    }
  return { shape, data: Float64Array.from(data) }
}

function indexOf(index: number, size: number): number {
  const at = index < 0 ? index + size : index
  if (!(at >= 0 && at < size)) throw new RangeError(`reference: index ${index} lies outside ${size}`)
  return at
}

/** For each element of `indices`, the place in `x` that differs from its own place in the index along `axis`. */
function alongAxis(x: Value, indices: Value, axis: number): Int32Array {
  const strides = stridesOf(x.shape)
  const elsewhere = offsets(
    indices.shape,
    strides.map((s, i) => (i === axis ? 0 : s)),
  )
  return elsewhere.map((base, i) => base + indexOf(indices.data[i], x.shape[axis]) * strides[axis])
}

function scatter(node: Node, [x, indices, updates]: readonly Value[]): Value {
  const axis = fromStart(intOf(node, 'axis', 0), x.shape.length)
  const adds = node.attributes.reduction?.kind === 'string' && node.attributes.reduction.value === 'add'
  const data = Float64Array.from(x.data)
  for (const [i, to] of alongAxis(x, indices, axis).entries())
    data[to] = adds ? data[to] + updates.data[i] : updates.data[i]
  return { shape: x.shape, data }
}

export const structure: Interpretations = {
  Reshape: (node, inputs) => [reshape(node, inputs)],
  Transpose: (node, inputs) => [transpose(node, inputs)],
  Expand: (_node, [x, shape]) => [spread(x, together(x.shape, Array.from(shape.data)))],
  Slice: (_node, inputs) => [slice(inputs)],
  Pad: (_node, inputs) => [pad(inputs)],
  Concat: (node, inputs) => [concat(node, inputs)],
  Split: split,
  Gather: (node, inputs) => [gather(node, inputs)],
  GatherElements: (node, [x, indices]) => {
    const axis = fromStart(intOf(node, 'axis', 0), x.shape.length)
    return [pick(indices.shape, x.data, alongAxis(x, indices, axis))]
  },
  ScatterElements: (node, inputs) => [scatter(node, inputs)],
  ConstantOfShape: (_node, [shape]) => {
    const dimensions = Array.from(shape.data)
    return [{ shape: dimensions, data: new Float64Array(dimensions.reduce((a, b) => a * b, 1)) }]
  },
}
