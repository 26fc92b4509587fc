/** Arrays of float64 in row-major order, and the one way to walk them: offsets by strides. */
import { type Shape, sizeOf } from '../graph.ts'

export interface Value {
  readonly shape: Shape
  /** Integers and booleans too: float64 holds every integer below 2⁵³. */
  readonly data: Float64Array
}

export const valueOf = (shape: Shape, data: ArrayLike<number>): Value => ({ shape, data: Float64Array.from(data) })

/** How far apart neighbours on each axis lie. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= shape[axis]
  }
  return strides
}

/** For each element of `shape`, in order: base + Σ index · stride. */
export function offsets(shape: Shape, strides: readonly number[], base = 0): Int32Array {
  let found = Int32Array.of(base)
  for (const [axis, size] of shape.entries()) {
    const next = new Int32Array(found.length * size)
    for (let i = 0; i < found.length; i++)
      for (let j = 0; j < size; j++) next[i * size + j] = found[i] + j * strides[axis]
    found = next
  }
  return found
}

/** Strides under which a value of shape `from` is read as one of shape `to`, by NumPy's broadcasting. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from)
  const lead = to.length - from.length
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : own[axis - lead]))
}

/** The shape of several operands together. */
export function together(...shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((s) => s[axis - rank + s.length] ?? 1).filter((d) => d !== 1)
    if (sizes.some((d) => d !== sizes[0]))
      throw new RangeError(`reference: [${shapes.join('] and [')}] do not broadcast`)
    return sizes[0] ?? 1
  })
}

/** The elements of a value at these offsets. */
export const pick = (shape: Shape, data: Float64Array, at: Int32Array): Value => ({
  shape,
  data: Float64Array.from(at, (offset) => data[offset]),
})

/** A value repeated until it fills `shape`. */
export const spread = (x: Value, shape: Shape): Value =>
  pick(shape, x.data, offsets(shape, broadcastStrides(x.shape, shape)))

/** The product of the sizes of some axes. */
export const span = (shape: Shape, from: number, to: number): number => sizeOf(shape.slice(from, to))
