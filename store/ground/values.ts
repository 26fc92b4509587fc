import { invalid } from '../errors.ts'

/** Data as the text that a column holds. */
export function toJson(field: string, value: unknown): string {
  const text = JSON.stringify(value)
  if (text === undefined) throw invalid(field, 'is no data')
  return text
}

export function fromJson<T>(text: string): T
export function fromJson<T>(text: string | null): T | null
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

/** A whole number from 0 (or `least`) that a column holds exactly. */
export function whole(field: string, value: number, least = 0): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw invalid(field, `is ${value}, not a whole number from ${least}`)
  return value
}

/** How many rows a page has: what was asked for, between 1 and `most`. */
export function pageSize(limit: number | undefined, most = 100, usual = 20): number {
  return Math.min(most, Math.max(1, Math.trunc(limit ?? usual) || usual))
}

export interface Page<T> {
  data: T[]
  /** Where the next page begins; null where there is none. */
  next: string | null
}

/** Cuts the row that was read to see whether there is a next page. */
export function pageOf<T>(rows: T[], size: number, cursor: (last: T) => readonly (string | number)[]): Page<T> {
  const data = rows.slice(0, size)
  const next = rows.length > size ? Buffer.from(JSON.stringify(cursor(data.at(-1)!))).toString('base64url') : null
  return { data, next }
}

/** A cursor comes back from a client, and may be anything: what is not ours is refused, never believed. */
export function readCursor(cursor: string, kinds: readonly ('string' | 'number')[]): (string | number)[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === kinds.length && parts.every((one, at) => typeof one === kinds[at])) {
      return parts
    }
  } catch {
    // Said below, like every other cursor that is not ours.
  }
  throw invalid('after', 'is no cursor of this list', 'pass the "next" of the page before.')
}
