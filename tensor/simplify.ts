/**
 * Rewrites a graph before it runs: gradient wrappers vanish, equal subexpressions become one, and sums with a product
 * or a scatter become one operation that adds in place.
 */
import { type Attribute, float, Node, sameShape, type Tensor, topological } from './graph.ts'

export interface SimplifiedGraph {
  nodes: Node[]
  outputs: Tensor[]
}

/** The graph that computes `outputs`, each node after its inputs, with only the nodes that are needed. */
export function simplify(outputs: readonly Tensor[]): SimplifiedGraph {
  let current = rewrite(outputs, unwrap)
  current = rewrite(current, share())
  current = rewrite(current, fuse(current))
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
    return first.size <= 64 ? `constant ${first.dtype} [${first.shape}] ${Array.from(node.data, String).join()}` : null
  const attributes = Object.entries(node.attributes).map(([name, a]) => `${name}=${show(a)}`)
  return `${node.domain}.${node.op} ${attributes.sort().join()} ${inputs.map((t) => `${t.node.id}:${t.index}`).join()} [${first.shape}]`
}

const show = (a: Attribute): string => `${a.kind}:${String(a.value)}`

/** x + product → Gemm with x as its addend; x + scatter into zeros → scatter into x. */
function fuse(outputs: readonly Tensor[]): Change {
  const uses = new Map<Tensor, number>()
  for (const t of outputs) uses.set(t, (uses.get(t) ?? 0) + 1)
  for (const node of topological(outputs)) for (const t of node.inputs) uses.set(t, (uses.get(t) ?? 0) + 1)
  return (node, inputs) => {
    if (node.op !== 'Add' || !sameShape(node.inputs[0].shape, node.inputs[1].shape)) return null
    for (const [mine, other] of [
      [1, 0],
      [0, 1],
    ]) {
      if (uses.get(node.inputs[mine]) !== 1) continue
      const fused = fuseInto(inputs[mine], inputs[other])
      if (fused) return [fused]
    }
    return null
  }
}

function fuseInto(term: Tensor, addend: Tensor): Tensor | null {
  const { op, inputs, attributes } = term.node
  if (op === 'FusedMatMul' && inputs.every((t) => t.rank === 2)) {
    const { transA, transB, alpha } = attributes
    const node = new Node({
      op: 'Gemm',
      inputs: [inputs[0], inputs[1], addend],
      attributes: { transA, transB, alpha, beta: float(1) },
      outputs: [{ shape: term.shape }],
    })
    return node.outputs[0]
  }
  if (op === 'ScatterElements' && inputs[0].node.op === 'ConstantOfShape') {
    const node = new Node({ op, inputs: [addend, inputs[1], inputs[2]], attributes, outputs: [{ shape: term.shape }] })
    return node.outputs[0]
  }
  return null
}

/** An output that is an input, a constant or another output's tensor gets an operation of its own to be named after. */
export function named(outputs: readonly Tensor[]): Tensor[] {
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
