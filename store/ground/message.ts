import { StoreError, type StoreErrorDetail } from '../errors.ts'

/** What a thread is told when it starts. */
export interface ThreadSettings {
  file: string
  blobs: string
  role: 'writer' | 'reader'
}

export interface Request {
  id: number
  name: string
  args: unknown[]
  now: number
  /** The answer is told as soon as it is decided, and again once it is kept. */
  early?: boolean
}

export interface Fault {
  code: StoreError['code']
  message: string
  detail: StoreErrorDetail
}

export type Reply = { id: number; answer: unknown; decided?: true } | { id: number; fault: Fault }

export type FromThread = { kind: 'ready' } | { kind: 'refused'; fault: Fault } | { kind: 'replies'; replies: Reply[] }

/** An error as data, for what crosses between threads is cloned, and a class is lost on the way. */
export function faultOf(error: unknown): Fault {
  if (error instanceof StoreError) {
    const { code, field, subject, limit, until, remedy } = error
    // The remedy stands at the message's end, where it is put again.
    const message = remedy ? error.message.slice(0, -` Remedy: ${remedy}`.length) : error.message
    return { code, message, detail: { field, subject, limit, until, remedy } }
  }
  // The message may hold what was to be stored: only the kind of error and its place leave the store.
  const name = error instanceof Error ? error.name : typeof error
  const place = error instanceof Error ? (error.stack?.split('\n').find((line) => line.includes('/store/')) ?? '') : ''
  return { code: 'internal', message: `The store failed: ${name} ${place.trim()}`, detail: {} }
}

export function errorOf({ code, message, detail }: Fault): StoreError {
  return new StoreError(code, message, detail)
}
