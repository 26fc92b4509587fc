import { StoreError } from '../errors.ts'

/** Where operations run: SQLite's threads, or PostgreSQL's pool. */
export interface Runner {
  /** `decided` hears the answer before it is on the disk. */
  call(name: string, args: unknown[], now: number, decided?: (answer: unknown) => void): Promise<unknown>
  close(): Promise<void>
}

/** Calls that may wait at once; the next is refused, so that memory stays flat while a database is away. */
export const waitingMost = 10_000

export function tooMany(): StoreError {
  return new StoreError('busy', `More than ${waitingMost} calls wait for the database.`, {
    limit: waitingMost,
    remedy: 'try again shortly.',
  })
}
