import type { Selectable } from 'kysely'
import { absent } from './errors.ts'
import { compiled } from './ground/compiled.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { fromJson, toJson } from './ground/values.ts'
import { type Membership, membershipsOf } from './organisations.ts'
import type { Tables } from './schema/tables.ts'

export interface Key {
  organisation: string
  id: string
  project: string
  /** Whose it is; empty for a project's own. */
  person: string
  name: string
  /** The beginning of the secret, by which people know it again. */
  prefix: string
  scopes: string[]
  /** Null: every model. */
  models: string[] | null
  /** Address ranges; null: from anywhere. */
  addresses: string[] | null
  created: number
  expires: number | null
  used: number | null
  revoked: number | null
}

export type NewKey = Pick<Key, 'project' | 'person' | 'name' | 'prefix' | 'scopes'> &
  Partial<Pick<Key, 'models' | 'addresses' | 'expires'>> & { hash: string }

export interface Found {
  key: Key
  /** The name under which things of its person in its project are kept; null where there are none yet. */
  owner: string | null
  memberships: Membership[]
}

/** A key's last use is written at most this often. */
const usedEveryMs = 60_000

export const keys = {
  /** Keeps the hash of a secret that the caller made and shows once. */
  create: write(async (ground, organisation: string, given: NewKey): Promise<Key> => {
    await projectIsThere(ground, organisation, given.project)
    const { hash, models = null, addresses = null, expires = null, ...rest } = given
    const row = await ground.db
      .insertInto('keys')
      .values({
        organisation,
        id: newId('key_'),
        hash,
        ...rest,
        scopes: toJson('scopes', rest.scopes),
        models: models && toJson('models', models),
        addresses: addresses && toJson('addresses', addresses),
        expires,
        created: ground.now,
        used: null,
        revoked: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return keyOf(row)
  }),

  /**
   * Whom a secret (its hash) stands for now; null where the key is revoked or expired, or its organisation, project or
   * person is disabled. Read anew at each request, so that a revocation holds at once.
   */
  find: read(async (ground, hash: string): Promise<Found | null> => {
    const [row] = await findKey(ground, { hash, now: ground.now })
    if (!row) return null
    const { owner, ...found } = row
    const all = row.person === '' ? [] : await membershipsOf(ground, row.person)
    return {
      key: keyOf(found),
      owner,
      memberships: all.filter(({ organisation }) => organisation === row.organisation),
    }
  }),

  get: read(async (ground, organisation: string, id: string): Promise<Key> => {
    const row = await ground.db
      .selectFrom('keys')
      .selectAll()
      .where('organisation', '=', organisation)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw absent('key', id)
    return keyOf(row)
  }),

  list: read(async (ground, organisation: string, of: { project?: string; person?: string } = {}): Promise<Key[]> => {
    let rows = ground.db
      .selectFrom('keys')
      .selectAll()
      .where('organisation', '=', organisation)
      .orderBy('created')
      .orderBy('id')
    if (of.project !== undefined) rows = rows.where('project', '=', of.project)
    if (of.person !== undefined) rows = rows.where('person', '=', of.person)
    return (await rows.execute()).map(keyOf)
  }),

  rename: write(async (ground, organisation: string, id: string, name: string): Promise<Key> => {
    const row = await ground.db
      .updateTable('keys')
      .set({ name })
      .where('organisation', '=', organisation)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    if (!row) throw absent('key', id)
    return keyOf(row)
  }),

  revoke: write(async (ground, organisation: string, id: string): Promise<void> => {
    const row = await ground.db
      .updateTable('keys')
      .set(({ fn, val }) => ({ revoked: fn.coalesce('revoked', val(ground.now)) }))
      .where('organisation', '=', organisation)
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst()
    if (!row) throw absent('key', id)
  }),

  /** Notes that a key was used, at most once a minute. */
  touch: write(async (ground, organisation: string, id: string): Promise<void> => {
    await ground.db
      .updateTable('keys')
      .set({ used: ground.now })
      .where('organisation', '=', organisation)
      .where('id', '=', id)
      .where((eb) => eb.or([eb('used', 'is', null), eb('used', '<', ground.now - usedEveryMs)]))
      .execute()
  }),
}

const findKey = compiled(
  (everyone, { hash, now }: { hash: string; now: number }) =>
    everyone
      .selectFrom('keys')
      .innerJoin('organisations', 'organisations.id', 'keys.organisation')
      .leftJoin('projects', (join) =>
        join.onRef('projects.organisation', '=', 'keys.organisation').onRef('projects.id', '=', 'keys.project'),
      )
      .leftJoin('people', 'people.id', 'keys.person')
      .leftJoin('owners', (join) =>
        join
          .onRef('owners.organisation', '=', 'keys.organisation')
          .onRef('owners.project', '=', 'keys.project')
          .onRef('owners.person', '=', 'keys.person'),
      )
      .selectAll('keys')
      .select('owners.id as owner')
      .where('keys.hash', '=', hash)
      .where('revoked', 'is', null)
      .where('organisations.disabled', 'is', null)
      .where('projects.archived', 'is', null)
      .where('people.disabled', 'is', null)
      .where((eb) => eb.or([eb('keys.expires', 'is', null), eb('keys.expires', '>', now)])),
  'everyone',
)

async function projectIsThere({ db }: Ground, organisation: string, id: string): Promise<void> {
  if (id === '') return
  const row = await db
    .selectFrom('projects')
    .select('id')
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('project', id)
}

function keyOf({ hash: _, ...row }: Selectable<Tables['keys']>): Key {
  return {
    ...row,
    scopes: fromJson(row.scopes),
    models: fromJson<string[]>(row.models),
    addresses: fromJson<string[]>(row.addresses),
  }
}
