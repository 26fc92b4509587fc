import { absent, invalid } from './errors.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { pageSize } from './ground/values.ts'
import { findConversation, findMessage, insertMessage, type Message, messageOf, type NewMessage } from './talk/rows.ts'

/** The messages of a conversation as one row of items in the order in which they came, for those who know no branches. */

export interface ItemQuery {
  /** The last one of the page before. */
  after?: string
  limit?: number
  order?: 'asc' | 'desc'
}

export type NewItem = Omit<NewMessage, 'parent'>

/** Items that are read at once at most. */
const most = 2048

export const items = {
  /** Adds items at the end, all or none. */
  append: write(async (ground, owner: string, conversation: string, given: NewItem[]): Promise<Message[]> => {
    let leaf = await lockedLeaf(ground, owner, conversation)
    const added: Message[] = []
    for (const each of given) {
      const one = await insertMessage(ground, owner, conversation, { ...each, parent: leaf })
      added.push(one)
      leaf = one.id
    }
    return added
  }),

  get: read(
    async (ground, owner: string, conversation: string, id: string): Promise<Message> =>
      messageOf(await findMessage(ground, owner, conversation, id)),
  ),

  /** The newest first unless it is said otherwise. */
  list: read(
    async (
      ground,
      owner: string,
      conversation: string,
      query: ItemQuery = {},
    ): Promise<{ data: Message[]; more: boolean }> => {
      await findConversation(ground, owner, conversation)
      const size = pageSize(query.limit, most)
      const order = query.order ?? 'desc'
      let rows = ground.db
        .selectFrom('messages')
        .selectAll()
        .where('owner', '=', owner)
        .where('conversation', '=', conversation)
        .orderBy('seq', order)
        .limit(size + 1)
      if (query.after !== undefined) {
        const seq = await placeOf(ground, owner, conversation, query.after)
        rows = rows.where('seq', order === 'desc' ? '<' : '>', seq)
      }
      const found = await rows.execute()
      return { data: found.slice(0, size).map(messageOf), more: found.length > size }
    },
  ),

  /** Takes one item out; what came after it follows what came before it. */
  remove: write(async (ground, owner: string, conversation: string, id: string): Promise<void> => {
    const leaf = await lockedLeaf(ground, owner, conversation)
    const { parent } = await findMessage(ground, owner, conversation, id)
    const { db, now } = ground
    const mine = db.updateTable('messages').where('owner', '=', owner).where('conversation', '=', conversation)
    await mine.set({ parent }).where('parent', '=', id).execute()
    await db
      .updateTable('conversations')
      .set({ leaf: leaf === id ? parent : leaf, updated: now })
      .where('owner', '=', owner)
      .where('id', '=', conversation)
      .execute()
    await db
      .deleteFrom('messages')
      .where('owner', '=', owner)
      .where('conversation', '=', conversation)
      .where('id', '=', id)
      .execute()
  }),
}

/** The last item; until this transaction ends nobody else changes the conversation. */
async function lockedLeaf({ db, now }: Ground, owner: string, conversation: string): Promise<string | null> {
  const row = await db
    .updateTable('conversations')
    .set({ updated: now })
    .where('owner', '=', owner)
    .where('id', '=', conversation)
    .where('discarded', 'is', null)
    .returning('leaf')
    .executeTakeFirst()
  if (!row) throw absent('conversation', conversation)
  return row.leaf
}

async function placeOf({ db }: Ground, owner: string, conversation: string, id: string): Promise<number> {
  const row = await db
    .selectFrom('messages')
    .select('seq')
    .where('owner', '=', owner)
    .where('conversation', '=', conversation)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw invalid('after', `${JSON.stringify(id)} names no item of the conversation`)
  return row.seq
}
