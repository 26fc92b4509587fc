/** Why the store refused. The server maps each to a status; the text can be shown to the caller. */
export type StoreErrorCode =
  /** Not there, or not the caller's: the two are the same, word for word. */
  | 'absent'
  /** A value that cannot be stored. */
  | 'invalid'
  /** Something of that name, number or state stands there already. */
  | 'conflict'
  /** An idempotency key that came before with another body. */
  | 'idempotency_conflict'
  /** The first request with this idempotency key has not ended yet. */
  | 'in_progress'
  /** A rate, a budget or a number of requests at once. */
  | 'limit_reached'
  /** Room for files. */
  | 'quota_reached'
  /** Another worker holds the job now. */
  | 'lease_lost'
  /** The disk is full. */
  | 'full'
  /** More calls wait than may wait, or another process holds the database. */
  | 'busy'
  /** The database cannot be reached, or the disk fails. Whether a write in flight was kept is not known. */
  | 'unavailable'
  /** The file is no database, or broken. */
  | 'damaged'
  /** Written by a newer Dotline. */
  | 'newer_database'
  /** A fault of the store itself. */
  | 'internal'

export interface StoreErrorDetail {
  /** Which argument, or what was looked for. */
  field?: string
  /** Whose limit was met. */
  subject?: string
  /** The limit that was met. */
  limit?: number
  /** When it is worth another try, in milliseconds since 1970. */
  until?: number
  remedy?: string
}

export class StoreError extends Error {
  readonly code: StoreErrorCode
  readonly field?: string
  readonly subject?: string
  readonly limit?: number
  readonly until?: number
  readonly remedy?: string

  constructor(code: StoreErrorCode, message: string, detail: StoreErrorDetail = {}) {
    super(detail.remedy ? `${message} Remedy: ${detail.remedy}` : message)
    this.name = 'StoreError'
    this.code = code
    this.field = detail.field
    this.subject = detail.subject
    this.limit = detail.limit
    this.until = detail.until
    this.remedy = detail.remedy
  }
}

/** The same words for what is not there and for what is another's. */
export function absent(what: string, id: string): StoreError {
  return new StoreError('absent', `There is no ${what} ${JSON.stringify(id)}.`, { field: what })
}

export function invalid(field: string, problem: string, remedy?: string): StoreError {
  return new StoreError('invalid', `${field} ${problem}.`, { field, remedy })
}

export function conflict(field: string, problem: string, remedy?: string): StoreError {
  return new StoreError('conflict', `${field} ${problem}.`, { field, remedy })
}
