import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'

/** Duration assumed for a sequence until one has been seen, ms. */
const firstGuessMs = 2000
const smoothing = 0.1

interface Ticket {
  left: number
  since: number
}

/** Counts the sequences of requests in flight and refuses more than may wait. */
export class Queue {
  readonly #slots: number
  readonly #room: number
  readonly #tickets = new Map<number, Ticket>()
  #sequences = 0
  #meanMs = firstGuessMs

  /** `slots` sequences are decoded together; `room` more may wait. */
  constructor(slots: number, room: number) {
    this.#slots = slots
    this.#room = room
  }

  get active(): number {
    return Math.min(this.#sequences, this.#slots)
  }

  get waiting(): number {
    return this.#sequences - this.active
  }

  /** @throws ApiError `overloaded` with the time after which it is worth trying again. */
  enter(id: number, sequences: number): void {
    if (this.#sequences + sequences > this.#slots + this.#room) {
      const seconds = Math.ceil(((this.waiting + sequences) / this.#slots) * (this.#meanMs / 1000))
      const retryAfter = Math.min(Math.max(seconds, 1), limits.retryAfterMaxSeconds)
      throw new ApiError(
        'overloaded',
        `The server is busy: ${this.active} answers are being written and ${this.waiting} wait. Try again in ${retryAfter} s.`,
        null,
        retryAfter,
      )
    }
    this.#tickets.set(id, { left: sequences, since: performance.now() })
    this.#sequences += sequences
  }

  /** One sequence of a request has ended; after the last the request is no longer held. */
  ended(id: number): void {
    const ticket = this.#tickets.get(id)
    if (ticket === undefined) return
    this.#meanMs += smoothing * (performance.now() - ticket.since - this.#meanMs)
    this.#sequences--
    ticket.left--
    if (ticket.left === 0) this.#tickets.delete(id)
  }

  /** A request goes with all its sequences. */
  leave(id: number): void {
    this.#sequences -= this.#tickets.get(id)?.left ?? 0
    this.#tickets.delete(id)
  }

  holds(id: number): boolean {
    return this.#tickets.has(id)
  }
}
