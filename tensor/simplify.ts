/**
 * Rewrites a graph before it runs: gradient wrappers vanish, what depends on constants alone is computed now, equal
 * subexpressions become one, and sums with a product or a scatter become one operation that adds in place.
 */
import {
  type Attribute,
  type Attributes,
  type ConstantData,
  constant,
  type DType,
  float,
  Node,
  sameShape,
  type Tensor,
  topological,
} from './graph.ts'
import { evaluate, interpretable } from './reference.ts'

export interface SimplifiedGraph {
  nodes: Node[]
  outputs: Tensor[]
}

/**
 * The graph that computes `outputs`, each node after its inputs, with only the nodes that are needed. Each output has a
 * tensor of its own, made by an operation.
 */
export function simplify(outputs: readonly Tensor[]): SimplifiedGraph {
  let current = rewrite(outputs, unwrap)
  current = rewrite(current, fold)
  current = rewrite(current, share())
  current = named(rewrite(current, fuse(current)))
  return { nodes: topological(current), outputs: current }
}

/** Builds the graph anew: `change` sees each node with its inputs already rewritten and may give other outputs. */
type Change = (node: Node, inputs: readonly Tensor[]) => readonly Tensor[] | null

function rewrite(outputs: readonly Tensor[], change: Change): Tensor[] {
  const replaced = new Map<Tensor, Tensor>()
  const now = (t: Tensor): Tensor => replaced.get(t) ?? t
  for (const node of topological(outputs)) {
    const inputs = node.inputs.map(now)
    const results = change(node, inputs) ?? (inputs.some((t, i) => t !== node.inputs[i]) ? clone(node, inputs) : null)
    if (results) for (const [i, t] of node.outputs.entries()) replaced.set(t, results[i])
  }
  return outputs.map(now)
}

function clone(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  const { op, domain, attributes, outputs } = node
  return new Node({ op, domain, attributes, inputs, outputs }).outputs
}

const unwrap: Change = (node, inputs) => (node.op === 'Custom' ? [inputs[0]] : null)

/** Results with more values than this are computed anew at each run: stored, they would weigh more than they save. */
const foldLimit = 65_536

/** A node whose inputs are constants becomes a constant. Zeros stay an operation: see `zeros`. */
const fold: Change = (node, inputs) => {
  const sizes = [...inputs, ...node.outputs].map((t) => t.size)
  if (inputs.length === 0 || sizes.some((size) => size > foldLimit) || node.op === 'ConstantOfShape') return null
  if (!inputs.every((t) => t.node.data && exact(t.node.data)) || !interpretable(node)) return null
  const results = clone(node, inputs)
  return evaluate(results).map((values, i) => constant(stored[results[i].dtype](values), results[i].shape))
}

/** Whether float64 holds the data as it is. */
const exact = (data: ConstantData): boolean =>
  !(data instanceof BigInt64Array) || data.every((v) => Number.isSafeInteger(Number(v)))

const stored: Record<DType, (values: Float64Array) => ConstantData> = {
  float32: (values) => Float32Array.from(values),
  int64: (values) => BigInt64Array.from(values, BigInt),
  int32: (values) => Int32Array.from(values),
  bool: (values) => Uint8Array.from(values),
}

/** Nodes with the same operation, attributes and inputs are one node. */
function share(): Change {
  const known = new Map<string, readonly Tensor[]>()
  return (node, inputs) => {
    const key = keyOf(node, inputs)
    if (key === null) return null
    const before = known.get(key)
    if (before) return before
    const mine = inputs.some((t, i) => t !== node.inputs[i]) ? clone(node, inputs) : node.outputs
    known.set(key, mine)
    return mine
  }
}

function keyOf(node: Node, inputs: readonly Tensor[]): string | null {
  if (node.op === 'Input') return null
  const [first] = node.outputs
  if (node.data)
    return first.size <= 64 ? `constant ${first.dtype} [${first.shape}] ${Array.from(node.data, digits).join()}` : null
  const attributes = Object.entries(node.attributes).map(([name, a]) => `${name}=${show(a)}`)
  return `${node.domain}.${node.op} ${attributes.sort().join()} ${inputs.map((t) => `${t.node.id}:${t.index}`).join()} [${first.shape}]`
}

/** Text that tells −0 from 0. */
const digits = (v: number | bigint): string => (Object.is(v, -0) ? '-0' : String(v))

const show = (a: Attribute): string => `${a.kind}:${String(a.value)}`

/**
 * x + product → Gemm with x as its addend; x + scatter → scatter into x; both through chains of either, so that an
 * accumulator enters at the chain's beginning. A product times a number takes the number as its alpha.
 */
function fuse(outputs: readonly Tensor[]): Change {
  const uses = new Map<Tensor, number>()
  const use = (t: Tensor) => uses.set(t, (uses.get(t) ?? 0) + 1)
  outputs.forEach(use)
  for (const node of topological(outputs)) node.inputs.forEach(use)
  const once = (t: Tensor) => uses.get(t) === 1
  return (node, inputs) => {
    const fused = node.op === 'Add' ? fuseSum(inputs, once) : node.op === 'Mul' ? fuseScale(inputs, once) : null
    const results = fused ? [fused] : inputs.some((t, i) => t !== node.inputs[i]) ? clone(node, inputs) : null
    for (const [i, t] of results?.entries() ?? []) uses.set(t, uses.get(node.outputs[i]) ?? 0)
    return results
  }
}

type Once = (t: Tensor) => boolean

function fuseSum([a, b]: readonly Tensor[], once: Once): Tensor | null {
  if (!sameShape(a.shape, b.shape)) return null
  return (once(b) && enter(b, a, once)) || (once(a) && enter(a, b, once)) || null
}

/** The term with `addend` added where its chain of products and scatters begins, or null where that is not possible. */
function enter(term: Tensor, addend: Tensor, once: Once): Tensor | null {
  const { op, inputs, attributes } = term.node
  const remade = (fields: { op: string; inputs: Tensor[]; attributes: Attributes }) =>
    new Node({ ...fields, outputs: [{ shape: term.shape }] }).outputs[0]
  if (op === 'FusedMatMul' && inputs.every((t) => t.rank === 2)) {
    const { transA, transB, alpha } = attributes
    return remade({
      op: 'Gemm',
      inputs: [inputs[0], inputs[1], addend],
      attributes: { transA, transB, alpha, beta: float(1) },
    })
  }
  const at = op === 'Gemm' ? 2 : op === 'ScatterElements' ? 0 : null
  if (at === null) return null
  const base = inputs[at]
  const empty = base.node.op === 'ConstantOfShape'
  const below = empty ? addend : once(base) ? enter(base, addend, once) : null
  return below && remade({ op, inputs: inputs.map((t, i) => (i === at ? below : t)), attributes })
}

function fuseScale(inputs: readonly Tensor[], once: Once): Tensor | null {
  const [product, factor] = inputs[0].node.op === 'FusedMatMul' ? inputs : [inputs[1], inputs[0]]
  const { op, domain, attributes } = product.node
  if (op !== 'FusedMatMul' || !once(product) || factor.rank !== 0 || !factor.node.data) return null
  const alpha = attributes.alpha?.kind === 'float' ? attributes.alpha.value : 1
  const scaled = { ...attributes, alpha: float(alpha * Number(factor.node.data[0])) }
  return new Node({ op, domain, inputs: product.node.inputs, attributes: scaled, outputs: [{ shape: product.shape }] })
    .outputs[0]
}

/** An output that is an input, a constant or another output's tensor gets an operation of its own to be named after. */
function named(outputs: readonly Tensor[]): Tensor[] {
  const taken = new Set<Tensor>()
  return outputs.map((t) => {
    const own = !taken.has(t) && t.node.op !== 'Input' && t.node.data === null
    const result = own ? t : identity(t)
    taken.add(result)
    return result
  })
}

const identity = (t: Tensor): Tensor =>
  new Node({ op: 'Identity', inputs: [t], outputs: [{ shape: t.shape, dtype: t.dtype }] }).outputs[0]
