import type { Selectable } from 'kysely'
import { absent, conflict } from './errors.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { fromJson, pageSize, toJson } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

/** An answer that can be asked for again, and that a later request may build on. */
export interface StoredResponse {
  id: string
  /** The response that this one continues. */
  previous: string | null
  status: string
  /** What was asked, as items. */
  input: unknown
  /** What was answered, as the protocol has it. */
  body: unknown
  created: number
  expires: number | null
}

export type NewResponse = Omit<StoredResponse, 'created' | 'previous' | 'expires'> &
  Partial<Pick<StoredResponse, 'previous' | 'expires'>>

/** States of a response that is still being made. */
const unfinished = ['queued', 'in_progress']

/** Continuations that are followed back at most. */
const longestChain = 1000

export const responses = {
  create: write(async (ground, owner: string, given: NewResponse): Promise<StoredResponse> => {
    const { id, previous = null, status, input, body, expires = null } = given
    if (previous !== null) await find(ground, owner, previous)
    const row = await ground.db
      .insertInto('responses')
      .values({
        owner,
        id,
        previous,
        status,
        input: toJson('input', input),
        body: toJson('body', body),
        created: ground.now,
        expires,
      })
      .onConflict((one) => one.columns(['owner', 'id']).doNothing())
      .returningAll()
      .executeTakeFirst()
    if (!row) throw conflict('id', `${id} is taken`)
    return responseOf(row)
  }),

  /** Replaces what was answered: a response that ran on in the background has ended. */
  update: write(
    async (ground, owner: string, id: string, change: { status: string; body: unknown }): Promise<StoredResponse> => {
      const row = await ground.db
        .updateTable('responses')
        .set({ status: change.status, body: toJson('body', change.body) })
        .where('owner', '=', owner)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
      if (!row) throw absent('response', id)
      return responseOf(row)
    },
  ),

  /** Says how a response ended, once: one that has ended stays as it is. @returns the response as it stands */
  finish: write(
    async (ground, owner: string, id: string, change: { status: string; body: unknown }): Promise<StoredResponse> => {
      await ground.db
        .updateTable('responses')
        .set({ status: change.status, body: toJson('body', change.body) })
        .where('owner', '=', owner)
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .execute()
      return await find(ground, owner, id)
    },
  ),

  /** Responses that have not ended, but whose streams have: their servers died. */
  lost: read(async (ground, limit?: number): Promise<{ owner: string; id: string }[]> => {
    return await ground.everyone
      .selectFrom('streams')
      .innerJoin('responses', (join) =>
        join.onRef('responses.owner', '=', 'streams.owner').onRef('responses.id', '=', 'streams.id'),
      )
      .select(['responses.owner', 'responses.id'])
      .where('streams.state', '=', 'lost')
      .where('responses.status', 'in', unfinished)
      .limit(pageSize(limit, 1000, 100))
      .execute()
  }),

  get: read((ground, owner: string, id: string) => find(ground, owner, id)),

  /** A response and those that it continues, the first one first. */
  chain: read(async (ground, owner: string, id: string): Promise<StoredResponse[]> => {
    const chain: StoredResponse[] = []
    for (let at: string | null = id; at !== null && chain.length < longestChain; at = chain[0].previous) {
      chain.unshift(await find(ground, owner, at))
    }
    return chain
  }),

  delete: write(async (ground, owner: string, id: string): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('responses')
      .where('owner', '=', owner)
      .where('id', '=', id)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('response', id)
  }),

  sweep: write(async (ground): Promise<number> => {
    const gone = await ground.everyone.deleteFrom('responses').where('expires', '<=', ground.now).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),
}

async function find({ db, now }: Ground, owner: string, id: string): Promise<StoredResponse> {
  const row = await db
    .selectFrom('responses')
    .selectAll()
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where((eb) => eb.or([eb('expires', 'is', null), eb('expires', '>', now)]))
    .executeTakeFirst()
  if (!row) throw absent('response', id)
  return responseOf(row)
}

function responseOf({ owner: _, ...row }: Selectable<Tables['responses']>): StoredResponse {
  return { ...row, input: fromJson(row.input), body: fromJson(row.body) }
}
