import type { EngineEvent } from '#serve/engine'
import { ApiError } from '#wire/errors'

interface Waiter {
  resolve: (result: IteratorResult<EngineEvent>) => void
  reject: (error: unknown) => void
}

/** Rough size of an event on the wire, in bytes. */
function weight(event: EngineEvent): number {
  if (event.type === 'start') return 64
  const alternatives = event.type === 'token' ? event.top.length : 0
  return 64 + 2 * event.text.length + 48 * alternatives
}

/**
 * Events of one answer between the engine, which pushes, and one reader. A reader that stops reading does not stop the
 * engine's batch: once `limitBytes` lie unread when the next events come, the answer ends with `slow_consumer`.
 */
export class Mailbox implements AsyncIterableIterator<EngineEvent> {
  readonly #limitBytes: number
  readonly #onLeave: () => void
  readonly #queue: EngineEvent[] = []
  #bytes = 0
  #waiter: Waiter | null = null
  #ended = false
  #error: unknown = null

  /** `onLeave` is called once when the reader goes away, or is cut, before the answer ended. */
  constructor(limitBytes: number, onLeave: () => void) {
    this.#limitBytes = limitBytes
    this.#onLeave = onLeave
  }

  /** Adds the events of one engine step. */
  push(events: readonly EngineEvent[]): void {
    if (this.#ended) return
    if (this.#bytes > this.#limitBytes) {
      this.#queue.length = 0
      this.#onLeave()
      this.fail(new ApiError('slow_consumer'))
      return
    }
    for (const event of events) {
      if (this.#waiter === null) {
        this.#queue.push(event)
        this.#bytes += weight(event)
      } else {
        this.#waiter.resolve({ done: false, value: event })
        this.#waiter = null
      }
    }
  }

  /** No more events: the reader finishes what is queued. */
  finish(): void {
    this.#end(null)
  }

  /** No more events: the reader gets `error` after what is queued. */
  fail(error: unknown): void {
    this.#end(error)
  }

  #end(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    const waiter = this.#waiter
    this.#waiter = null
    if (waiter === null) return
    if (error === null) waiter.resolve({ done: true, value: undefined })
    else waiter.reject(error)
    this.#error = null
  }

  next(): Promise<IteratorResult<EngineEvent>> {
    const event = this.#queue.shift()
    if (event !== undefined) {
      this.#bytes -= weight(event)
      return Promise.resolve({ done: false, value: event })
    }
    if (!this.#ended) return new Promise((resolve, reject) => (this.#waiter = { resolve, reject }))
    const error = this.#error
    this.#error = null
    return error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }

  /** Called when the reader leaves its loop early. */
  return(): Promise<IteratorResult<EngineEvent>> {
    if (!this.#ended) this.#onLeave()
    this.#queue.length = 0
    this.#end(null)
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
