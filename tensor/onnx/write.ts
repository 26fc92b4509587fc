/** Writes a simplified graph as an ONNX model (onnx.proto3, IR version 8, operator set 18). */
import { onnxType } from '../elementwise.ts'
import type { Attribute, ConstantData, DType, Node, Shape, Tensor } from '../graph.ts'
import { integer, join, message, single, text } from './protobuf.ts'

const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const

function attribute(name: string, a: Attribute): Uint8Array {
  const head = join(text(1, name), integer(20, attributeTypes[a.kind]))
  if (a.kind === 'float') return join(head, single(2, a.value))
  if (a.kind === 'int') return join(head, integer(3, a.value))
  if (a.kind === 'string') return join(head, text(4, a.value))
  return join(head, ...a.value.map((v) => integer(8, v)))
}

function valueInfo(name: string, dtype: DType, shape: Shape, free: readonly number[] = []): Uint8Array {
  const dimension = (d: number, axis: number) => (free.includes(axis) ? text(2, `${name}_${axis}`) : integer(1, d))
  const dimensions = join(...shape.map((d, axis) => message(1, dimension(d, axis))))
  return join(text(1, name), message(2, message(1, join(integer(1, onnxType[dtype]), message(2, dimensions)))))
}

/** An output of no declared shape. */
const shapelessInfo = (name: string, dtype: DType): Uint8Array =>
  join(text(1, name), message(2, message(1, integer(1, onnxType[dtype]))))

/** Axes of an input that have another size at each run. */
function freeAxes(node: Node): readonly number[] {
  const { free } = node.attributes
  return free?.kind === 'ints' ? free.value : []
}

function initializer(name: string, dtype: DType, shape: Shape, data: ConstantData): Uint8Array {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return join(...shape.map((d) => integer(1, d)), integer(2, onnxType[dtype]), text(8, name), message(9, raw))
}

export interface OnnxGraph {
  /** Nodes in an order in which inputs come first; Input and Constant nodes among them. */
  nodes: readonly Node[]
  /** What a node's inputs are, after simplification. */
  inputsOf: (node: Node) => readonly (Tensor | null)[]
  outputs: readonly { name: string; tensor: Tensor }[]
  /** Shapes are nominal where inputs have free axes; outputs then declare none. */
  flexible?: boolean
}

/** The bytes of the model. Every output must be produced by an operation of its own. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const names = new Map<Tensor, string>()
  for (const { name, tensor } of graph.outputs) names.set(tensor, name)
  const nameOf = (t: Tensor): string => {
    const known = names.get(t)
    if (known) return known
    const fresh = t.node.name ?? `t${t.node.id}_${t.index}`
    names.set(t, fresh)
    return fresh
  }
  const parts: Uint8Array[] = []
  for (const node of graph.nodes) {
    const [first] = node.outputs
    if (node.op === 'Input') parts.push(message(11, valueInfo(nameOf(first), first.dtype, first.shape, freeAxes(node))))
    else if (node.data) parts.push(message(5, initializer(nameOf(first), first.dtype, first.shape, node.data)))
    else parts.push(message(1, operation(node, graph.inputsOf(node), nameOf)))
  }
  for (const { name, tensor } of graph.outputs)
    parts.push(
      message(12, graph.flexible ? shapelessInfo(name, tensor.dtype) : valueInfo(name, tensor.dtype, tensor.shape)),
    )
  const body = join(text(2, 'dotline'), ...parts)
  const standard = join(text(1, ''), integer(2, 18))
  const microsoft = join(text(1, 'com.microsoft'), integer(2, 1))
  return join(integer(1, 8), text(2, 'dotline'), message(7, body), message(8, standard), message(8, microsoft))
}

function operation(node: Node, inputs: readonly (Tensor | null)[], nameOf: (t: Tensor) => string): Uint8Array {
  return join(
    ...inputs.map((t) => text(1, t ? nameOf(t) : '')),
    ...node.outputs.map((t) => text(2, nameOf(t))),
    text(4, node.op),
    ...Object.entries(node.attributes).map(([name, a]) => message(5, attribute(name, a))),
    node.domain ? text(7, node.domain) : new Uint8Array(),
  )
}
