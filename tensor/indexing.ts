/** Gathering and scattering by integer indices. */
import {
  axisOf,
  expectFloat,
  full,
  int,
  integers,
  operation,
  type Shape,
  ShapeError,
  sameShape,
  show,
  sizeOf,
  string,
  type Tensor,
} from './graph.ts'
import { broadcastTo, reshape } from './reshape.ts'

function expectIndices(op: string, indices: Tensor): void {
  if (indices.dtype !== 'int64') throw new ShapeError(`${op}: indices must be int64, got ${indices.dtype}`)
}

/** Rows of a table [rows, width] by int64 indices of any shape → [...indices, width]. */
export function gatherRows(table: Tensor, indices: Tensor): Tensor {
  expectIndices('Gather', indices)
  expectFloat('Gather', table)
  if (table.rank !== 2) throw new ShapeError(`Gather: the table must have two axes, got ${show(table.shape)}`)
  const [_rows, width] = table.shape
  return operation('Gather', [table, indices], [...indices.shape, width])
}

/** A table of zeros to which each row of `updates` [...indices, width] is added at its index. */
export function scatterRows(shape: Shape, indices: Tensor, updates: Tensor): Tensor {
  return addRows(zeros(shape), indices, updates)
}

/** `table` [rows, width] plus each row of `updates` [...indices, width] at its index; repeated indices add up. */
export function addRows(table: Tensor, indices: Tensor, updates: Tensor): Tensor {
  expectIndices('ScatterElements', indices)
  expectFloat('ScatterElements', table, updates)
  const width = table.shape[1]
  const count = sizeOf(indices.shape)
  if (table.rank !== 2 || updates.size !== count * width)
    throw new ShapeError(
      `ScatterElements: updates ${show(updates.shape)} do not fit table ${show(table.shape)} and indices ${show(indices.shape)}`,
    )
  if (updates.size === 0) return table
  const wide = broadcastTo(reshape(indices, [count, 1]), [count, width])
  return operation('ScatterElements', [table, wide, reshape(updates, [count, width])], table.shape, {
    attributes: { axis: int(0), reduction: string('add') },
  })
}

/** Elements along an axis by indices of the same rank (NumPy's take_along_axis). */
export function takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  expectIndices('GatherElements', indices)
  expectFloat('GatherElements', x)
  const at = axisOf('GatherElements', axis, x.rank)
  if (indices.rank !== x.rank || indices.shape.some((d, i) => i !== at && d > x.shape[i]))
    throw new ShapeError(`GatherElements: indices ${show(indices.shape)} do not fit ${show(x.shape)} on axis ${axis}`)
  return operation('GatherElements', [x, indices], indices.shape, { attributes: { axis: int(at) } })
}

/** Zeros of a shape to which `updates` (of the indices' shape) are added along an axis: `takeAlong` turned round. */
export function scatterAlong(shape: Shape, indices: Tensor, updates: Tensor, axis: number): Tensor {
  expectIndices('ScatterElements', indices)
  const at = axisOf('ScatterElements', axis, shape.length)
  expectFloat('ScatterElements', updates)
  if (!sameShape(indices.shape, updates.shape) || indices.rank !== shape.length)
    throw new ShapeError(`ScatterElements: updates ${show(updates.shape)} do not fit indices ${show(indices.shape)}`)
  return operation('ScatterElements', [zeros(shape), indices, updates], shape, {
    attributes: { axis: int(at), reduction: string('add') },
  })
}

/** Zeros, made when the graph runs: a constant would be stored. */
export function zeros(shape: Shape): Tensor {
  if (sizeOf(shape) <= 64) return full(shape, 0)
  return operation('ConstantOfShape', [integers(shape)], shape)
}
