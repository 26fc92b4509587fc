import type { Nodes } from 'mdast'

/** The words of a node without their form. */
export function plain(node: Nodes): string {
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map(plain).join('') : ''
}
