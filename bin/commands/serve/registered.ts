import { existsSync, statSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { type Capability, capabilities } from '#serve/engine'
import { ModelPool } from '#serve/model-pool'
import { openRegistered } from '#serve/registered-engine'
import { type LocalEntry, type ModelEntry, readRegistry } from '#serve/registry'
import type { EngineOpener } from '#serve/start'
import type { Wanted } from './wanted.ts'

/** Folders of the models of this checkout, which need not be there. */
export interface Shipped {
  starter: string
  embedder: string
}

const vectors: Capability[] = capabilities.filter((each) => each === 'embeddings' || each === 'tokenize')

/** A shipped model beside registered ones; what it can do is said where that is known before it is loaded. */
function shippedEntry(folder: string, able: Capability[]): LocalEntry | null {
  const written = statSync(join(folder, 'config.json'), { throwIfNoEntry: false })?.mtimeMs
  if (written === undefined) return null
  const about = { added: Math.floor(written / 1000), contextLength: null, capabilities: able }
  return { kind: 'local', folder, bytes: 0, manifest: null, price: null, licence: null, ...about }
}

/**
 * Serves the shipped models and those of the registry, which may gain some while it runs; null where there is none that
 * writes.
 * @param wanted `memoryBytes` of models in memory, half of the machine's by default; `name` of the starter
 */
export function registeredModels(
  folder: string,
  { starter, embedder }: Shipped,
  { memoryBytes = totalmem() / 2, name = 'dotline-starter' }: Pick<Wanted, 'memoryBytes' | 'name'>,
): EngineOpener | null {
  if (!existsSync(join(starter, 'config.json')) && Object.keys(readRegistry(folder).models).length === 0) return null
  const found = { [name]: shippedEntry(starter, []), 'dotline-embed': shippedEntry(embedder, vectors) }
  const shipped: Record<string, ModelEntry> = {}
  for (const [id, entry] of Object.entries(found)) if (entry !== null) shipped[id] = entry
  return ({ slots, threads }, log) =>
    new ModelPool({
      folder,
      shipped,
      memoryBytes,
      open: (id, entry) => openRegistered(id, entry, { folder, slots, threads, log }),
      log,
    })
}
