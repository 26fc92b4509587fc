import type { Failure } from '../stream/failure.ts'

export type Role = 'user' | 'assistant'

/** What one answer cost and how it ended. Times in milliseconds by the page's own clock; tokens by the server. */
export interface Details {
  model: string
  promptTokens: number | null
  completionTokens: number | null
  firstTokenMs: number | null
  totalMs: number
  finishReason: string
  /** Old turns that the model no longer saw. */
  dropped: number
  seed?: number | null
  cost?: { amount: number; currency: string } | null
}

export interface Message {
  id: string
  parent: string
  role: Role
  text: string
  state: 'writing' | 'done' | 'stopped' | 'failed'
  failure: Failure | null
  details: Details | null
  created?: number
  /** An answer that the person wrote: better than the model's beside it. */
  author?: 'person'
}

/** A conversation with its branches: every message's children in order, and which child of each is shown. */
export interface Tree {
  messages: Readonly<Record<string, Message>>
  children: Readonly<Record<string, readonly string[]>>
  chosen: Readonly<Record<string, string>>
  next: number
}

/** The parent of the first message. */
export const root = 'root'

export const emptyTree: Tree = { messages: {}, children: {}, chosen: {}, next: 1 }

/** Adds a message below `parent` and shows it; its siblings stay as branches. */
export function add(
  tree: Tree,
  parent: string,
  role: Role,
  text: string,
  state: Message['state'],
  id = `m${tree.next}`,
): Tree {
  return {
    messages: { ...tree.messages, [id]: { id, parent, role, text, state, failure: null, details: null } },
    children: { ...tree.children, [parent]: [...siblingsOf(tree, parent), id] },
    chosen: { ...tree.chosen, [parent]: id },
    next: tree.next + 1,
  }
}

/** Replaces fields of a message that is there; a message that is gone stays gone. */
export function change(tree: Tree, id: string, fields: Partial<Message>): Tree {
  const message = tree.messages[id]
  if (!message) return tree
  return { ...tree, messages: { ...tree.messages, [id]: { ...message, ...fields } } }
}

/** Shows this message among its siblings. */
export function choose(tree: Tree, id: string): Tree {
  const message = tree.messages[id]
  return message ? { ...tree, chosen: { ...tree.chosen, [message.parent]: id } } : tree
}

/** Removes a message that has no children, and shows the sibling before it. */
export function removeLeaf(tree: Tree, id: string): Tree {
  const message = tree.messages[id]
  if (!message || siblingsOf(tree, id).length > 0) return tree
  const { [id]: _gone, ...messages } = tree.messages
  const siblings = siblingsOf(tree, message.parent).filter((sibling) => sibling !== id)
  const { [message.parent]: _old, ...chosen } = tree.chosen
  const shown = siblings.at(-1)
  return {
    ...tree,
    messages,
    children: { ...tree.children, [message.parent]: siblings },
    chosen: shown ? { ...chosen, [message.parent]: shown } : chosen,
  }
}

/** The messages shown, from the first to the last. */
export function shownPath(tree: Tree): Message[] {
  const path: Message[] = []
  for (let id = tree.chosen[root]; id && path.length < tree.next; id = tree.chosen[id]) {
    const message = tree.messages[id]
    if (!message) break
    path.push(message)
  }
  return path
}

/** The messages from the first down to this one. */
export function pathTo(tree: Tree, id: string): Message[] {
  const path: Message[] = []
  for (let at: Message | undefined = tree.messages[id]; at && path.length < tree.next; at = tree.messages[at.parent]) {
    path.unshift(at)
  }
  return path
}

/** The ids of the messages below `parent`, oldest first. */
export function siblingsOf(tree: Tree, parent: string): readonly string[] {
  return tree.children[parent] ?? []
}
