/** Softmax and the norms. */
import { add, mul } from './elementwise.ts'
import { axisOf, expectFloat, float, full, int, Node, operation, ShapeError, show, type Tensor } from './graph.ts'
import { reshape } from './reshape.ts'

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

/**
 * Layer norm over groups of channels of x [samples, channels, ...], then one scale and one shift for each channel
 * (Wu and He 2018): weight and bias are [channels].
 */
export function groupNorm(x: Tensor, groups: number, weight: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  const [samples, channels, ...places] = x.shape
  expectFloat('groupNorm', x, weight, bias)
  const fits = (t: Tensor) => t.rank === 1 && t.shape[0] === channels
  if (x.rank < 2 || x.size === 0 || channels % groups !== 0 || !fits(weight) || !fits(bias))
    throw new ShapeError(
      `groupNorm: ${show(x.shape)} does not fit ${groups} groups, weight ${show(weight.shape)} and bias ${show(bias.shape)}`,
    )
  const width = x.size / samples / groups
  const plain = layerNorm(reshape(x, [samples * groups, width]), full([width], 1), full([width], 0), epsilon)
  const perChannel = (t: Tensor) => reshape(t, [channels, ...places.map(() => 1)])
  return add(mul(reshape(plain, x.shape), perChannel(weight)), perChannel(bias))
}
