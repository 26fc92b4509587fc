import type { Selectable } from 'kysely'
import { absent, conflict } from '../errors.ts'
import { newId } from '../ground/ids.ts'
import type { Ground } from '../ground/operation.ts'
import { fromJson, toJson } from '../ground/values.ts'
import type { Tables } from '../schema/tables.ts'
import { indexMessage } from '../search/gram-index.ts'

export interface Conversation {
  id: string
  title: string
  model: string | null
  /** What the page keeps beside a conversation: instructions, sampling. */
  settings: Record<string, unknown>
  /** The last message of the branch that is shown. */
  leaf: string | null
  pinned: boolean
  archived: boolean
  /** Where it lies; null: nowhere in particular. */
  folder: string | null
  created: number
  updated: number
}

export type MessageStatus = 'complete' | 'partial' | 'failed'

export interface Message {
  id: string
  parent: string | null
  role: string
  /** Text or parts, as the protocol has it. */
  content: unknown
  model: string | null
  status: MessageStatus
  /** What is known besides: tokens, time, sources. */
  detail: Record<string, unknown>
  created: number
}

export interface NewMessage {
  id?: string
  /** Null starts a new root. */
  parent: string | null
  role: string
  content: unknown
  /** What search finds it by. */
  text: string
  model?: string | null
  status?: MessageStatus
  detail?: Record<string, unknown>
}

export type MessageChange = Partial<Pick<NewMessage, 'content' | 'text' | 'status' | 'detail' | 'model'>>
export type ConversationChange = Partial<
  Pick<Conversation, 'title' | 'model' | 'settings' | 'pinned' | 'archived' | 'folder'>
>

export async function findConversation({ db }: Ground, owner: string, id: string): Promise<Conversation> {
  const row = await db
    .selectFrom('conversations')
    .selectAll()
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where('discarded', 'is', null)
    .executeTakeFirst()
  if (!row) throw absent('conversation', id)
  return conversationOf(row)
}

export async function findMessage({ db }: Ground, owner: string, conversation: string, id: string) {
  const row = await db
    .selectFrom('messages')
    .selectAll()
    .where('owner', '=', owner)
    .where('conversation', '=', conversation)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('message', id)
  return row
}

export async function insertMessage(
  ground: Ground,
  owner: string,
  conversation: string,
  given: NewMessage,
): Promise<Message> {
  const { id = newId('msg_'), parent, role, content, text, model = null, status = 'complete', detail = {} } = given
  // First, for it proves that the conversation is there and the caller's.
  await showLeaf(ground, owner, conversation, id)
  if (parent !== null) await findMessage(ground, owner, conversation, parent)
  const row = await ground.db
    .insertInto('messages')
    .values({
      owner,
      conversation,
      id,
      parent,
      role,
      content: toJson('content', content),
      text: searchable(text),
      model,
      status,
      detail: toJson('detail', detail),
      created: ground.now,
    })
    .onConflict((one) => one.columns(['owner', 'conversation', 'id']).doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) throw conflict('id', `${id} is taken`)
  await indexMessage(ground, owner, row.seq, text, true)
  return messageOf(row)
}

export async function showLeaf(
  { db, now }: Ground,
  owner: string,
  conversation: string,
  leaf: string,
): Promise<Conversation> {
  const row = await db
    .updateTable('conversations')
    .set({ leaf, updated: now })
    .where('owner', '=', owner)
    .where('id', '=', conversation)
    .where('discarded', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw absent('conversation', conversation)
  return conversationOf(row)
}

/** A NUL has no place in a column of text; the content itself, as JSON, keeps it. */
export const searchable = (text: string): string => text.replaceAll('\0', ' ')

export function conversationOf({
  owner: _owner,
  discarded: _discarded,
  ...row
}: Selectable<Tables['conversations']>): Conversation {
  return { ...row, settings: fromJson(row.settings), pinned: row.pinned === 1, archived: row.archived === 1 }
}

export function messageOf(row: Selectable<Tables['messages']>): Message {
  const { owner: _owner, conversation: _conversation, seq: _seq, text: _text, ...rest } = row
  return { ...rest, content: fromJson(row.content), status: row.status as MessageStatus, detail: fromJson(row.detail) }
}
