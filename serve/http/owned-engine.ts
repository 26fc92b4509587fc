import type { Caller } from '#serve/caller'
import type { Engine, GenerationRequest } from '#serve/engine'
import type { Metering, Work } from '#serve/metering'
import { ApiError } from '#wire/errors'

/** How the ledger hears of what is asked; null where no ledger is kept. */
export interface Ledger {
  metering: Metering
  work: Work
}

/**
 * The engine as one caller may use it, whichever route a request came by: the models that the caller's key is held to,
 * what is asked in the caller's name, within the caller's limits, and in the ledger.
 */
export function ownedEngine(engine: Engine, { owner, models }: Caller, ledger: Ledger | null = null): Engine {
  const own = <R extends GenerationRequest>(request: R): R => (owner === '' ? request : { ...request, owner })
  const allowed = (model: string) => models === null || models.includes(model)
  const permitted = <R extends { model: string }>(request: R): R => {
    if (allowed(request.model)) return request
    throw new ApiError('model_not_found', `The model '${request.model.slice(0, 80)}' does not exist here.`, 'model')
  }
  const { metering, work } = ledger ?? {}
  return {
    models: () => engine.models().filter(({ id }) => allowed(id)),
    status: () => engine.status(),
    chat: (request, signal) => {
      const asked = own(permitted(request))
      return metering && work ? metering.chat(engine, asked, signal, work) : engine.chat(asked, signal)
    },
    complete: (request, signal) => {
      const asked = own(permitted(request))
      return metering && work ? metering.complete(engine, asked, signal, work) : engine.complete(asked, signal)
    },
    embed: async (request, signal) =>
      metering && work
        ? metering.embed(engine, permitted(request), signal, work)
        : engine.embed(permitted(request), signal),
    tokenize: async (request, signal) => engine.tokenize(permitted(request), signal),
    stats: () => engine.stats(),
    batches: () => engine.batches?.() ?? null,
    ready: () => engine.ready(),
    close: () => engine.close(),
  }
}
