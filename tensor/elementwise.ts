/** Operations that treat each element alone, with NumPy's broadcasting. */
import {
  broadcastShape,
  constant,
  type DType,
  expectFloat,
  float,
  int,
  operation,
  ShapeError,
  show,
  type Tensor,
  withGradient,
} from './graph.ts'
import { reshape } from './reshape.ts'

const lift = (x: Tensor | number): Tensor => (typeof x === 'number' ? constant(x) : x)

function binary(op: string, left: Tensor | number, right: Tensor | number, dtype?: DType): Tensor {
  const a = lift(left)
  const b = lift(right)
  if (a.dtype !== b.dtype || (a.dtype === 'bool' && op !== 'Equal'))
    throw new ShapeError(`${op}: ${a.dtype} ${show(a.shape)} meets ${b.dtype} ${show(b.shape)}`)
  return operation(op, [a, b], broadcastShape(op, a.shape, b.shape), { dtype: dtype ?? a.dtype })
}

export const add = (a: Tensor | number, b: Tensor | number): Tensor => binary('Add', a, b)
export const sub = (a: Tensor | number, b: Tensor | number): Tensor => binary('Sub', a, b)
export const mul = (a: Tensor | number, b: Tensor | number): Tensor => binary('Mul', a, b)
export const div = (a: Tensor | number, b: Tensor | number): Tensor => binary('Div', a, b)
/** The larger of two; where both are equal, the gradient goes to the first. */
export const maximum = (a: Tensor | number, b: Tensor | number): Tensor => binary('Max', a, b)
/** The smaller of two; where both are equal, the gradient goes to the first. */
export const minimum = (a: Tensor | number, b: Tensor | number): Tensor => binary('Min', a, b)
/** a to the power of b; its gradient needs a positive a. */
export const pow = (a: Tensor | number, b: Tensor | number): Tensor => binary('Pow', a, b)

export const greater = (a: Tensor | number, b: Tensor | number): Tensor => binary('Greater', a, b, 'bool')
export const notLess = (a: Tensor | number, b: Tensor | number): Tensor => binary('GreaterOrEqual', a, b, 'bool')
export const equal = (a: Tensor | number, b: Tensor | number): Tensor => binary('Equal', a, b, 'bool')

function unary(op: string, x: Tensor): Tensor {
  expectFloat(op, x)
  return operation(op, [x], x.shape)
}

export const neg = (x: Tensor): Tensor => unary('Neg', x)
export const exp = (x: Tensor): Tensor => unary('Exp', x)
export const log = (x: Tensor): Tensor => unary('Log', x)
export const sqrt = (x: Tensor): Tensor => unary('Sqrt', x)
export const abs = (x: Tensor): Tensor => unary('Abs', x)
export const sin = (x: Tensor): Tensor => unary('Sin', x)
export const cos = (x: Tensor): Tensor => unary('Cos', x)
export const tanh = (x: Tensor): Tensor => unary('Tanh', x)
export const sigmoid = (x: Tensor): Tensor => unary('Sigmoid', x)
export const erf = (x: Tensor): Tensor => unary('Erf', x)
/** −1, 0 or 1; its gradient is zero. */
export const sign = (x: Tensor): Tensor => unary('Sign', x)
/** max(x, 0); the gradient at 0 is 0. */
export const relu = (x: Tensor): Tensor => unary('Relu', x)

/** relu(x)² (Primer, So 2021). */
export function reluSquared(x: Tensor): Tensor {
  const r = relu(x)
  // The 2 goes to the incoming gradient first: mostly a product, which takes it along for nothing.
  return withGradient(mul(r, r), [x], (g) => [mul(mul(g, 2), r)])
}

/** log(1 + eˣ), exact for large |x| too; −log sigmoid(x) is softplus(−x). */
export function softplus(x: Tensor): Tensor {
  // max(x, 0) has no gradient of use at 0, where a comparison of equals lies: the sigmoid has.
  const value = add(relu(x), log(add(1, exp(neg(abs(x))))))
  return withGradient(value, [x], (g) => [mul(g, sigmoid(x))])
}

/** x · sigmoid(x) (Swish; Ramachandran 2017). */
export function silu(x: Tensor): Tensor {
  expectFloat('QuickGelu', x)
  return operation('QuickGelu', [x], x.shape, { domain: 'com.microsoft', attributes: { alpha: float(1) } })
}

/** GELU by its tanh approximation, as GPT-2 uses it (Hendrycks and Gimpel 2016, section 2). */
export function gelu(x: Tensor): Tensor {
  expectFloat('FastGelu', x)
  // ONNX Runtime's FastGelu takes no scalar.
  if (x.rank === 0) return reshape(gelu(reshape(x, [1])), [])
  return operation('FastGelu', [x], x.shape, { domain: 'com.microsoft' })
}

/** `a` where the condition holds, else `b`; all three broadcast. */
export function where(condition: Tensor, left: Tensor | number, right: Tensor | number): Tensor {
  const a = lift(left)
  const b = lift(right)
  if (condition.dtype !== 'bool') throw new ShapeError(`Where: the condition is ${condition.dtype}, not bool`)
  if (a.dtype !== b.dtype) throw new ShapeError(`Where: ${a.dtype} ${show(a.shape)} meets ${b.dtype} ${show(b.shape)}`)
  const shape = broadcastShape('Where', broadcastShape('Where', a.shape, b.shape), condition.shape)
  return operation('Where', [condition, a, b], shape, { dtype: a.dtype })
}

/** ONNX's numbers of the element types (onnx.proto3, TensorProto.DataType). */
export const onnxType: Record<DType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 }

/** Another element type; no gradient passes through. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : operation('Cast', [x], x.shape, { dtype, attributes: { to: int(onnxType[dtype]) } })
}
