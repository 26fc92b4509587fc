import { read, write } from './ground/operation.ts'
import { fromJson, toJson } from './ground/values.ts'

/** What somebody chose for all of their conversations, by name. */
export const preferences = {
  get: read(async (ground, owner: string, name: string): Promise<unknown> => {
    const row = await ground.db
      .selectFrom('preferences')
      .select('value')
      .where('owner', '=', owner)
      .where('name', '=', name)
      .executeTakeFirst()
    return fromJson(row?.value ?? null)
  }),

  all: read(async (ground, owner: string): Promise<Record<string, unknown>> => {
    const rows = await ground.db
      .selectFrom('preferences')
      .select(['name', 'value'])
      .where('owner', '=', owner)
      .orderBy('name')
      .execute()
    return Object.fromEntries(rows.map(({ name, value }) => [name, fromJson(value)]))
  }),

  set: write(async (ground, owner: string, name: string, value: unknown): Promise<void> => {
    const values = { value: toJson(name, value), updated: ground.now }
    await ground.db
      .insertInto('preferences')
      .values({ owner, name, ...values })
      .onConflict((one) => one.columns(['owner', 'name']).doUpdateSet(values))
      .execute()
  }),

  remove: write(async (ground, owner: string, name: string): Promise<void> => {
    await ground.db.deleteFrom('preferences').where('owner', '=', owner).where('name', '=', name).execute()
  }),
}
