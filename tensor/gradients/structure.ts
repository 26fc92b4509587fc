import { full, type Node, type Tensor } from '../graph.ts'
import { addRows, gatherRows, scatterAlong, takeAlong, zeros } from '../indexing.ts'
import { concat, padAxis, reshape, slice, split, transpose } from '../reshape.ts'
import { sumTo } from './elementwise.ts'
import { type Rules, single } from './rule.ts'

const integersOf = (t: Tensor): number[] => Array.from(t.node.data as BigInt64Array, Number)
const attributeInt = (node: Node, name: string): number => {
  const a = node.attributes[name]
  return a?.kind === 'int' ? a.value : 0
}

export const structure: Rules = {
  Reshape: single((g, node) => [reshape(g, node.inputs[0].shape), null]),
  Transpose: single((g, node) => {
    const { perm } = node.attributes
    const order = perm.kind === 'ints' ? perm.value : []
    return [
      transpose(
        g,
        order.map((_, i) => order.indexOf(i)),
      ),
    ]
  }),
  Expand: single((g, node) => [sumTo(g, node.inputs[0].shape), null]),
  Slice: single((g, node) => {
    const [x, ...bounds] = node.inputs
    const [start, end, axis] = bounds.map((b) => integersOf(b)[0])
    return [padAxis(g, axis, start, x.shape[axis] - end), null, null, null]
  }),
  Pad: single((g, node) => {
    const [x, pads] = node.inputs
    const before = integersOf(pads).slice(0, x.rank)
    return [x.shape.reduce((t, d, axis) => slice(t, axis, before[axis], before[axis] + d), g), null, null]
  }),
  Concat: single((g, node) => {
    const axis = attributeInt(node, 'axis')
    return split(
      g,
      axis,
      node.inputs.map((p) => p.shape[axis]),
    )
  }),
  Split: (node, gs) => {
    const parts = gs.map((g, i) => g ?? full(node.outputs[i].shape, 0))
    return [concat(parts, attributeInt(node, 'axis')), null]
  },
  Gather: single((g, node) => {
    const [table, indices] = node.inputs
    return [addRows(zeros(table.shape), indices, g), null]
  }),
  GatherElements: single((g, node) => {
    const [x, indices] = node.inputs
    return [scatterAlong(x.shape, indices, g, attributeInt(node, 'axis')), null]
  }),
  // Only "add" is ever built: the table passes its gradient on, and each update receives the gradient at its place.
  ScatterElements: single((g, node) => {
    const [, indices, updates] = node.inputs
    const axis = attributeInt(node, 'axis')
    const wide = indices.node
    if (wide.op === 'Expand' && axis === 0 && g.rank === 2) {
      const rows = reshape(wide.inputs[0], [updates.shape[0]])
      return [g, null, gatherRows(g, rows)]
    }
    return [g, null, takeAlong(g, indices, axis)]
  }),
}
