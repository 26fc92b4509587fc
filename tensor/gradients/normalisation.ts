import { exp, mul, sub } from '../elementwise.ts'
import type { Tensor } from '../graph.ts'
import { mean, sum } from '../reduce.ts'
import { sumTo } from './elementwise.ts'
import { type Rules, single } from './rule.ts'

/** The gradient through (x − mean)·inverse, given the gradient at the normalised rows. */
function centred(g: Tensor, normal: Tensor, inverse: Tensor): Tensor {
  const along = mean(mul(g, normal), [-1], true)
  return mul(sub(sub(g, mean(g, [-1], true)), mul(normal, along)), inverse)
}

export const normalisation: Rules = {
  Softmax: single((g, _node, y) => {
    const gy = mul(g, y)
    return [sub(gy, mul(y, sum(gy, [-1], true)))]
  }),
  LogSoftmax: single((g, _node, y) => [sub(g, mul(exp(y), sum(g, [-1], true)))]),
  SimplifiedLayerNormalization: single((g, node) => {
    const [x, weight] = node.inputs
    const inverse = node.outputs[1]
    const normal = mul(x, inverse)
    const gw = mul(g, weight)
    const along = mean(mul(gw, normal), [-1], true)
    return [mul(sub(gw, mul(normal, along)), inverse), sumTo(mul(g, normal), weight.shape)]
  }),
  LayerNormalization: single((g, node) => {
    const [x, weight, bias] = node.inputs
    const [, average, inverse] = node.outputs
    const normal = mul(sub(x, average), inverse)
    return [centred(mul(g, weight), normal, inverse), sumTo(mul(g, normal), weight.shape), sumTo(g, bias.shape)]
  }),
}
