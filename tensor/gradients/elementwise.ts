import {
  add,
  cast,
  cos,
  div,
  equal,
  exp,
  greater,
  log,
  mul,
  neg,
  notLess,
  pow,
  sign,
  sin,
  sub,
  tanh,
  where,
} from '../elementwise.ts'
import { operation, type Shape, sameShape, type Tensor } from '../graph.ts'
import { sum } from '../reduce.ts'
import { broadcastTo, reshape } from '../reshape.ts'
import { type Rule, type Rules, single } from './rule.ts'

/** Undoes broadcasting: sums the axes along which `shape` was stretched to the tensor's own. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const lead = x.rank - shape.length
  const axes = x.shape.map((_, i) => i).filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1))
  return reshape(axes.length > 0 ? sum(x, axes) : x, shape)
}

function binary(rule: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => [Tensor, Tensor]): Rule {
  return single((g, node, y) => {
    const [a, b] = node.inputs
    const [ga, gb] = rule(g, a, b, y)
    return [sumTo(ga, a.shape), sumTo(gb, b.shape)]
  })
}

const unary = (rule: (g: Tensor, x: Tensor, y: Tensor) => Tensor): Rule =>
  single((g, node, y) => [rule(g, node.inputs[0], y)])

const choose = (g: Tensor, first: Tensor): [Tensor, Tensor] => [where(first, g, 0), where(first, 0, g)]

const reduction = (rule: (g: Tensor, x: Tensor, kept: Shape) => Tensor): Rule =>
  single((g, node) => {
    const x = node.inputs[0]
    const axes = Array.from(node.inputs[1].node.data as BigInt64Array, Number)
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    return [rule(reshape(g, kept), x, kept), null]
  })

function geluSlope(x: Tensor): Tensor {
  const c = Math.sqrt(2 / Math.PI)
  const x2 = mul(x, x)
  const t = tanh(mul(x, add(mul(x2, c * 0.044715), c)))
  const slope = mul(mul(x, sub(1, mul(t, t))), add(mul(x2, 3 * c * 0.044715), c))
  return mul(add(add(t, slope), 1), 0.5)
}

export const elementwise: Rules = {
  Add: binary((g) => [g, g]),
  Sub: binary((g) => [g, neg(g)]),
  Mul: binary((g, a, b) => [mul(g, b), mul(g, a)]),
  Div: binary((g, _a, b, y) => [div(g, b), neg(mul(g, div(y, b)))]),
  Max: binary((g, a, b) => choose(g, notLess(a, b))),
  Min: binary((g, a, b) => choose(g, notLess(b, a))),
  Pow: binary((g, a, b, y) => [mul(g, mul(b, pow(a, sub(b, 1)))), mul(g, mul(y, log(a)))]),
  Neg: unary((g) => neg(g)),
  Exp: unary((g, _x, y) => mul(g, y)),
  Log: unary((g, x) => div(g, x)),
  Sqrt: unary((g, _x, y) => div(mul(g, 0.5), y)),
  Abs: unary((g, x) => mul(g, sign(x))),
  Sin: unary((g, x) => mul(g, cos(x))),
  Cos: unary((g, x) => neg(mul(g, sin(x)))),
  Tanh: unary((g, _x, y) => mul(g, sub(1, mul(y, y)))),
  Sigmoid: unary((g, _x, y) => mul(g, mul(y, sub(1, y)))),
  Erf: unary((g, x) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  Sign: single(() => [null]),
  Relu: unary((g, x) => mul(g, cast(greater(x, 0), 'float32'))),
  // With s = sigmoid(x) and y = x·s: y' = s + x·s·(1 − s) = y + s·(1 − y).
  QuickGelu: unary((g, x, y) => mul(g, add(y, mul(operation('Sigmoid', [x], x.shape), sub(1, y))))),
  FastGelu: unary((g, x) => mul(g, geluSlope(x))),
  Cast: single(() => [null]),
  Where: single((g, node) => {
    const [condition, a, b] = node.inputs
    return [null, sumTo(where(condition, g, 0), a.shape), sumTo(where(condition, 0, g), b.shape)]
  }),
  ReduceSum: reduction((g, x) => broadcastTo(g, x.shape)),
  ReduceMean: reduction((g, x, kept) => {
    const count = x.shape.reduce((n, d, i) => (kept[i] === d ? n : n * d), 1)
    return broadcastTo(mul(g, 1 / count), x.shape)
  }),
  ReduceSumSquare: reduction((g, x) => mul(mul(x, 2), g)),
  ReduceMax: single((g, node, y) => {
    const [x, axesInput] = node.inputs
    const axes = Array.from(axesInput.node.data as BigInt64Array, Number)
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    const hit = cast(equal(x, reshape(y, kept)), 'float32')
    return [mul(hit, div(reshape(g, kept), sum(hit, axes, true))), null]
  }),
}
