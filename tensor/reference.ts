/**
 * The oracle: a slow, plain interpreter of expressions in float64, written from the specifications of ONNX (operator set
 * 18) and of ONNX Runtime's own operators, never from what a runtime does. Every compiled graph is tested against it.
 */
import {
  type ConstantData,
  type Node,
  type Shape,
  ShapeError,
  sameShape,
  show,
  type Tensor,
  topological,
} from './graph.ts'
import { type Value, valueOf } from './reference/array.ts'
import { convolution } from './reference/convolution.ts'
import { elementwise } from './reference/elementwise.ts'
import { normalise } from './reference/normalise.ts'
import { products } from './reference/products.ts'
import { reduce } from './reference/reduce.ts'
import { rotaries } from './reference/rotary.ts'
import type { Interpretations } from './reference/rule.ts'
import { structure } from './reference/structure.ts'

const interpretations: Interpretations = {
  ...elementwise,
  ...reduce,
  ...structure,
  ...products,
  ...normalise,
  ...rotaries,
  ...convolution,
  // A gradient rule of its own leaves the value as it is.
  Custom: (_node, [x]) => [x],
}

/** Values of inputs, by name. */
export type Feeds = Readonly<Record<string, Float64Array | ConstantData>>

/**
 * The values of `outputs` in float64 (integers and booleans as numbers). Constants count as what float32 keeps of them.
 * Throws where an input is missing, an operation unknown, or a result has another shape than the expression says.
 */
export function evaluate(outputs: readonly Tensor[], feeds: Feeds = {}): Float64Array[] {
  const values = new Map<Tensor, Value>()
  const valueAt = (t: Tensor): Value => {
    const value = values.get(t)
    if (!value) throw new ShapeError(`reference: ${t.node.op} has no output ${t.index}`)
    return value
  }
  for (const node of topological(outputs)) {
    const results = interpret(node, node.inputs.map(valueAt), feeds)
    for (const [i, value] of results.entries()) {
      const expected = node.outputs[i]
      if (!expected) continue
      if (!sameShape(value.shape, expected.shape))
        throw new ShapeError(
          `reference: ${node.op} gives ${show(value.shape)}, its expression says ${show(expected.shape)}`,
        )
      values.set(expected, value)
    }
  }
  return outputs.map((t) => valueAt(t).data)
}

/** Whether `evaluate` knows what the node computes. */
export const interpretable = (node: Node): boolean => node.data !== null || Object.hasOwn(interpretations, node.op)

function interpret(node: Node, inputs: readonly Value[], feeds: Feeds): readonly Value[] {
  if (node.op === 'Input') return [inputValue(node.name ?? '', node.outputs[0].shape, feeds)]
  if (node.data) return [numbers(node.outputs[0].shape, node.data)]
  if (!Object.hasOwn(interpretations, node.op)) throw new ShapeError(`reference: does not know ${node.op}`)
  return interpretations[node.op](node, inputs)
}

function inputValue(name: string, shape: Shape, feeds: Feeds): Value {
  const given = feeds[name]
  if (!given) throw new ShapeError(`reference: no values for "${name}" ${show(shape)}`)
  const value = numbers(shape, given)
  if (value.data.length !== shape.reduce((a, b) => a * b, 1))
    throw new ShapeError(`reference: ${value.data.length} values for "${name}" do not fill ${show(shape)}`)
  return value
}

const numbers = (shape: Shape, data: Float64Array | ConstantData): Value =>
  valueOf(shape, data instanceof BigInt64Array ? Array.from(data, Number) : data)
