import type { Selectable } from 'kysely'
import { absent, conflict, invalid } from './errors.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { fromJson, pageSize, toJson } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

/** A chat completion that is kept. */
export interface StoredCompletion {
  id: string
  model: string
  metadata: Record<string, string>
  /** The messages that were sent. */
  input: unknown
  /** What was answered, as the protocol has it. */
  body: unknown
  created: number
  expires: number
}

export interface CompletionQuery {
  model?: string
  /** Each of these has to be there with this value. */
  metadata?: Record<string, string>
  /** The last one of the page before. */
  after?: string
  limit?: number
  order?: 'asc' | 'desc'
}

/** Rows that are looked through at once for those with certain metadata. */
const stride = 200

export const completions = {
  create: write(async (ground, owner: string, given: Omit<StoredCompletion, 'created'>): Promise<StoredCompletion> => {
    const { id, model, metadata, input, body, expires } = given
    const row = await ground.db
      .insertInto('completions')
      .values({
        owner,
        id,
        model,
        metadata: toJson('metadata', metadata),
        input: toJson('input', input),
        body: toJson('body', body),
        created: ground.now,
        expires,
      })
      .onConflict((one) => one.columns(['owner', 'id']).doNothing())
      .returningAll()
      .executeTakeFirst()
    if (!row) throw conflict('id', `${id} is taken`)
    return completionOf(row)
  }),

  get: read(async (ground, owner: string, id: string): Promise<StoredCompletion> => {
    const row = await find(ground, owner, id)
    if (!row) throw absent('completion', id)
    return completionOf(row)
  }),

  /** A page in the order in which they came, the newest first unless it is said otherwise. */
  list: read(
    async (
      ground,
      owner: string,
      query: CompletionQuery = {},
    ): Promise<{ data: StoredCompletion[]; more: boolean }> => {
      const size = pageSize(query.limit)
      const wanted = Object.entries(query.metadata ?? {})
      let at = query.after === undefined ? null : await find(ground, owner, query.after)
      if (at === undefined) throw invalid('after', `${JSON.stringify(query.after)} names no completion`)
      const data: StoredCompletion[] = []
      while (data.length <= size) {
        const rows = await pageAfter(ground, owner, query, at)
        const found = rows.map(completionOf)
        data.push(...found.filter(({ metadata }) => wanted.every(([key, value]) => metadata[key] === value)))
        if (rows.length < stride) break
        at = rows.at(-1)!
      }
      return { data: data.slice(0, size), more: data.length > size }
    },
  ),

  update: write(
    async (ground, owner: string, id: string, metadata: Record<string, string>): Promise<StoredCompletion> => {
      const row = await ground.db
        .updateTable('completions')
        .set({ metadata: toJson('metadata', metadata) })
        .where('owner', '=', owner)
        .where('id', '=', id)
        .where('expires', '>', ground.now)
        .returningAll()
        .executeTakeFirst()
      if (!row) throw absent('completion', id)
      return completionOf(row)
    },
  ),

  delete: write(async (ground, owner: string, id: string): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('completions')
      .where('owner', '=', owner)
      .where('id', '=', id)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('completion', id)
  }),

  sweep: write(async (ground): Promise<number> => {
    const gone = await ground.everyone.deleteFrom('completions').where('expires', '<=', ground.now).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),
}

type Row = Selectable<Tables['completions']>

async function find({ db, now }: Ground, owner: string, id: string): Promise<Row | undefined> {
  return await db
    .selectFrom('completions')
    .selectAll()
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where('expires', '>', now)
    .executeTakeFirst()
}

async function pageAfter({ db, now }: Ground, owner: string, query: CompletionQuery, at: Row | null): Promise<Row[]> {
  const order = query.order ?? 'desc'
  let rows = db
    .selectFrom('completions')
    .selectAll()
    .where('owner', '=', owner)
    .where('expires', '>', now)
    .orderBy('created', order)
    .orderBy('id', order)
    .limit(stride)
  if (query.model !== undefined) rows = rows.where('model', '=', query.model)
  if (at !== null)
    rows = rows.where((eb) =>
      eb(eb.refTuple('created', 'id'), order === 'desc' ? '<' : '>', eb.tuple(at.created, at.id)),
    )
  return await rows.execute()
}

function completionOf({ owner: _, ...row }: Row): StoredCompletion {
  return { ...row, metadata: fromJson(row.metadata), input: fromJson(row.input), body: fromJson(row.body) }
}
