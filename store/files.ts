import { unlinkSync } from 'node:fs'
import type { Selectable } from 'kysely'
import { blobPath } from './blobs/shelf.ts'
import { absent, StoreError } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { type Page, pageOf, pageSize, readCursor, whole } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

export interface StoredFile {
  /** Random: a file cannot be found by guessing. */
  id: string
  name: string
  purpose: string
  /** Told by the content. */
  type: string
  /** SHA-256 of the content. */
  hash: string
  bytes: number
  created: number
  /** When it deletes itself. */
  expires: number | null
}

export type NewFile = Pick<StoredFile, 'name' | 'purpose' | 'type' | 'hash' | 'bytes'> & { expires?: number | null }

export interface FileQuery {
  purpose?: string
  /** Of any of these purposes. */
  purposes?: readonly string[]
  limit?: number
  after?: string
  behind?: string
  order?: 'asc' | 'desc'
}

/** Bytes without a file stay this long: an upload may be about to name them, a backup about to copy them. */
const graceMs = 3_600_000
const sweptAtOnce = 200

/** The rows of files. Their bytes are written by `put` and read by `content` (see blobs/file-door.ts). */
export const files = {
  /** Says that bytes of this hash are about to be named, so that they are not swept. */
  claim: write(async (ground, hash: string, bytes: number): Promise<void> => {
    blobPath(ground.blobs, hash)
    await ground.db
      .insertInto('blobs')
      .values({ hash, bytes: whole('bytes', bytes), touched: ground.now })
      .onConflict((one) => one.column('hash').doUpdateSet({ touched: ground.now }))
      .execute()
  }),

  /** Names bytes that lie on the disk, if the owner's files stay within `quota` bytes. */
  add: write(async (ground, owner: string, file: NewFile, quota: number): Promise<StoredFile> => {
    await alone(ground, owner)
    const { bytes } = await used(ground, owner)
    if (bytes + file.bytes > quota) throw noRoom(quota - bytes, quota)
    const there = await ground.db
      .updateTable('blobs')
      .set({ touched: ground.now })
      .where('hash', '=', file.hash)
      .returning('hash')
      .executeTakeFirst()
    if (!there) throw absent('blob', file.hash)
    const { name, purpose, type, hash, expires = null } = file
    const row = { id: newId('file-'), name, purpose, type, hash, bytes: file.bytes, created: ground.now, expires }
    await ground.db
      .insertInto('files')
      .values({ owner, ...row })
      .execute()
    return row
  }),

  get: read(async (ground, owner: string, id: string): Promise<StoredFile> => {
    const row = await ground.db
      .selectFrom('files')
      .selectAll()
      .where('owner', '=', owner)
      .where('id', '=', id)
      .where((eb) => eb.or([eb('expires', 'is', null), eb('expires', '>', ground.now)]))
      .executeTakeFirst()
    if (!row) throw absent('file', id)
    return fileOf(row)
  }),

  /** The newest first unless `order` says otherwise; after a cursor, or behind a file that is named. */
  list: read(async (ground, owner: string, query: FileQuery = {}): Promise<Page<StoredFile>> => {
    const size = pageSize(query.limit, 10_000)
    const order = query.order ?? 'desc'
    let rows = ground.db
      .selectFrom('files')
      .selectAll()
      .where('owner', '=', owner)
      .where((eb) => eb.or([eb('expires', 'is', null), eb('expires', '>', ground.now)]))
      .orderBy('created', order)
      .orderBy('id', order)
      .limit(size + 1)
    if (query.purpose !== undefined) rows = rows.where('purpose', '=', query.purpose)
    if (query.purposes !== undefined) rows = rows.where('purpose', 'in', query.purposes)
    const last = await placeOf(ground, owner, query)
    const beyond = order === 'desc' ? '<' : '>'
    if (last !== null) rows = rows.where((eb) => eb(eb.refTuple('created', 'id'), beyond, eb.tuple(...last)))
    return pageOf((await rows.execute()).map(fileOf), size, (end) => [end.created, end.id])
  }),

  delete: write(async (ground, owner: string, id: string): Promise<void> => {
    const gone = await ground.db.deleteFrom('files').where('owner', '=', owner).where('id', '=', id).executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('file', id)
  }),

  /** What the owner's files take. */
  used: read((ground, owner: string) => used(ground, owner)),

  /** Deletes files that have expired. */
  sweepExpired: write(async (ground): Promise<number> => {
    const gone = await ground.everyone.deleteFrom('files').where('expires', '<=', ground.now).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),

  /**
   * Deletes bytes that no file names any more. They go from the disk while their row is locked, so that an upload of the
   * same bytes waits and then writes them anew; ended in between, a row without bytes stays, which the next sweep takes.
   */
  sweepBlobs: write(async (ground, grace: number = graceMs): Promise<number> => {
    const rows = await ground.everyone
      .deleteFrom('blobs')
      .where('hash', 'in', (eb) =>
        eb
          .selectFrom('blobs as old')
          .leftJoin('files', 'files.hash', 'old.hash')
          .select('old.hash')
          .where('old.touched', '<=', ground.now - grace)
          .where('files.id', 'is', null)
          .limit(sweptAtOnce),
      )
      .where('touched', '<=', ground.now - grace)
      .returning('hash')
      .execute()
    for (const { hash } of rows) unlinkIfThere(blobPath(ground.blobs, hash))
    return rows.length
  }),

  /** Hashes that files name, page by page: what a backup copies and a check reads. */
  named: read(
    async (ground, after: string, limit: number): Promise<{ hash: string; bytes: number }[]> =>
      ground.everyone
        .selectFrom('files')
        .select(['hash', 'bytes'])
        .distinct()
        .where('hash', '>', after)
        .orderBy('hash')
        .limit(limit)
        .execute(),
  ),
}

/** Where a page begins. */
async function placeOf(
  { db }: Ground,
  owner: string,
  { after, behind }: FileQuery,
): Promise<[created: number, id: string] | null> {
  if (after !== undefined) return readCursor(after, ['number', 'string']) as [number, string]
  if (behind === undefined) return null
  const row = await db
    .selectFrom('files')
    .select(['created', 'id'])
    .where('owner', '=', owner)
    .where('id', '=', behind)
    .executeTakeFirst()
  if (!row) throw absent('file', behind)
  return [row.created, row.id]
}

/** One upload of an owner at a time decides whether there is room; in SQLite there is but one writer anyway. */
async function alone({ everyone, dialect }: Ground, owner: string): Promise<void> {
  const row = await everyone
    .selectFrom('owners')
    .select('id')
    .where('id', '=', owner)
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .executeTakeFirst()
  if (!row) throw absent('owner', owner)
}

async function used({ db }: Ground, owner: string): Promise<{ bytes: number; files: number }> {
  const row = await db
    .selectFrom('files')
    .select(({ fn }) => [fn.sum<number | null>('bytes').as('bytes'), fn.countAll<number>().as('files')])
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow()
  return { bytes: Number(row.bytes ?? 0), files: Number(row.files) }
}

export function noRoom(left: number, quota: number): StoreError {
  return new StoreError('quota_reached', `The file does not fit: ${Math.max(0, left)} bytes are left.`, {
    field: 'file',
    limit: quota,
    remedy: 'delete files that are not needed, or ask for more room.',
  })
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function fileOf({ owner: _, ...row }: Selectable<Tables['files']>): StoredFile {
  return row
}
