import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { scopes, type Tables } from '../schema/tables.ts'
import { NodeSqliteDialect } from './dialect.ts'

/** How long a statement waits for another process that writes. */
const busyMs = 5000

export interface Connection {
  database: DatabaseSync
  db: Kysely<Tables>
  everyone: Kysely<Tables>
}

export function connect(file: string, mode: 'write' | 'read'): Connection {
  const database = new DatabaseSync(file, { timeout: busyMs, enableForeignKeyConstraints: true })
  // FULL in WAL mode: a commit returns when the log is on the disk, not when it is on its way there.
  if (mode === 'write') database.exec('pragma journal_mode = wal; pragma synchronous = full')
  else database.exec('pragma query_only = on')
  database.exec(
    'pragma foreign_keys = on; pragma trusted_schema = off; pragma temp_store = memory; pragma cache_size = -16384',
  )
  const { scoped, everyone } = NodeSqliteDialect.both(database, scopes)
  return { database, db: new Kysely({ dialect: scoped }), everyone: new Kysely({ dialect: everyone }) }
}

/** A new file is only as durable as its name in the folder. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  syncFolder(folder)
  syncFolder(dirname(folder))
}

export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
