import type { EngineEvent } from '#serve/engine'
import type { Tokens } from './account.ts'

/** What events say of tokens, added up as they pass. */
export class Count {
  readonly #choices: number
  readonly #seen = new Map<number, number>()
  #input = 0
  #cached = 0
  #output = 0
  #ends = 0

  constructor(choices: number) {
    this.#choices = choices
  }

  see(event: EngineEvent): void {
    if (event.type === 'start') {
      this.#input = event.promptTokens
      this.#cached = event.cachedTokens ?? 0
      return
    }
    if (event.type === 'token') {
      this.#output++
      this.#seen.set(event.choice, (this.#seen.get(event.choice) ?? 0) + 1)
      return
    }
    this.#ends++
    this.#output += event.completionTokens - (this.#seen.get(event.choice) ?? 0)
    if (event.usage !== undefined) {
      this.#input = event.usage.promptTokens
      this.#cached = event.usage.cachedTokens
    }
  }

  /** Whether the answer is whole with this end. */
  isLast(event: EngineEvent): boolean {
    return event.type === 'end' && this.#ends + 1 === this.#choices
  }

  /** What it will be once these have passed, but for the whole answer's last end; null where they add no token. */
  after(events: readonly EngineEvent[]): Tokens | null {
    const then = new Count(this.#choices)
    then.#input = this.#input
    then.#cached = this.#cached
    then.#output = this.#output
    then.#ends = this.#ends
    for (const [choice, seen] of this.#seen) then.#seen.set(choice, seen)
    for (const event of events) if (!then.isLast(event)) then.see(event)
    return then.#output === this.#output ? null : then.tokens()
  }

  get begun(): boolean {
    return this.#output > 0 || this.#ends > 0
  }

  /** A prompt counts with the first piece of its answer. */
  tokens(): Tokens {
    if (!this.begun) return { input: 0, cached: 0, output: 0 }
    return { input: this.#input, cached: Math.min(this.#cached, this.#input), output: Math.max(0, this.#output) }
  }
}
