import type { Node, Tensor } from '../graph.ts'

/** Gradients of a node's outputs (null where nothing flows back) to gradients of its inputs (null: none). */
export type Rule = (node: Node, outputGradients: readonly (Tensor | null)[]) => (Tensor | null)[]
export type Rules = Readonly<Record<string, Rule>>

/** A rule of a node with one output. */
export const single =
  (rule: (g: Tensor, node: Node, y: Tensor) => (Tensor | null)[]): Rule =>
  (node, [g]) =>
    g ? rule(g, node, node.outputs[0]) : node.inputs.map(() => null)
