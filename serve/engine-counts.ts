import type { EngineEvent, EngineStats } from '#serve/engine'

/** What an engine counts of its answers as their events pass by. */
export class EngineCounts {
  #requests = 0
  #cancelled = 0
  #failed = 0
  #promptTokens = 0
  #cachedTokens = 0
  #completionTokens = 0

  /** A new answer; its events and its end are told to what this returns. */
  begin(): AnswerCount {
    this.#requests++
    let prompt = 0
    let cached = 0
    const tokens = new Map<number, number>()
    const settle = (promptTokens: number, cachedTokens: number) => {
      this.#promptTokens += promptTokens - prompt
      this.#cachedTokens += cachedTokens - cached
      prompt = promptTokens
      cached = cachedTokens
    }
    return {
      see: (event) => {
        if (event.type === 'start') settle(event.promptTokens, event.cachedTokens ?? 0)
        if (event.type === 'token') {
          this.#completionTokens++
          tokens.set(event.choice, (tokens.get(event.choice) ?? 0) + 1)
        }
        if (event.type !== 'end') return
        this.#completionTokens += event.completionTokens - (tokens.get(event.choice) ?? 0)
        if (event.usage !== undefined) settle(event.usage.promptTokens, event.usage.cachedTokens)
      },
      left: () => void this.#cancelled++,
      broke: () => void this.#failed++,
    }
  }

  /** Vectors were made of so many tokens. */
  embedded(promptTokens: number): void {
    this.#requests++
    this.#promptTokens += promptTokens
  }

  /** `computedTokens` and `cacheBytes` are known to an engine that computes by itself. */
  stats(own: Partial<Pick<EngineStats, 'computedTokens' | 'cacheBytes'>> = {}): EngineStats {
    return {
      requests: this.#requests,
      cancelled: this.#cancelled,
      failed: this.#failed,
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      completionTokens: this.#completionTokens,
      computedTokens: own.computedTokens ?? this.#completionTokens,
      cacheBytes: own.cacheBytes ?? 0,
    }
  }
}

export interface AnswerCount {
  see(event: EngineEvent): void
  /** Its reader went away. */
  left(): void
  /** It ended with an error. */
  broke(): void
}
