import { emptyTree, type Message, type Tree } from './tree.ts'

/** The form in which the conversation is kept; another number is not read. */
const version = 1

export function writeTree(tree: Tree): string {
  return JSON.stringify({ version, tree })
}

/** Reads a kept conversation. An answer that was being written is marked as broken off; what is no conversation is empty. */
export function readTree(kept: string | null): Tree {
  const tree = parse(kept)
  if (!tree) return emptyTree
  const messages: Record<string, Message> = {}
  for (const [id, message] of Object.entries(tree.messages)) messages[id] = brokenOff(message)
  return { ...tree, messages }
}

function brokenOff(message: Message): Message {
  if (message.state !== 'writing') return message
  return { ...message, state: 'failed', failure: { kind: 'reloaded', detail: '', requestId: '' } }
}

function parse(kept: string | null): Tree | null {
  try {
    const value: unknown = JSON.parse(kept ?? 'null')
    if (!isRecord(value) || value.version !== version || !isTree(value.tree)) return null
    return value.tree
  } catch {
    return null
  }
}

function isTree(value: unknown): value is Tree {
  if (!isRecord(value) || typeof value.next !== 'number') return false
  if (!isRecord(value.messages) || !isRecord(value.children) || !isRecord(value.chosen)) return false
  return (
    Object.values(value.messages).every(isMessage) &&
    Object.values(value.chosen).every((id) => typeof id === 'string') &&
    Object.values(value.children).every((ids) => Array.isArray(ids) && ids.every((id) => typeof id === 'string'))
  )
}

function isMessage(value: unknown): value is Message {
  return (
    isRecord(value) &&
    ['id', 'parent', 'text', 'state'].every((field) => typeof value[field] === 'string') &&
    (value.role === 'user' || value.role === 'assistant') &&
    (value.details === null || isRecord(value.details)) &&
    (value.failure === null || (isRecord(value.failure) && typeof value.failure.kind === 'string'))
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
