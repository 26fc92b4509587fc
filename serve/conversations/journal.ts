import { setTimeout as wait } from 'node:timers/promises'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import type { AnswerEvent } from '#wire/conversations'

/** Between two writes of one answer: pieces that come in between are kept, and seen, together. */
const restMs = 30
/** A store that is away is tried again after this long, so many times. */
const againMs = 500
const tries = 20

/** Keeps the events of one answer as they come: whoever reads them, now or later, reads them from the store. */
export class Journal {
  readonly #store: Store
  readonly #owner: string
  readonly #stream: string
  #next = 0
  #pending: AnswerEvent[] = []
  #writing: Promise<void> | null = null
  /** Called once where the stream was ended by somebody else. */
  readonly #ended: () => void

  constructor(store: Store, owner: string, stream: string, ended: () => void) {
    this.#store = store
    this.#owner = owner
    this.#stream = stream
    this.#ended = ended
  }

  add(event: AnswerEvent): void {
    const last = this.#pending.at(-1)
    if (event.type === 'text' && last?.type === 'text')
      this.#pending[this.#pending.length - 1] = { type: 'text', text: last.text + event.text }
    else this.#pending.push(event)
    this.#writing ??= this.#write()
  }

  /** Resolves once all that was added is kept, or cannot be. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  /** Tells the store that this answer's writer is alive, although nothing came. */
  async touch(): Promise<void> {
    if (this.#writing !== null) return
    this.#writing = this.#append([]).finally(() => {
      this.#writing = this.#pending.length > 0 ? this.#write() : null
    })
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const events = this.#pending.splice(0)
      await this.#append(events.map((event) => JSON.stringify(event)))
      await wait(restMs)
    }
    this.#writing = null
  }

  async #append(events: string[]): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        await this.#store.streams.append(this.#owner, this.#stream, this.#next, events)
        this.#next += events.length
        return
      } catch (error) {
        const passing = error instanceof StoreError && ['busy', 'unavailable', 'full'].includes(error.code)
        if (passing && tried < tries) await wait(againMs)
        else return this.#ended()
      }
    }
  }
}
