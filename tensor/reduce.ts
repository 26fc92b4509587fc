/** Sums, means and maxima over axes. */
import { axisOf, expectFloat, int, integers, operation, ShapeError, show, type Tensor } from './graph.ts'

function reduce(op: string, x: Tensor, axes: readonly number[] | undefined, keepDims: boolean): Tensor {
  expectFloat(op, x)
  const all = [...new Set((axes ?? x.shape.map((_, i) => i)).map((a) => axisOf(op, a, x.rank)))].sort((a, b) => a - b)
  if (all.length === 0) return x
  const shape = keepDims ? x.shape.map((d, i) => (all.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !all.includes(i))
  return operation(op, [x, integers(all)], shape, { attributes: { keepdims: int(keepDims ? 1 : 0) } })
}

/** Sum over axes (all of them by default). */
export const sum = (x: Tensor, axes?: readonly number[], keepDims = false): Tensor =>
  reduce('ReduceSum', x, axes, keepDims)
/** Mean over axes (all of them by default); there is none of nothing. */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const y = reduce('ReduceMean', x, axes, keepDims)
  if (x.size === 0 && y.size > 0)
    throw new ShapeError(`ReduceMean: ${show(x.shape)} leaves nothing for ${show(y.shape)}`)
  return y
}
/** Maximum over axes, −∞ of nothing; where several elements share it, they share the gradient. */
export const max = (x: Tensor, axes?: readonly number[], keepDims = false): Tensor =>
  reduce('ReduceMax', x, axes, keepDims)
/** Sum of squares over axes. */
export const sumSquares = (x: Tensor, axes?: readonly number[], keepDims = false): Tensor =>
  reduce('ReduceSumSquare', x, axes, keepDims)
