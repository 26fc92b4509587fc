import type { Node } from '../graph.ts'
import type { Value } from './array.ts'

/** What a node computes: the values of its outputs from those of its inputs. */
export type Interpretation = (node: Node, inputs: readonly Value[]) => readonly Value[]
export type Interpretations = Readonly<Record<string, Interpretation>>

/** An integer attribute, or what the ONNX specification sets where it is absent. */
export function intOf(node: Node, name: string, absent: number): number {
  const a = node.attributes[name]
  return a?.kind === 'int' ? a.value : absent
}

export function floatOf(node: Node, name: string, absent: number): number {
  const a = node.attributes[name]
  return a?.kind === 'float' ? a.value : absent
}

export function intsOf(node: Node, name: string, absent: readonly number[]): readonly number[] {
  const a = node.attributes[name]
  return a?.kind === 'ints' ? a.value : absent
}

export function textOf(node: Node, name: string, absent: string): string {
  const a = node.attributes[name]
  return a?.kind === 'string' ? a.value : absent
}

export const fromStart = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)
