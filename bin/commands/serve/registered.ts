import { existsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { ModelPool } from '#serve/model-pool'
import { openRegistered } from '#serve/registered-engine'
import { type LocalEntry, type ModelEntry, readRegistry } from '#serve/registry'
import type { EngineOpener } from '#serve/start'

/** The shipped model beside registered ones. */
function shippedEntry(folder: string): LocalEntry {
  const about = { added: 0, contextLength: null, capabilities: [], price: null, licence: null }
  return { kind: 'local', folder, bytes: 0, manifest: null, ...about }
}

/**
 * Serves the models of a registry, with the shipped one among them; null where the registry names none.
 * @param memory bytes of models in memory; half of the machine's by default
 */
export function registeredModels(folder: string, starter: string, memory: number | undefined): EngineOpener | null {
  if (Object.keys(readRegistry(folder).models).length === 0) return null
  const shipped: Record<string, ModelEntry> = {}
  if (existsSync(join(starter, 'config.json'))) shipped['dotline-starter'] = shippedEntry(starter)
  return ({ slots, threads }, log) =>
    new ModelPool({
      folder,
      shipped,
      memoryBytes: memory ?? totalmem() / 2,
      open: (id, entry) => openRegistered(id, entry, { folder, slots, threads, log }),
      log,
    })
}
