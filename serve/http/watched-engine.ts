import type { Engine, EngineEvent } from '#serve/engine'

/** What is measured of answers as they pass by. Nothing of what they say. */
export interface AnswerTimes {
  /** From the question to the first token of a request, seconds. */
  firstToken(seconds: number): void
  /** Tokens each second of one answer, between its first token and its end. */
  speed(tokensPerSecond: number): void
}

/** The same engine, whose answers are timed as their readers get them, whichever route they are for. */
export function watched(engine: Engine, times: AnswerTimes): Engine {
  return {
    models: () => engine.models(),
    status: () => engine.status(),
    chat: (request, signal) => timed(engine.chat(request, signal), times),
    complete: (request, signal) => timed(engine.complete(request, signal), times),
    embed: (request, signal) => engine.embed(request, signal),
    tokenize: (request, signal) => engine.tokenize(request, signal),
    stats: () => engine.stats(),
    batches: () => engine.batches?.() ?? null,
    ready: () => engine.ready(),
    close: () => engine.close(),
  }
}

/** Hands events on as they are. No generator: a stream of many tokens should not pay for being watched. */
function timed(events: AsyncIterable<EngineEvent>, times: AnswerTimes): AsyncIterable<EngineEvent> {
  const asked = performance.now()
  /** For each answer of the request: when its first token came. */
  const begun = new Map<number, number>()
  const see = (event: EngineEvent) => {
    if (event.type === 'start') return
    const now = performance.now()
    if (event.type === 'token') {
      if (begun.size === 0) times.firstToken((now - asked) / 1000)
      if (!begun.has(event.choice)) begun.set(event.choice, now)
      return
    }
    const seconds = (now - (begun.get(event.choice) ?? now)) / 1000
    // The first token ends the wait and does not belong to the time after it.
    if (event.completionTokens > 1 && seconds > 0) times.speed((event.completionTokens - 1) / seconds)
  }
  return {
    [Symbol.asyncIterator]() {
      const inner = events[Symbol.asyncIterator]()
      return {
        next: async () => {
          const result = await inner.next()
          if (result.done !== true) see(result.value)
          return result
        },
        return: async () => (await inner.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}
