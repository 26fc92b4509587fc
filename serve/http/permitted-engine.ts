import type { Caller } from '#serve/caller'
import type { Engine } from '#serve/engine'

/** The engine with the models that a key is held to: another is not there, in lists and in requests alike. */
export function permittedEngine(engine: Engine, { models }: Caller): Engine {
  if (models === null) return engine
  const held = new Set(models)
  return {
    models: () => engine.models().filter(({ id }) => held.has(id)),
    status: () => engine.status(),
    chat: (request, signal) => engine.chat(request, signal),
    complete: (request, signal) => engine.complete(request, signal),
    embed: (request, signal) => engine.embed(request, signal),
    tokenize: (request, signal) => engine.tokenize(request, signal),
    stats: () => engine.stats(),
    batches: () => engine.batches?.() ?? null,
    ready: () => engine.ready(),
    close: () => engine.close(),
  }
}
