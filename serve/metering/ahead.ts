/** Reads on while its reader is busy, so that what came meanwhile can be taken in one piece; at most `most` wait. */
export class Ahead<T> {
  readonly #source: AsyncIterator<T>
  readonly #most: number
  readonly #waiting: T[] = []
  #ended: { error: unknown } | 'whole' | null = null
  #closed = false
  #news: (() => void) | null = null
  #room: (() => void) | null = null

  constructor(source: AsyncIterable<T>, most: number) {
    this.#source = source[Symbol.asyncIterator]()
    this.#most = most
    void this.#read()
  }

  async #read(): Promise<void> {
    try {
      while (!this.#closed) {
        const next = await this.#source.next()
        if (next.done === true) break
        this.#waiting.push(next.value)
        this.#news?.()
        if (this.#waiting.length >= this.#most) await new Promise<void>((resolve) => (this.#room = resolve))
      }
      this.#ended = 'whole'
    } catch (error) {
      this.#ended = { error }
    }
    this.#news?.()
  }

  /** What came since the last time, at least one; null at the end. @throws what the source threw, after all that came before */
  async take(): Promise<T[] | null> {
    while (this.#waiting.length === 0) {
      if (this.#ended === 'whole') return null
      if (this.#ended !== null) throw this.#ended.error
      await new Promise<void>((resolve) => (this.#news = resolve))
    }
    const taken = this.#waiting.splice(0)
    this.#room?.()
    return taken
  }

  /** Ends the source; whoever closes has told it by a signal that nobody reads any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#room?.()
    await this.#source.return?.().catch(() => {})
  }
}
