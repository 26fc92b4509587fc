import { type Kysely, sql } from 'kysely'
import { StoreError } from '../errors.ts'
import type { DialectName } from './shape.ts'
import type { Tables } from './tables.ts'
import { createVersion1 } from './version-1.ts'
import { createVersion2 } from './version-2.ts'
import { createVersion3 } from './version-3.ts'
import { createVersion4 } from './version-4.ts'

export interface Migration {
  version: number
  name: string
  up(db: Kysely<never>, dialect: DialectName): Promise<void>
}

/** Forward only. What was released is never edited: a change is another line. */
export const migrations: readonly Migration[] = [
  { version: 1, name: 'people, usage, audit and conversations', up: createVersion1 },
  { version: 2, name: 'streams, files, responses, batches and jobs', up: createVersion2 },
  { version: 3, name: 'folders, preferences and discarded conversations', up: createVersion3 },
  { version: 4, name: 'chat completions that are kept', up: createVersion4 },
]

export const newestVersion = migrations.at(-1)!.version

/** The version of a database; 0 for an empty one. Must run where nobody else migrates at the same time. */
export async function versionOf(db: Kysely<Tables>): Promise<number> {
  await db.schema
    .createTable('schema_versions')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied', 'bigint', (column) => column.notNull())
    .execute()
  const row = await db
    .selectFrom('schema_versions')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst()
  return Number(row?.version ?? 0)
}

/**
 * Brings a database to the newest version, or to `until`. `step` runs its function in one transaction that excludes
 * other migrations, and says whether more is to be done: killed in between, the database has the old version or the new.
 */
export async function migrate(
  dialect: DialectName,
  step: <R>(run: (db: Kysely<Tables>) => Promise<R>) => Promise<R>,
  until = newestVersion,
): Promise<void> {
  while (await step((db) => migrateOnce(db, dialect, until)));
}

async function migrateOnce(db: Kysely<Tables>, dialect: DialectName, until: number): Promise<boolean> {
  const version = await versionOf(db)
  if (version > newestVersion) throw newer(version)
  const next = migrations.find((each) => each.version === version + 1)
  if (!next || version >= until) return false
  await next.up(db as unknown as Kysely<never>, dialect)
  await db
    .insertInto('schema_versions')
    .values({ version: next.version, name: next.name, applied: Date.now() })
    .execute()
  return true
}

function newer(version: number): StoreError {
  return new StoreError('newer_database', `The database has version ${version}, this Dotline knows ${newestVersion}.`, {
    field: 'version',
    limit: newestVersion,
    remedy: 'start the Dotline that wrote it, or restore a backup from before the upgrade.',
  })
}

/** A transaction of PostgreSQL waits here until no other node migrates. */
export const migrationLock = sql`select pg_advisory_xact_lock(${0x646f746c})`
