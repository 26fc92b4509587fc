import type { Ground } from '../ground/operation.ts'

/** A message of the tree without its text. */
export interface Node {
  id: string
  parent: string | null
  role: string
  status: string
  created: number
}

/** A message of a branch, and all versions of it in the order in which they came, itself among them. */
export interface Fork {
  id: string
  alternatives: string[]
}

export async function outline({ db }: Ground, owner: string, conversation: string): Promise<Node[]> {
  return await db
    .selectFrom('messages')
    .select(['id', 'parent', 'role', 'status', 'created'])
    .where('owner', '=', owner)
    .where('conversation', '=', conversation)
    .orderBy('seq')
    .execute()
}

/** From the root to `leaf`; empty where there is no such message. */
export function branchOf(nodes: readonly Node[], leaf: string): Fork[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const children = childrenOf(nodes)
  const path: Fork[] = []
  // Parents are always older than their children, so this ends.
  for (let at = byId.get(leaf); at; at = at.parent === null ? undefined : byId.get(at.parent)) {
    path.push({ id: at.id, alternatives: children.get(at.parent) ?? [] })
  }
  return path.reverse()
}

/** The end of the newest branch through a message; null where there is no such message. */
export function deepest(nodes: readonly Node[], from: string): string | null {
  if (!nodes.some((node) => node.id === from)) return null
  const children = childrenOf(nodes)
  let at = from
  for (let next = children.get(at); next; next = children.get(at)) at = next.at(-1)!
  return at
}

function childrenOf(nodes: readonly Node[]): Map<string | null, string[]> {
  const children = new Map<string | null, string[]>()
  for (const { id, parent } of nodes) {
    const list = children.get(parent)
    if (list) list.push(id)
    else children.set(parent, [id])
  }
  return children
}
