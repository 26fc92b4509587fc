import type { Imported } from '#wire/conversations'

type Fields = Record<string, unknown>

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const millis = (value: unknown): number => (typeof value === 'number' && value > 0 ? Math.round(value * 1000) : 0)

/** The conversations of ChatGPT's `conversations.json`; null where the file is something else. */
export function readChatGpt(file: unknown): Imported[] | null {
  const list = Array.isArray(file) ? file : null
  if (!list?.some((one) => typeof fields(one).mapping === 'object')) return null
  return list.flatMap((one) => {
    const read = conversationOf(fields(one))
    return read === null ? [] : [read]
  })
}

function conversationOf(one: Fields): Imported | null {
  const mapping = fields(one.mapping)
  const created = millis(one.create_time)
  const messages: Imported['messages'] = []
  /** Nodes without words (roots, tools, hidden ones) are left out; their children hang where they hung. */
  const place = new Map<string, string | null>()
  const open = Object.keys(mapping).filter((id) => !Object.hasOwn(mapping, text(fields(mapping[id]).parent)))
  while (open.length > 0) {
    const id = open.shift() ?? ''
    if (place.has(id)) continue
    const node = fields(mapping[id])
    const parent = place.get(text(node.parent)) ?? null
    const message = messageOf(fields(node.message))
    place.set(id, message === null ? parent : id)
    if (message !== null) messages.push({ ...message, id, parent, created: message.created || created })
    if (Array.isArray(node.children))
      open.push(...node.children.map(text).filter((child) => Object.hasOwn(mapping, child)))
  }
  if (messages.length === 0) return null
  return {
    title: text(one.title).slice(0, 200),
    created,
    updated: Math.max(millis(one.update_time), created),
    archived: one.is_archived === true,
    leaf: place.get(text(one.current_node)) ?? null,
    messages,
  }
}

function messageOf(message: Fields) {
  const role = text(fields(message.author).role)
  if (role !== 'user' && role !== 'assistant') return null
  if (fields(message.metadata).is_visually_hidden_from_conversation === true) return null
  const content = fields(message.content)
  const said = Array.isArray(content.parts) ? content.parts.filter((part) => typeof part === 'string').join('\n') : ''
  // Calls of tools are said to the tool, not to the person.
  if (
    said.trim() === '' ||
    (role === 'assistant' && text(message.recipient) !== 'all' && message.recipient !== undefined)
  )
    return null
  const model = text(fields(message.metadata).model_slug)
  return { role: role as 'user' | 'assistant', text: said, model: model || null, created: millis(message.create_time) }
}
