import type { Selectable } from 'kysely'
import { absent, conflict } from './errors.ts'
import type { NewFile, StoredFile } from './files.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { whole } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

/** A file that comes in parts. Each part is a file of its own until they are one. */
export interface Upload {
  id: string
  name: string
  purpose: string
  /** Of the whole file. */
  bytes: number
  status: 'pending' | 'completed' | 'cancelled' | 'expired'
  created: number
  /** Until when parts are taken. */
  expires: number
  /** How long the file lives, ms; null: until it is deleted. */
  lifetime: number | null
  /** The file that it became. */
  file: string | null
}

export type NewUpload = Pick<Upload, 'name' | 'purpose' | 'bytes' | 'expires' | 'lifetime'>

/** The purpose of a part; its name is its upload's id. */
export const partPurpose = 'upload_part'

/** What became of an upload is known this long. */
const keptMs = 7 * 24 * 3_600_000

export const uploads = {
  create: write(async (ground, owner: string, given: NewUpload): Promise<Upload> => {
    const { name, purpose, expires, lifetime } = given
    const row = await ground.db
      .insertInto('uploads')
      .values({
        owner,
        id: newId('upload_'),
        name,
        purpose,
        bytes: whole('bytes', given.bytes, 1),
        status: 'pending',
        created: ground.now,
        expires,
        lifetime,
        file: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return uploadOf(ground, row)
  }),

  get: read((ground, owner: string, id: string) => find(ground, owner, id)),

  /** Its parts in the order in which they came. */
  parts: read(async (ground, owner: string, id: string): Promise<StoredFile[]> => {
    await find(ground, owner, id)
    const rows = await ground.db
      .selectFrom('files')
      .selectAll()
      .where('owner', '=', owner)
      .where('purpose', '=', partPurpose)
      .where('name', '=', id)
      .orderBy('created')
      .orderBy('id')
      .execute()
    return rows.map(({ owner: _, ...row }) => row)
  }),

  /** Its parts go, and no more are taken. */
  cancel: write(async (ground, owner: string, id: string): Promise<Upload> => {
    await end(ground, owner, id, { status: 'cancelled' })
    return find(ground, owner, id)
  }),

  /** Makes it one file, once: the parts go in the same moment, and what they took does not count against `quota`. */
  complete: write(async (ground, owner: string, id: string, file: NewFile, quota: number): Promise<StoredFile> => {
    await end(ground, owner, id, { status: 'completed' })
    const kept = (await ground.call('files.add', [owner, file, quota])) as StoredFile
    await ground.db
      .updateTable('uploads')
      .set({ file: kept.id })
      .where('owner', '=', owner)
      .where('id', '=', id)
      .execute()
    return kept
  }),

  sweep: write(async (ground): Promise<number> => {
    const gone = await ground.everyone
      .deleteFrom('uploads')
      .where('expires', '<=', ground.now - keptMs)
      .executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),
}

async function find(ground: Ground, owner: string, id: string): Promise<Upload> {
  const row = await ground.db
    .selectFrom('uploads')
    .selectAll()
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('upload', id)
  return uploadOf(ground, row)
}

async function end(
  ground: Ground,
  owner: string,
  id: string,
  change: { status: 'completed' | 'cancelled' },
): Promise<void> {
  const { status } = await find(ground, owner, id)
  const row = await ground.db
    .updateTable('uploads')
    .set(change)
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('expires', '>', ground.now)
    .returning('id')
    .executeTakeFirst()
  if (!row) throw conflict('The upload', `is ${status}`, 'begin another one.')
  await ground.db
    .deleteFrom('files')
    .where('owner', '=', owner)
    .where('purpose', '=', partPurpose)
    .where('name', '=', id)
    .execute()
}

function uploadOf({ now }: Ground, { owner: _, ...row }: Selectable<Tables['uploads']>): Upload {
  const over = row.status === 'pending' && row.expires <= now
  return { ...row, status: over ? 'expired' : (row.status as Upload['status']) }
}
