import { absent, conflict, invalid, StoreError } from '../errors.ts'

interface SqliteFault extends Error {
  errcode: number
}

export function isSqliteFault(error: unknown): error is SqliteFault {
  return error instanceof Error && (error as { code?: string }).code === 'ERR_SQLITE_ERROR'
}

const primary = { busy: 5, locked: 6, noMemory: 7, readOnly: 8, io: 10, corrupt: 11, full: 13, cannotOpen: 14 } as const
const tooBig = 18
const notADatabase = 26
const foreignKey = 787
const taken = new Set([1555, 2067])
/** Violations of a STRICT table's column types, and of NOT NULL. */
const wrongType = new Set([3091, 1299])

/** SQLite's error as one that says what to do. What is none of SQLite's passes unchanged. */
export function storeErrorOf(error: unknown): unknown {
  if (!isSqliteFault(error)) return error
  const { errcode, message } = error
  if (errcode === foreignKey) return absent('parent row', '')
  if (taken.has(errcode)) return conflict('The name or number', 'is taken')
  if (wrongType.has(errcode)) return invalid('A value', 'has the wrong type')
  switch (errcode & 0xff) {
    case primary.busy:
    case primary.locked:
      return new StoreError('busy', 'Another process holds the database.', {
        remedy: 'try again, or end that process.',
      })
    case primary.full:
      return new StoreError('full', 'The disk is full; nothing of this was kept.', { remedy: 'free some space.' })
    case primary.corrupt:
    case notADatabase:
      return new StoreError('damaged', `The database is damaged (${message}).`, {
        remedy: 'run dotline verify, and restore the newest backup that it finds whole.',
      })
    case tooBig:
      return invalid('A value', 'is larger than the database takes')
    case primary.io:
    case primary.cannotOpen:
    case primary.readOnly:
    case primary.noMemory:
      return new StoreError('unavailable', `The database's disk failed (${message}); nothing of this was kept.`, {
        remedy: "check the disk, the folder's rights and the number of open files.",
      })
    default:
      return error
  }
}
