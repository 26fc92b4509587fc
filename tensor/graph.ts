/**
 * Symbolic tensors. An expression is a graph of nodes; each node is one ONNX operation with static shapes. How each
 * operation is differentiated stands in `gradients/`, one table of rules.
 */

export type DType = 'float32' | 'int64' | 'int32' | 'bool'
export type Shape = readonly number[]
export type Attribute =
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'ints'; value: readonly number[] }
  | { kind: 'string'; value: string }
export type Attributes = Readonly<Record<string, Attribute>>

/** The gradient of a node's output to gradients of its inputs (null: none). */
export type Vjp = (gradient: Tensor) => (Tensor | null)[]

export type ConstantData = Float32Array | BigInt64Array | Int32Array | Uint8Array

/** A shape or type does not fit the operation; the message names the operation and the shapes. */
export class ShapeError extends Error {
  override name = 'ShapeError'
}

/** Nodes are numbered as they are built, so inputs always have smaller numbers than the nodes that use them. */
let created = 0

export class Node {
  readonly id = created++
  readonly op: string
  readonly domain: '' | 'com.microsoft' | 'dotline'
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
  readonly outputs: readonly Tensor[]
  /** Set on `Custom` nodes alone. */
  readonly vjp: Vjp | null
  /** Set on `Input` nodes. */
  readonly name: string | null
  /** Set on `Constant` nodes. */
  readonly data: ConstantData | null

  constructor(fields: {
    op: string
    domain?: '' | 'com.microsoft' | 'dotline'
    inputs?: readonly Tensor[]
    attributes?: Attributes
    outputs: readonly { shape: Shape; dtype?: DType }[]
    vjp?: Vjp | null
    name?: string
    data?: ConstantData
  }) {
    this.op = fields.op
    this.domain = fields.domain ?? ''
    this.inputs = fields.inputs ?? []
    this.attributes = fields.attributes ?? {}
    this.vjp = fields.vjp ?? null
    this.name = fields.name ?? null
    this.data = fields.data ?? null
    this.outputs = fields.outputs.map((o, i) => new Tensor(this, i, o.shape, o.dtype ?? 'float32'))
  }
}

export class Tensor {
  readonly node: Node
  /** Which of the node's outputs this is. */
  readonly index: number
  readonly shape: Shape
  readonly dtype: DType

  constructor(node: Node, index: number, shape: Shape, dtype: DType) {
    for (const d of shape)
      if (!Number.isSafeInteger(d) || d < 0) throw new ShapeError(`${node.op}: ${d} is no dimension, in ${show(shape)}`)
    this.node = node
    this.index = index
    this.shape = shape
    this.dtype = dtype
  }

  get rank(): number {
    return this.shape.length
  }

  get size(): number {
    return sizeOf(this.shape)
  }
}

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)
export const show = (shape: Shape): string => `[${shape.join(', ')}]`
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i])

export const int = (value: number): Attribute => ({ kind: 'int', value })
export const float = (value: number): Attribute => ({ kind: 'float', value })
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value })
export const string = (value: string): Attribute => ({ kind: 'string', value })

/** One operation with one output. */
export function operation(
  op: string,
  inputs: readonly Tensor[],
  shape: Shape,
  options: { attributes?: Attributes; domain?: '' | 'com.microsoft'; dtype?: DType } = {},
): Tensor {
  const { attributes = {}, domain = '', dtype = 'float32' } = options
  return new Node({ op, domain, inputs, attributes, outputs: [{ shape, dtype }] }).outputs[0]
}

/** A value given at each run, under this name. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return new Node({ op: 'Input', outputs: [{ shape, dtype }], name }).outputs[0]
}

/** A value fixed in the graph. Float data counts as float32, bigint data as int64. */
export function constant(data: ConstantData | number, shape: Shape = []): Tensor {
  const array = typeof data === 'number' ? Float32Array.of(data) : data
  if (array.length !== sizeOf(shape))
    throw new ShapeError(`constant: ${array.length} values do not fill ${show(shape)}`)
  return new Node({ op: 'Constant', outputs: [{ shape, dtype: dtypeOf(array) }], data: array }).outputs[0]
}

/** A rank-1 int64 constant: shapes, axes and indices of ONNX operations. */
export const integers = (values: readonly number[]): Tensor =>
  constant(BigInt64Array.from(values, BigInt), [values.length])

/** A constant of one repeated value. */
export const full = (shape: Shape, value: number): Tensor =>
  constant(new Float32Array(sizeOf(shape)).fill(value), shape)

function dtypeOf(data: ConstantData): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Int32Array) return 'int32'
  return 'bool'
}

/**
 * Gives an expression a gradient rule of its own: the value of `value`, but gradients reach `inputs` through `vjp`
 * alone and nothing flows into the expression below. The node vanishes when the graph is lowered.
 */
export function withGradient(value: Tensor, inputs: readonly Tensor[], vjp: (g: Tensor) => (Tensor | null)[]): Tensor {
  const node = new Node({
    op: 'Custom',
    domain: 'dotline',
    inputs: [value, ...inputs],
    outputs: [{ shape: value.shape, dtype: value.dtype }],
    vjp: (g) => [null, ...vjp(g)],
  })
  return node.outputs[0]
}

/** The same value, through which no gradient flows. */
export const stopGradient = (value: Tensor): Tensor => withGradient(value, [], () => [])

/** All nodes that the outputs need, each after its inputs. */
export function topological(outputs: readonly Tensor[]): Node[] {
  const seen = new Set<Node>()
  const stack = outputs.map((t) => t.node)
  while (stack.length > 0) {
    const node = stack.pop() as Node
    if (seen.has(node)) continue
    seen.add(node)
    for (const t of node.inputs) stack.push(t.node)
  }
  return [...seen].sort((a, b) => a.id - b.id)
}

export function expectFloat(op: string, ...tensors: Tensor[]): void {
  for (const t of tensors)
    if (t.dtype !== 'float32') throw new ShapeError(`${op}: needs float32, got ${t.dtype} ${show(t.shape)}`)
}

/** An axis counted from the end becomes one counted from the start. */
export function axisOf(op: string, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(at) || at < 0 || at >= rank) throw new ShapeError(`${op}: no axis ${axis} in rank ${rank}`)
  return at
}

/** The shape of two operands together, by NumPy's rule. */
export function broadcastShape(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1
    const db = b[i - rank + b.length] ?? 1
    if (da !== db && da !== 1 && db !== 1) throw new ShapeError(`${op}: ${show(a)} and ${show(b)} do not broadcast`)
    return da === 1 ? db : da
  })
}
