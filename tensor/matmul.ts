/** Matrix products. */
import { add } from './elementwise.ts'
import { broadcastShape, expectFloat, float, int, operation, ShapeError, show, sizeOf, type Tensor } from './graph.ts'
import { zeros } from './indexing.ts'

export interface MatmulOptions {
  /** Use the first operand's last two axes exchanged. */
  transposeA?: boolean
  transposeB?: boolean
  /** Multiplies the product. */
  scale?: number
}

/** Product over the last two axes, [..., M, K] × [..., K, N] → [..., M, N]; leading axes broadcast. */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA: ta = false, transposeB: tb = false, scale = 1 } = options
  expectFloat('matmul', a, b)
  if (a.rank < 2 || b.rank < 2) throw new ShapeError(`matmul: ${show(a.shape)} × ${show(b.shape)} needs two axes each`)
  const [m, k] = pick(a, ta)
  const [k2, n] = pick(b, tb)
  if (k !== k2)
    throw new ShapeError(
      `matmul: ${show(a.shape)}${ta ? ' transposed' : ''} × ${show(b.shape)}${tb ? ' transposed' : ''}: ${k} is not ${k2}`,
    )
  const lead = broadcastShape('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2))
  const shape = [...lead, m, n]
  // ONNX Runtime broadcasts no leading axes of size 0, and leaves batched sums of no terms unwritten.
  if (sizeOf(shape) === 0 || k === 0) return zeros(shape)
  return operation('FusedMatMul', [a, b], shape, {
    domain: 'com.microsoft',
    attributes: { transA: int(ta ? 1 : 0), transB: int(tb ? 1 : 0), alpha: float(scale) },
  })
}

const pick = (t: Tensor, transposed: boolean): [number, number] => {
  const [r, c] = t.shape.slice(-2)
  return transposed ? [c, r] : [r, c]
}

/** x · weightᵀ + bias for x [rows, in], weight [out, in] and bias [out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (x.rank !== 2 || weight.rank !== 2 || x.shape[1] !== weight.shape[1])
    throw new ShapeError(`linear: ${show(x.shape)} does not fit a weight of [out, in] = ${show(weight.shape)}`)
  if (bias && (bias.rank !== 1 || bias.shape[0] !== weight.shape[0]))
    throw new ShapeError(
      `linear: a bias of ${show(bias.shape)} does not fit a weight of [out, in] = ${show(weight.shape)}`,
    )
  const y = matmul(x, weight, { transposeB: true })
  return bias ? add(y, bias) : y
}
