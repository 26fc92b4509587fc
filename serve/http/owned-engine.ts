import type { Caller } from '#serve/caller'
import type { Engine, GenerationRequest } from '#serve/engine'

/** The engine as one caller may use it: whatever is asked for carries the caller's name, whichever route it came by. */
export function ownedEngine(engine: Engine, { owner }: Caller): Engine {
  const own = <R extends GenerationRequest>(request: R): R => (owner === '' ? request : { ...request, owner })
  return {
    models: () => engine.models(),
    status: () => engine.status(),
    chat: (request, signal) => engine.chat(own(request), signal),
    complete: (request, signal) => engine.complete(own(request), signal),
    embed: (request, signal) => engine.embed(request, signal),
    tokenize: (request, signal) => engine.tokenize(request, signal),
    stats: () => engine.stats(),
    batches: () => engine.batches?.() ?? null,
    ready: () => engine.ready(),
    close: () => engine.close(),
  }
}
