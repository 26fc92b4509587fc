import type { Selectable } from 'kysely'
import { absent, conflict } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { fromJson, type Page, pageOf, pageSize, readCursor, toJson } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'
import { indexMessage } from './search/gram-index.ts'
import { branchOf, deepest, type Fork, type Node, outline } from './talk/tree.ts'

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
export type ConversationChange = Partial<Pick<Conversation, 'title' | 'model' | 'settings' | 'pinned' | 'archived'>>
export interface ListQuery {
  archived?: boolean
  limit?: number
  after?: string
}

/** Every conversation is somebody's: `owner` comes first everywhere, and another's is answered as if it were not there. */
export const conversations = {
  create: write(
    async (ground, owner: string, given: ConversationChange & { id?: string } = {}): Promise<Conversation> => {
      const { id = newId('conv_'), title = '', model = null, settings = {}, pinned = false, archived = false } = given
      const row = await ground.db
        .insertInto('conversations')
        .values({
          owner,
          id,
          title,
          model,
          settings: toJson('settings', settings),
          pinned: Number(pinned),
          archived: Number(archived),
          created: ground.now,
          updated: ground.now,
        })
        .onConflict((one) => one.columns(['owner', 'id']).doNothing())
        .returningAll()
        .executeTakeFirst()
      if (!row) throw conflict('id', `${id} is taken`)
      return conversationOf(row)
    },
  ),

  get: read((ground, owner: string, id: string) => find(ground, owner, id)),

  /** Pinned ones first, then the newest. */
  list: read(async (ground, owner: string, query: ListQuery = {}): Promise<Page<Conversation>> => {
    const size = pageSize(query.limit)
    let rows = ground.db
      .selectFrom('conversations')
      .selectAll()
      .where('owner', '=', owner)
      .where('archived', '=', Number(query.archived ?? false))
      .orderBy('pinned', 'desc')
      .orderBy('updated', 'desc')
      .orderBy('id', 'desc')
      .limit(size + 1)
    if (query.after !== undefined) {
      const [pinned, updated, id] = readCursor(query.after, ['number', 'number', 'string'])
      rows = rows.where((eb) =>
        eb(eb.refTuple('pinned', 'updated', 'id'), '<', eb.tuple(pinned as number, updated as number, id as string)),
      )
    }
    const found = (await rows.execute()).map(conversationOf)
    return pageOf(found, size, (last) => [Number(last.pinned), last.updated, last.id])
  }),

  update: write(async (ground, owner: string, id: string, change: ConversationChange): Promise<Conversation> => {
    const { title, model, settings, pinned, archived } = change
    const row = await ground.db
      .updateTable('conversations')
      // `updated` stays: the list is in the order of what was said, and a new title is not said.
      .set({
        id,
        title,
        model,
        settings: settings && toJson('settings', settings),
        pinned: pinned === undefined ? undefined : Number(pinned),
        archived: archived === undefined ? undefined : Number(archived),
      })
      .where('owner', '=', owner)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    if (!row) throw absent('conversation', id)
    return conversationOf(row)
  }),

  /** With all its messages. */
  delete: write(async (ground, owner: string, id: string): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('conversations')
      .where('owner', '=', owner)
      .where('id', '=', id)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('conversation', id)
  }),

  /** @returns how many there were */
  deleteAll: write(async (ground, owner: string): Promise<number> => {
    const gone = await ground.db.deleteFrom('conversations').where('owner', '=', owner).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),

  /** Adds a message below its parent and shows the branch that it ends. */
  addMessage: write((ground, owner: string, conversation: string, message: NewMessage) =>
    insertMessage(ground, owner, conversation, message),
  ),

  /** Another version of a message, beside it: a question edited, an answer generated again. */
  addAlternative: write(
    async (
      ground,
      owner: string,
      conversation: string,
      of: string,
      message: Omit<NewMessage, 'parent'>,
    ): Promise<Message> => {
      const { parent } = await findMessage(ground, owner, conversation, of)
      return await insertMessage(ground, owner, conversation, { ...message, parent })
    },
  ),

  /** Changes a message where it stands: an answer that is being written grows, ends or fails. */
  amendMessage: write(
    async (ground, owner: string, conversation: string, id: string, change: MessageChange): Promise<Message> => {
      const { content, text, status, detail, model } = change
      const row = await ground.db
        .updateTable('messages')
        .set({
          id,
          content: content === undefined ? undefined : toJson('content', content),
          text: text === undefined ? undefined : searchable(text),
          status,
          model,
          detail: detail && toJson('detail', detail),
        })
        .where('owner', '=', owner)
        .where('conversation', '=', conversation)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
      if (!row) throw absent('message', id)
      if (text !== undefined) await indexMessage(ground, owner, row.seq, text, false)
      return messageOf(row)
    },
  ),

  getMessage: read(
    async (ground, owner: string, conversation: string, id: string): Promise<Message> =>
      messageOf(await findMessage(ground, owner, conversation, id)),
  ),

  /** Shows the branch through a message, down to its newest end. */
  choose: write(async (ground, owner: string, conversation: string, message: string): Promise<Conversation> => {
    const leaf = deepest(await outline(ground, owner, conversation), message)
    if (leaf === null) throw absent('message', message)
    return await showLeaf(ground, owner, conversation, leaf)
  }),

  /** The messages from the root to `leaf` (or to the end that is shown), each with its alternatives. */
  branch: read(async (ground, owner: string, conversation: string, leaf?: string): Promise<(Message & Fork)[]> => {
    const shown = (await find(ground, owner, conversation)).leaf
    const end = leaf ?? shown
    if (end === null) return []
    const forks = branchOf(await outline(ground, owner, conversation), end)
    if (forks.length === 0) throw absent('message', end)
    const rows = await ground.db
      .selectFrom('messages')
      .selectAll()
      .where('owner', '=', owner)
      .where('conversation', '=', conversation)
      .where(
        'id',
        'in',
        forks.map((fork) => fork.id),
      )
      .execute()
    const byId = new Map(rows.map((row) => [row.id, messageOf(row)]))
    return forks.map((fork) => ({ ...byId.get(fork.id)!, alternatives: fork.alternatives }))
  }),

  /** The tree without its texts, oldest first: what a map of the conversation is drawn from. */
  tree: read(async (ground, owner: string, conversation: string): Promise<Node[]> => {
    await find(ground, owner, conversation)
    return await outline(ground, owner, conversation)
  }),

  /** Every message of every branch, oldest first: for export. */
  messages: read(async (ground, owner: string, conversation: string, page: { limit?: number; after?: string } = {}) => {
    await find(ground, owner, conversation)
    const size = pageSize(page.limit, 1000, 100)
    let rows = ground.db
      .selectFrom('messages')
      .selectAll()
      .where('owner', '=', owner)
      .where('conversation', '=', conversation)
      .orderBy('seq')
      .limit(size + 1)
    if (page.after !== undefined) rows = rows.where('seq', '>', readCursor(page.after, ['number'])[0] as number)
    const { data, next } = pageOf(await rows.execute(), size, (last) => [last.seq])
    return { data: data.map(messageOf), next }
  }),
}

async function find({ db }: Ground, owner: string, id: string): Promise<Conversation> {
  const row = await db
    .selectFrom('conversations')
    .selectAll()
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('conversation', id)
  return conversationOf(row)
}

async function findMessage({ db }: Ground, owner: string, conversation: string, id: string) {
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

async function insertMessage(ground: Ground, owner: string, conversation: string, given: NewMessage): Promise<Message> {
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

async function showLeaf({ db, now }: Ground, owner: string, conversation: string, leaf: string): Promise<Conversation> {
  const row = await db
    .updateTable('conversations')
    .set({ leaf, updated: now })
    .where('owner', '=', owner)
    .where('id', '=', conversation)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw absent('conversation', conversation)
  return conversationOf(row)
}

/** A NUL has no place in a column of text; the content itself, as JSON, keeps it. */
const searchable = (text: string): string => text.replaceAll('\0', ' ')

function conversationOf({ owner: _, ...row }: Selectable<Tables['conversations']>): Conversation {
  return { ...row, settings: fromJson(row.settings), pinned: row.pinned === 1, archived: row.archived === 1 }
}

function messageOf(row: Selectable<Tables['messages']>): Message {
  const { owner: _owner, conversation: _conversation, seq: _seq, text: _text, ...rest } = row
  return { ...rest, content: fromJson(row.content), status: row.status as MessageStatus, detail: fromJson(row.detail) }
}
