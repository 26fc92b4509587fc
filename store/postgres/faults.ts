import { absent, conflict, invalid, StoreError } from '../errors.ts'

interface PostgresFault extends Error {
  code: string
}

function isPostgresFault(error: unknown): error is PostgresFault {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string'
}

/** Another transaction came first, or waits for this one: the same operation succeeds when tried again. */
export function isWorthRetrying(error: unknown): boolean {
  return isPostgresFault(error) && (error.code === '40001' || error.code === '40P01')
}

/** PostgreSQL's error as one that says what to do. What is none of PostgreSQL's passes unchanged. */
export function storeErrorOf(error: unknown, args: unknown[]): unknown {
  if (error instanceof StoreError) return error
  if (
    error instanceof Error &&
    /timeout exceeded when trying to connect|Connection terminated|Client has encountered/.test(error.message)
  ) {
    return away(error)
  }
  if (!isPostgresFault(error)) return error
  const { code, message } = error
  if (code === '23503') return absent('such owner or parent', String(args[0]))
  if (code === '23505') return conflict('The name or number', 'is taken')
  if (code === '22021' || code === '22P05') return invalid('A text', 'holds a NUL character')
  if (code === '23502' || code === '22P02' || code === '22003') return invalid('A value', 'has the wrong type')
  if (code === '53100') {
    return new StoreError('full', "The database's disk is full; nothing of this was kept.", {
      remedy: 'free some space.',
    })
  }
  if (code === 'XX001' || code === 'XX002') return new StoreError('damaged', `The database is damaged (${message}).`)
  if (/^(08|53|57|58|E[A-Z]+$)/.test(code)) return away(error)
  return error
}

function away(error: Error): StoreError {
  return new StoreError(
    'unavailable',
    `PostgreSQL cannot be reached (${error.message}); whether the last write was kept is not known.`,
    {
      remedy: 'check that it runs and that DATABASE_URL is right.',
    },
  )
}
