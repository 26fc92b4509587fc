import { absent, conflict } from './errors.ts'
import { findFolder } from './folders.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { type Page, pageOf, pageSize, readCursor, toJson } from './ground/values.ts'
import { indexMessage } from './search/gram-index.ts'
import { type Brought, bring } from './talk/bring.ts'
import {
  type Conversation,
  type ConversationChange,
  conversationOf,
  findConversation,
  findMessage,
  insertMessage,
  type Message,
  type MessageChange,
  messageOf,
  type NewMessage,
  searchable,
  showLeaf,
} from './talk/rows.ts'
import { branchOf, deepest, type Fork, type Node, outline } from './talk/tree.ts'

export type { Brought } from './talk/bring.ts'
export type {
  Conversation,
  ConversationChange,
  Message,
  MessageChange,
  MessageStatus,
  NewMessage,
} from './talk/rows.ts'
export type { Fork, Node } from './talk/tree.ts'

/** What was discarded can be brought back for this long. */
const undoMs = 10 * 60_000

export interface ListQuery {
  archived?: boolean
  /** Those in it; null: those in none; left out: all. */
  folder?: string | null
  limit?: number
  after?: string
}

/** Every conversation is somebody's: `owner` comes first everywhere, and another's is answered as if it were not there. */
export const conversations = {
  create: write(
    async (ground, owner: string, given: ConversationChange & { id?: string } = {}): Promise<Conversation> => {
      const { id = newId('conv_'), title = '', model = null, settings = {}, pinned = false, archived = false } = given
      const { folder = null } = given
      if (folder !== null) await findFolder(ground, owner, folder)
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
          folder,
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

  get: read((ground, owner: string, id: string) => findConversation(ground, owner, id)),

  /** Pinned ones first, then the newest. */
  list: read(async (ground, owner: string, query: ListQuery = {}): Promise<Page<Conversation>> => {
    const size = pageSize(query.limit)
    let rows = ground.db
      .selectFrom('conversations')
      .selectAll()
      .where('owner', '=', owner)
      .where('archived', '=', Number(query.archived ?? false))
      .where('discarded', 'is', null)
      .orderBy('pinned', 'desc')
      .orderBy('updated', 'desc')
      .orderBy('id', 'desc')
      .limit(size + 1)
    if (query.folder !== undefined) {
      const { folder } = query
      rows = folder === null ? rows.where('folder', 'is', null) : rows.where('folder', '=', folder)
    }
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
    const { title, model, settings, pinned, archived, folder } = change
    if (typeof folder === 'string') await findFolder(ground, owner, folder)
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
        folder,
      })
      .where('owner', '=', owner)
      .where('id', '=', id)
      .where('discarded', 'is', null)
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

  /** Puts a conversation where nobody sees it; it can be brought back until it is forgotten, minutes later. */
  discard: write(async (ground, owner: string, id: string): Promise<void> => {
    await mark(ground, owner, id, ground.now)
  }),

  /** Brings back what was discarded and is not forgotten yet. */
  restore: write(async (ground, owner: string, id: string): Promise<Conversation> => {
    return conversationOf(await mark(ground, owner, id, null))
  }),

  /** Forgets what was discarded long enough ago, with all its messages. */
  sweep: write(async (ground, keptMs: number = undoMs): Promise<number> => {
    const gone = await ground.everyone
      .deleteFrom('conversations')
      .where('discarded', '<=', ground.now - keptMs)
      .executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),

  /** A conversation from elsewhere, with the times at which it was said. */
  bring: write(
    async (ground, owner: string, given: Brought): Promise<Conversation> => await bring(ground, owner, given),
  ),

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
    const shown = (await findConversation(ground, owner, conversation)).leaf
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
    await findConversation(ground, owner, conversation)
    return await outline(ground, owner, conversation)
  }),

  /** Every message of every branch, oldest first: for export. */
  messages: read(async (ground, owner: string, conversation: string, page: { limit?: number; after?: string } = {}) => {
    await findConversation(ground, owner, conversation)
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

async function mark(ground: Ground, owner: string, id: string, discarded: number | null) {
  const row = await ground.db
    .updateTable('conversations')
    .set({ discarded })
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where('discarded', discarded === null ? 'is not' : 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw absent('conversation', id)
  return row
}
