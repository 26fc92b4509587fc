import type { Selectable } from 'kysely'
import { absent } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { fromJson, toJson } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

/** A place for conversations that belong together, with what holds for all of them. */
export interface Folder {
  id: string
  name: string
  /** Instructions and whatever else its conversations share. */
  settings: Record<string, unknown>
  created: number
}

export const folders = {
  create: write(
    async (
      ground,
      owner: string,
      { name, settings = {} }: { name: string; settings?: Record<string, unknown> },
    ): Promise<Folder> => {
      const values = { id: newId('folder_'), name, settings: toJson('settings', settings), created: ground.now }
      const row = await ground.db
        .insertInto('folders')
        .values({ owner, ...values })
        .returningAll()
        .executeTakeFirstOrThrow()
      return folderOf(row)
    },
  ),

  /** All of them, by name. */
  list: read(async (ground, owner: string): Promise<Folder[]> => {
    const rows = await ground.db
      .selectFrom('folders')
      .selectAll()
      .where('owner', '=', owner)
      .orderBy('name')
      .orderBy('id')
      .execute()
    return rows.map(folderOf)
  }),

  get: read(async (ground, owner: string, id: string) => folderOf(await findFolder(ground, owner, id))),

  update: write(
    async (ground, owner: string, id: string, change: Partial<Pick<Folder, 'name' | 'settings'>>): Promise<Folder> => {
      const { name, settings } = change
      const row = await ground.db
        .updateTable('folders')
        .set({ id, name, settings: settings && toJson('settings', settings) })
        .where('owner', '=', owner)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
      if (!row) throw absent('folder', id)
      return folderOf(row)
    },
  ),

  /** Its conversations stay, and lie in no folder. */
  delete: write(async (ground, owner: string, id: string): Promise<void> => {
    await findFolder(ground, owner, id)
    await ground.db
      .updateTable('conversations')
      .set({ folder: null })
      .where('owner', '=', owner)
      .where('folder', '=', id)
      .execute()
    await ground.db.deleteFrom('folders').where('owner', '=', owner).where('id', '=', id).execute()
  }),
}

export async function findFolder({ db }: Ground, owner: string, id: string): Promise<Selectable<Tables['folders']>> {
  const row = await db
    .selectFrom('folders')
    .selectAll()
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('folder', id)
  return row
}

function folderOf({ owner: _, ...row }: Selectable<Tables['folders']>): Folder {
  return { ...row, settings: fromJson(row.settings) }
}
