/** Reverse-mode differentiation. */
import { add } from './elementwise.ts'
import { convolution } from './gradients/convolution.ts'
import { elementwise } from './gradients/elementwise.ts'
import { normalisation } from './gradients/normalisation.ts'
import { products } from './gradients/products.ts'
import type { Rules } from './gradients/rule.ts'
import { structure } from './gradients/structure.ts'
import { full, type Node, ShapeError, show, type Tensor, topological } from './graph.ts'
import { zeros } from './indexing.ts'

const rules: Rules = { ...elementwise, ...structure, ...products, ...normalisation, ...convolution }

/**
 * Gradients of a scalar with respect to each tensor of `sources`, as expressions; a source that the scalar does not
 * depend on has a gradient of zeros. `seed` is the gradient of the scalar itself (1 by default).
 */
export function grad(scalar: Tensor, sources: readonly Tensor[], seed: Tensor = full(scalar.shape, 1)): Tensor[] {
  if (scalar.size !== 1) throw new ShapeError(`grad: needs a scalar, got ${show(scalar.shape)}`)
  const nodes = topological([scalar])
  const needed = dependents(nodes, sources)
  const gradients = new Map<Tensor, Tensor>([[scalar, seed]])
  for (const node of nodes.reverse()) {
    const outgoing = node.outputs.map((t) => gradients.get(t) ?? null)
    if (outgoing.every((g) => g === null) || !node.inputs.some((t) => needed.has(t.node.id))) continue
    for (const [i, g] of gradientsOf(node, outgoing).entries()) {
      const target = node.inputs[i]
      if (!g || !needed.has(target.node.id)) continue
      const before = gradients.get(target)
      gradients.set(target, before ? add(before, g) : g)
    }
  }
  return sources.map((s) => gradients.get(s) ?? zeros(s.shape))
}

function gradientsOf(node: Node, outgoing: readonly (Tensor | null)[]): (Tensor | null)[] {
  const [first] = outgoing
  if (node.vjp && first) return node.vjp(first)
  const rule = rules[node.op]
  if (!rule) throw new ShapeError(`grad: ${node.op} has no gradient, and one is asked through it`)
  return rule(node, outgoing)
}

/** The numbers of nodes on a path from a source. */
function dependents(nodes: readonly Node[], sources: readonly Tensor[]): Set<number> {
  const needed = new Set(sources.map((s) => s.node.id))
  for (const node of nodes) if (node.inputs.some((t) => needed.has(t.node.id))) needed.add(node.id)
  return needed
}
