/** Softmax and the norms. */
import { axisOf, expectFloat, float, int, Node, operation, ShapeError, show, type Tensor } from './graph.ts'

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  expectFloat('Softmax', x)
  const axis = axisOf('Softmax', -1, x.rank)
  return operation('Softmax', [x], x.shape, { attributes: { axis: int(axis) } })
}

/** Logarithm of softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  expectFloat('LogSoftmax', x)
  const axis = axisOf('LogSoftmax', -1, x.rank)
  return operation('LogSoftmax', [x], x.shape, { attributes: { axis: int(axis) } })
}

function expectScale(op: string, x: Tensor, ...scales: Tensor[]): void {
  expectFloat(op, x, ...scales)
  if (x.shape.at(-1) === 0) throw new ShapeError(`${op}: the last axis of ${show(x.shape)} is empty`)
  for (const s of scales)
    if (s.rank !== 1 || s.shape[0] !== x.shape.at(-1))
      throw new ShapeError(`${op}: a scale of ${show(s.shape)} does not fit the last axis of ${show(x.shape)}`)
}

/** x / sqrt(mean(x²) + epsilon) · weight over the last axis (Zhang and Sennrich 2019). */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon = 1e-5): Tensor {
  const op = 'SimplifiedLayerNormalization'
  expectScale(op, x, weight)
  // The second output is the inverse deviation of each row, which the gradient uses again.
  return new Node({
    op,
    inputs: [x, weight],
    attributes: { axis: int(-1), epsilon: float(epsilon), stash_type: int(1) },
    outputs: [{ shape: x.shape }, { shape: [...x.shape.slice(0, -1), 1] }],
  }).outputs[0]
}

/** (x − mean) / sqrt(variance + epsilon) · weight + bias over the last axis (Ba 2016). */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  const op = 'LayerNormalization'
  expectScale(op, x, weight, bias)
  const row = [...x.shape.slice(0, -1), 1]
  return new Node({
    op,
    inputs: [x, weight, bias],
    attributes: { axis: int(-1), epsilon: float(epsilon), stash_type: int(1) },
    outputs: [{ shape: x.shape }, { shape: row }, { shape: row }],
  }).outputs[0]
}
