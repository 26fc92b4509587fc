import type { Selectable } from 'kysely'
import { absent, invalid } from './errors.ts'
import { read, write } from './ground/operation.ts'
import { fromJson, type Page, pageOf, pageSize, readCursor, toJson } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

/** What a person thought of an answer. It goes when the message goes. */
export interface Feedback {
  conversation: string
  message: string
  rating: -1 | 1
  reasons: string[]
  comment: string
  created: number
}

export const feedback = {
  /** One opinion a message: a second one replaces the first. */
  set: write(async (ground, owner: string, given: Omit<Feedback, 'created'>): Promise<void> => {
    const { conversation, message, rating, comment } = given
    if (rating !== -1 && rating !== 1) throw invalid('rating', `is ${rating}`, '1 or -1.')
    const values = { rating, reasons: toJson('reasons', given.reasons), comment, created: ground.now }
    await ground.db
      .insertInto('feedback')
      .values({ owner, conversation, message, ...values })
      .onConflict((one) => one.columns(['owner', 'conversation', 'message']).doUpdateSet(values))
      .execute()
  }),

  get: read(async (ground, owner: string, conversation: string): Promise<Feedback[]> => {
    const rows = await ground.db
      .selectFrom('feedback')
      .selectAll()
      .where('owner', '=', owner)
      .where('conversation', '=', conversation)
      .orderBy('created')
      .execute()
    return rows.map(feedbackOf)
  }),

  /** Everything of an owner, by message: for export. */
  list: read(async (ground, owner: string, page: { limit?: number; after?: string } = {}): Promise<Page<Feedback>> => {
    const size = pageSize(page.limit, 1000, 100)
    let rows = ground.db
      .selectFrom('feedback')
      .selectAll()
      .where('owner', '=', owner)
      .orderBy('conversation')
      .orderBy('message')
      .limit(size + 1)
    if (page.after !== undefined) {
      const [conversation, message] = readCursor(page.after, ['string', 'string']) as string[]
      rows = rows.where((eb) => eb(eb.refTuple('conversation', 'message'), '>', eb.tuple(conversation, message)))
    }
    return pageOf((await rows.execute()).map(feedbackOf), size, (last) => [last.conversation, last.message])
  }),

  remove: write(async (ground, owner: string, conversation: string, message: string): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('feedback')
      .where('owner', '=', owner)
      .where('conversation', '=', conversation)
      .where('message', '=', message)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('feedback', message)
  }),
}

function feedbackOf({ owner: _, ...row }: Selectable<Tables['feedback']>): Feedback {
  return { ...row, rating: row.rating as 1 | -1, reasons: fromJson(row.reasons) }
}
