import type { Selectable } from 'kysely'
import { absent, conflict } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { fromJson, type Page, pageOf, pageSize, readCursor, toJson } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

export type BatchStatus =
  | 'validating'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'failed'
  | 'cancelling'
  | 'cancelled'
  | 'expired'

export interface Batch {
  id: string
  endpoint: string
  status: BatchStatus
  /** The file that the lines came from. */
  input: string
  /** What the protocol says of it besides: metadata, the files of its answers. */
  detail: Record<string, unknown>
  counts: { total: number; completed: number; failed: number }
  created: number
  ended: number | null
  expires: number
}

export interface NewBatch {
  id?: string
  endpoint: string
  input: string
  lines: readonly { custom: string; request: unknown }[]
  expires: number
  detail?: Record<string, unknown>
  /** One whose lines are not known to be good yet gets them by `begin`. */
  status?: 'validating' | 'in_progress'
}

export interface BatchLine {
  line: number
  custom: string
  request: unknown
  state: 'open' | 'completed' | 'failed'
  answer: unknown
}

interface ListQuery {
  limit?: number
  after?: string
  behind?: string
}

/** Rows of one statement; PostgreSQL takes 65,535 parameters at most, SQLite 32,766. */
const rowsAtOnce = 1000
const ending: ReadonlySet<BatchStatus> = new Set(['completed', 'failed', 'cancelled', 'expired'])

export const batches = {
  /** With all its lines, or not at all; two lines of one custom id are a conflict. */
  create: write(async (ground, owner: string, given: NewBatch): Promise<Batch> => {
    const { id = newId('batch_'), endpoint, input, lines, expires, detail = {}, status = 'in_progress' } = given
    const row = await ground.db
      .insertInto('batches')
      .values({
        owner,
        id,
        endpoint,
        status,
        input,
        detail: toJson('detail', detail),
        total: lines.length,
        created: ground.now,
        ended: null,
        expires,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    await insertLines(ground, owner, id, lines)
    return batchOf(row, [])
  }),

  /** Gives a batch that was looked through its lines, all or none, and begins it. */
  begin: write(
    async (
      ground,
      owner: string,
      id: string,
      lines: NewBatch['lines'],
      detail: Record<string, unknown> = {},
    ): Promise<Batch> => {
      const { status, detail: before } = await find(ground, owner, id)
      const row = await ground.db
        .updateTable('batches')
        .set({ status: 'in_progress', total: lines.length, detail: toJson('detail', { ...before, ...detail }) })
        .where('owner', '=', owner)
        .where('id', '=', id)
        .where('status', '=', 'validating')
        .returningAll()
        .executeTakeFirst()
      if (!row) throw conflict('The batch', `is ${status}`)
      await insertLines(ground, owner, id, lines)
      return batchOf(row, [])
    },
  ),

  get: read((ground, owner: string, id: string) => find(ground, owner, id)),

  /** The batch that still reads its lines from a file; null where none does. */
  reading: read(async (ground, owner: string, file: string): Promise<string | null> => {
    const row = await ground.db
      .selectFrom('batches')
      .select('id')
      .where('owner', '=', owner)
      .where('input', '=', file)
      .where('ended', 'is', null)
      .limit(1)
      .executeTakeFirst()
    return row?.id ?? null
  }),

  /** The newest first; after a cursor, or behind a batch that is named. */
  list: read(async (ground, owner: string, page: ListQuery = {}): Promise<Page<Batch>> => {
    const size = pageSize(page.limit)
    let rows = ground.db
      .selectFrom('batches')
      .select('id')
      .select('created')
      .where('owner', '=', owner)
      .orderBy('created', 'desc')
      .orderBy('id', 'desc')
      .limit(size + 1)
    const last = await placeOf(ground, owner, page)
    if (last !== null) rows = rows.where((eb) => eb(eb.refTuple('created', 'id'), '<', eb.tuple(...last)))
    const { data, next } = pageOf(await rows.execute(), size, (last) => [last.created, last.id])
    const found: Batch[] = []
    for (const { id } of data) found.push(await find(ground, owner, id))
    return { data: found, next }
  }),

  /** Lines that wait for an answer, in their order. */
  open: read(async (ground, owner: string, id: string, limit?: number): Promise<BatchLine[]> => {
    const rows = await ground.db
      .selectFrom('batch_lines')
      .selectAll()
      .where('owner', '=', owner)
      .where('batch', '=', id)
      .where('state', '=', 'open')
      .orderBy('line')
      .limit(pageSize(limit, 1000, 100))
      .execute()
    return rows.map(lineOf)
  }),

  lines: read(
    async (
      ground,
      owner: string,
      id: string,
      page: { limit?: number; after?: string } = {},
    ): Promise<Page<BatchLine>> => {
      await find(ground, owner, id)
      const size = pageSize(page.limit, 1000, 100)
      let rows = ground.db
        .selectFrom('batch_lines')
        .selectAll()
        .where('owner', '=', owner)
        .where('batch', '=', id)
        .orderBy('line')
        .limit(size + 1)
      if (page.after !== undefined) rows = rows.where('line', '>', readCursor(page.after, ['number'])[0] as number)
      return pageOf((await rows.execute()).map(lineOf), size, (last) => [last.line])
    },
  ),

  /** Keeps a line's answer, once: false where it has one already. */
  answer: write(
    async (
      ground,
      owner: string,
      id: string,
      line: number,
      state: 'completed' | 'failed',
      answer: unknown,
    ): Promise<boolean> => {
      const row = await ground.db
        .updateTable('batch_lines')
        .set({ state, answer: toJson('answer', answer) })
        .where('owner', '=', owner)
        .where('batch', '=', id)
        .where('line', '=', line)
        .where('state', '=', 'open')
        .returning('line')
        .executeTakeFirst()
      if (row) return true
      const there = await ground.db
        .selectFrom('batch_lines')
        .select('line')
        .where('owner', '=', owner)
        .where('batch', '=', id)
        .where('line', '=', line)
        .executeTakeFirst()
      if (!there) throw absent('batch line', `${id} ${line}`)
      return false
    },
  ),

  /** A batch that has ended stays as it ended; `from` are the states out of which this may lead, all others by default. */
  setStatus: write(
    async (
      ground,
      owner: string,
      id: string,
      status: BatchStatus,
      detail?: Record<string, unknown>,
      from?: readonly BatchStatus[],
    ): Promise<Batch> => {
      const before = await find(ground, owner, id)
      const stays = from === undefined ? ending.has(before.status) : !from.includes(before.status)
      if (stays) throw conflict('The batch', `is ${before.status}`)
      const row = await ground.db
        .updateTable('batches')
        .set({
          status,
          detail: detail && toJson('detail', { ...before.detail, ...detail }),
          ended: ending.has(status) ? ground.now : null,
        })
        .where('owner', '=', owner)
        .where('id', '=', id)
        .where('status', '=', before.status)
        .returning('id')
        .executeTakeFirst()
      // On another node it went on between the two statements.
      if (!row) throw conflict('The batch', `is no longer ${before.status}`)
      return await find(ground, owner, id)
    },
  ),
}

/** Where a page begins. */
async function placeOf(
  { db }: Ground,
  owner: string,
  { after, behind }: ListQuery,
): Promise<[created: number, id: string] | null> {
  if (after !== undefined) return readCursor(after, ['number', 'string']) as [number, string]
  if (behind === undefined) return null
  const row = await db
    .selectFrom('batches')
    .select(['created', 'id'])
    .where('owner', '=', owner)
    .where('id', '=', behind)
    .executeTakeFirst()
  if (!row) throw absent('batch', behind)
  return [row.created, row.id]
}

async function insertLines({ db }: Ground, owner: string, batch: string, lines: NewBatch['lines']): Promise<void> {
  for (let from = 0; from < lines.length; from += rowsAtOnce) {
    const rows = lines.slice(from, from + rowsAtOnce).map(({ custom, request }, at) => ({
      owner,
      batch,
      line: from + at,
      custom,
      request: toJson('request', request),
      state: 'open',
    }))
    await db.insertInto('batch_lines').values(rows).execute()
  }
}

async function find({ db }: Ground, owner: string, id: string): Promise<Batch> {
  const row = await db
    .selectFrom('batches')
    .selectAll()
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('batch', id)
  const counts = await db
    .selectFrom('batch_lines')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where('owner', '=', owner)
    .where('batch', '=', id)
    .groupBy('state')
    .execute()
  return batchOf(row, counts)
}

function batchOf(
  { owner: _, total, ...row }: Selectable<Tables['batches']>,
  counts: { state: string; count: number }[],
): Batch {
  const count = (state: string) => Number(counts.find((each) => each.state === state)?.count ?? 0)
  return {
    ...row,
    status: row.status as BatchStatus,
    detail: fromJson(row.detail),
    counts: { total, completed: count('completed'), failed: count('failed') },
  }
}

function lineOf(row: Selectable<Tables['batch_lines']>): BatchLine {
  const { line, custom, state } = row
  return {
    line,
    custom,
    state: state as BatchLine['state'],
    request: fromJson(row.request),
    answer: fromJson(row.answer),
  }
}
