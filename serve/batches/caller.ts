import { AsyncLocalStorage } from 'node:async_hooks'
import type { Caller } from '#serve/caller'
import type { Engine, GenerationRequest } from '#serve/engine'

/**
 * A batch's lines go through the same routes as its owner's other requests, in the owner's name. Whose name it is
 * travels with the call inside this process; nothing that arrives by the network can carry it.
 */
const inside = new AsyncLocalStorage<{ caller: Caller; signal: AbortSignal }>()

/** What is asked within `call` is asked in the name of `caller`, and given up with `signal`. */
export const inNameOf = <T>(caller: Caller, signal: AbortSignal, call: () => T): T =>
  inside.run({ caller, signal }, call)

/** Whose line is being run; null for a request that came by the network. */
export const callerInside = (): Caller | null => inside.getStore()?.caller ?? null

/** The engine for this request: one of a batch is answered while nothing else waits, and as long as its batch goes on. */
export function engineInside(engine: Engine): Engine {
  const store = inside.getStore()
  if (store === undefined) return engine
  const behind = <R extends GenerationRequest>(request: R): R => ({ ...request, background: true })
  const until = (signal: AbortSignal) => AbortSignal.any([signal, store.signal])
  return {
    models: () => engine.models(),
    status: () => engine.status(),
    chat: (request, signal) => engine.chat(behind(request), until(signal)),
    complete: (request, signal) => engine.complete(behind(request), until(signal)),
    embed: (request, signal) => engine.embed(request, until(signal)),
    tokenize: (request, signal) => engine.tokenize(request, until(signal)),
    stats: () => engine.stats(),
    batches: () => engine.batches?.() ?? null,
    ready: () => engine.ready(),
    close: () => engine.close(),
  }
}
