import { conflict, invalid } from '../errors.ts'
import { findFolder } from '../folders.ts'
import { newId } from '../ground/ids.ts'
import type { Ground } from '../ground/operation.ts'
import { toJson } from '../ground/values.ts'
import { indexMessage } from '../search/gram-index.ts'
import { type Conversation, conversationOf, type NewMessage, searchable } from './rows.ts'

/** A conversation from elsewhere. Parents come before their children; the ids are those of the place it comes from. */
export interface Brought {
  title: string
  model?: string | null
  folder?: string | null
  archived?: boolean
  created: number
  updated: number
  /** The message at whose branch it was left. */
  leaf: string | null
  messages: (Omit<NewMessage, 'id'> & { id: string; created: number })[]
}

/** Adds it with ids of our own and with its own times. */
export async function bring(ground: Ground, owner: string, given: Brought): Promise<Conversation> {
  if (given.folder != null) await findFolder(ground, owner, given.folder)
  const ids = new Map(given.messages.map((message) => [message.id, newId('msg_')]))
  const row = await ground.db
    .insertInto('conversations')
    .values({
      owner,
      id: newId('conv_'),
      title: given.title,
      model: given.model ?? null,
      settings: '{}',
      pinned: 0,
      archived: Number(given.archived ?? false),
      folder: given.folder ?? null,
      leaf: (given.leaf === null ? undefined : ids.get(given.leaf)) ?? null,
      created: given.created,
      updated: given.updated,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const seen = new Set<string>()
  for (const message of given.messages) {
    if (message.parent !== null && !seen.has(message.parent))
      throw invalid('messages', 'holds a child before its parent')
    if (seen.has(message.id)) throw conflict('messages', `holds ${JSON.stringify(message.id)} twice`)
    seen.add(message.id)
    await insert(ground, owner, row.id, message, ids)
  }
  return conversationOf(row)
}

async function insert(
  ground: Ground,
  owner: string,
  conversation: string,
  message: Brought['messages'][number],
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  const { parent, role, content, text, model = null, status = 'complete', detail = {}, created } = message
  const { seq } = await ground.db
    .insertInto('messages')
    .values({
      owner,
      conversation,
      id: ids.get(message.id)!,
      parent: parent === null ? null : ids.get(parent)!,
      role,
      content: toJson('content', content),
      text: searchable(text),
      model,
      status,
      detail: toJson('detail', detail),
      created,
    })
    .returning('seq')
    .executeTakeFirstOrThrow()
  await indexMessage(ground, owner, seq, text, true)
}
