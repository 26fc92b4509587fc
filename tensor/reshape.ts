/** Operations that move elements without changing them. */

import {
  axisOf,
  broadcastShape,
  constant,
  type DType,
  expectFloat,
  full,
  int,
  integers,
  ints,
  Node,
  operation,
  type Shape,
  ShapeError,
  sameShape,
  show,
  sizeOf,
  type Tensor,
} from './graph.ts'

/** The same elements in another shape; one dimension may be −1. */
export function reshape(x: Tensor, target: Shape): Tensor {
  const known = target.filter((d) => d !== -1)
  const shape = target.map((d) => (d === -1 ? x.size / Math.max(1, sizeOf(known)) : d))
  if (sizeOf(shape) !== x.size || target.length - known.length > 1 || !shape.every(Number.isInteger))
    throw new ShapeError(`Reshape: ${show(x.shape)} does not fill ${show(target)}`)
  if (sameShape(shape, x.shape)) return x
  return operation('Reshape', [x, integers(shape)], shape, {
    dtype: x.dtype,
    // ONNX reads a 0 as "copy this dimension" unless told that zero means empty.
    attributes: shape.includes(0) ? { allowzero: int(1) } : {},
  })
}

/** Axes in another order. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const sorted = [...order].sort((a, b) => a - b)
  if (order.length !== x.rank || sorted.some((a, i) => a !== i))
    throw new ShapeError(`Transpose: ${show(order)} is no order of the axes of ${show(x.shape)}`)
  if (order.every((a, i) => a === i)) return x
  const shape = order.map((a) => x.shape[a])
  return operation('Transpose', [x], shape, {
    dtype: x.dtype,
    attributes: { perm: ints(order) },
  })
}

/** A constant without elements. */
function empty(shape: Shape, dtype: DType): Tensor {
  if (dtype === 'float32') return full(shape, 0)
  return constant(
    dtype === 'int64' ? new BigInt64Array() : dtype === 'int32' ? new Int32Array() : new Uint8Array(),
    shape,
  )
}

/** Repeats size-1 axes (and adds leading ones) until the shape is reached. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  if (!sameShape(broadcastShape('Expand', x.shape, shape), shape))
    throw new ShapeError(`Expand: ${show(x.shape)} does not broadcast to ${show(shape)}`)
  // ONNX Runtime's Expand keeps a 1 where a 0 is asked for.
  if (sizeOf(shape) === 0) return empty(shape, x.dtype)
  return operation('Expand', [x, integers(shape)], shape, { dtype: x.dtype })
}

/** Elements `start` (included) to `end` (excluded) along one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = axisOf('Slice', axis, x.rank)
  const size = x.shape[at]
  if (start < 0 || end > size || start > end)
    throw new ShapeError(`Slice: ${start} to ${end} lies outside axis ${axis} of ${show(x.shape)}`)
  if (start === 0 && end === size) return x
  const shape = x.shape.map((d, i) => (i === at ? end - start : d))
  return operation('Slice', [x, integers([start]), integers([end]), integers([at])], shape, {
    dtype: x.dtype,
  })
}

/** Zeros before and after, along one axis. */
export function padAxis(x: Tensor, axis: number, before: number, after: number): Tensor {
  expectFloat('Pad', x)
  const at = axisOf('Pad', axis, x.rank)
  if (before < 0 || after < 0) throw new ShapeError(`Pad: ${before} and ${after} must not be negative`)
  if (before === 0 && after === 0) return x
  const shape = x.shape.map((d, i) => (i === at ? d + before + after : d))
  if (x.size === 0) return full(shape, 0)
  const pads = [...x.shape.map((_, i) => (i === at ? before : 0)), ...x.shape.map((_, i) => (i === at ? after : 0))]
  return operation('Pad', [x, integers(pads), constant(0)], shape, {})
}

/** Tensors one after the other along an axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 0) throw new ShapeError('Concat: needs at least one tensor')
  const [first] = parts
  if (parts.length === 1) return first
  const at = axisOf('Concat', axis, first.rank)
  for (const p of parts)
    if (p.rank !== first.rank || p.dtype !== first.dtype || p.shape.some((d, i) => i !== at && d !== first.shape[i]))
      throw new ShapeError(`Concat: ${show(first.shape)} and ${show(p.shape)} differ beside axis ${axis}`)
  const total = parts.reduce((s, p) => s + p.shape[at], 0)
  const shape = first.shape.map((d, i) => (i === at ? total : d))
  return operation('Concat', parts, shape, {
    dtype: first.dtype,
    attributes: { axis: int(at) },
  })
}

/** The parts of the given sizes along an axis: the inverse of `concat`. */
export function split(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  const at = axisOf('Split', axis, x.rank)
  if (sizes.reduce((a, b) => a + b, 0) !== x.shape[at])
    throw new ShapeError(`Split: ${show(sizes)} does not sum to axis ${axis} of ${show(x.shape)}`)
  if (sizes.length === 1) return [x]
  const shapes = sizes.map((s) => x.shape.map((d, i) => (i === at ? s : d)))
  const node = new Node({
    op: 'Split',
    inputs: [x, integers(sizes)],
    attributes: { axis: int(at) },
    outputs: shapes.map((shape) => ({ shape, dtype: x.dtype })),
  })
  return [...node.outputs]
}
