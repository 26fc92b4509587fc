import type { EngineEvent } from '#serve/engine'

/** Tokens of answers before a pace is believed. */
const enough = 200

/**
 * How fast a model is on this machine, from what passes by, and what its tokens cost then. The time in which anybody
 * waits for it is shared between prompts and answers as the waits for first tokens are to the times after them, so that
 * the costs of all tokens together are what the machine cost in that time.
 */
export class Pace {
  readonly #currency: string
  readonly #perHour: number
  #active = 0
  #since = 0
  #busyMs = 0
  #waitMs = 0
  #writeMs = 0
  #input = 0
  #output = 0

  constructor(currency: string, perHour: number) {
    this.#currency = currency
    this.#perHour = perHour
  }

  async *watch(events: AsyncIterable<EngineEvent>): AsyncGenerator<EngineEvent> {
    const asked = performance.now()
    let first: number | null = null
    if (this.#active++ === 0) this.#since = asked
    try {
      for await (const event of events) {
        if (event.type === 'start') this.#input += event.promptTokens - (event.cachedTokens ?? 0)
        else first ??= performance.now()
        if (event.type === 'token') this.#output++
        yield event
      }
    } finally {
      const now = performance.now()
      this.#waitMs += (first ?? now) - asked
      this.#writeMs += now - (first ?? now)
      if (--this.#active === 0) this.#busyMs += now - this.#since
    }
  }

  /** Per million tokens, in billionths of the currency; null until enough was seen. */
  rate(): { currency: string; input: number; cached: number; output: number } | null {
    const total = this.#waitMs + this.#writeMs
    if (this.#output < enough || this.#input === 0 || total === 0 || this.#busyMs === 0) return null
    const cost = (this.#busyMs / 3_600_000) * this.#perHour
    const each = (share: number, tokens: number) => Math.round((cost * (share / total) * 1e15) / tokens)
    return {
      currency: this.#currency,
      input: each(this.#waitMs, this.#input),
      cached: 0,
      output: each(this.#writeMs, this.#output),
    }
  }
}
