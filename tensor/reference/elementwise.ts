import type { DType } from '../graph.ts'
import { spread, together, type Value } from './array.ts'
import { erf } from './erf.ts'
import { floatOf, type Interpretation, type Interpretations } from './rule.ts'

const unary =
  (f: (x: number) => number): Interpretation =>
  (_node, [x]) => [{ shape: x.shape, data: x.data.map(f) }]

const binary =
  (f: (a: number, b: number, dtype: DType) => number): Interpretation =>
  (node, inputs) => {
    const shape = together(...inputs.map((x) => x.shape))
    const [a, b] = inputs.map((x) => spread(x, shape).data)
    return [{ shape, data: a.map((v, i) => f(v, b[i], node.inputs[0].dtype)) }]
  }

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
/** The larger; NaN where one is NaN. */
const larger = (a: number, b: number): number => (a > b || Number.isNaN(a) ? a : b)
const smaller = (a: number, b: number): number => (a < b || Number.isNaN(a) ? a : b)

const convert: Record<DType, (x: number) => number> = {
  float32: (x) => x,
  int64: Math.trunc,
  int32: Math.trunc,
  bool: (x) => (x === 0 ? 0 : 1),
}

function where([condition, a, b]: readonly Value[]): Value {
  const shape = together(condition.shape, a.shape, b.shape)
  const [c, x, y] = [condition, a, b].map((v) => spread(v, shape).data)
  return { shape, data: c.map((v, i) => (v !== 0 ? x[i] : y[i])) }
}

export const elementwise: Interpretations = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b, dtype) => (dtype === 'float32' ? a / b : Math.trunc(a / b))),
  Max: binary(larger),
  Min: binary(smaller),
  Pow: binary((a, b) => a ** b),
  Greater: binary((a, b) => Number(a > b)),
  GreaterOrEqual: binary((a, b) => Number(a >= b)),
  Equal: binary((a, b) => Number(a === b)),
  Neg: unary((x) => -x),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Abs: unary(Math.abs),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Tanh: unary(Math.tanh),
  Sigmoid: unary(sigmoid),
  Erf: unary(erf),
  Sign: unary(Math.sign),
  Relu: unary((x) => (x < 0 ? 0 : x)),
  Identity: unary((x) => x),
  // com.microsoft QuickGelu: x · sigmoid(alpha · x).
  QuickGelu: (node, [x]) => {
    const alpha = floatOf(node, 'alpha', 1.702)
    return [{ shape: x.shape, data: x.data.map((v) => v * sigmoid(alpha * v)) }]
  },
  // com.microsoft FastGelu: GELU by the tanh approximation.
  FastGelu: unary((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
  Cast: (node, [x]) => [{ shape: x.shape, data: x.data.map(convert[node.outputs[0].dtype]) }],
  Where: (_node, inputs) => [where(inputs)],
}
