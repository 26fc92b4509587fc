import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readGguf, textOf } from '#model/gguf'
import type { Engine } from '#serve/engine'
import { LocalEngine } from '#serve/local-engine'
import type { LocalEntry, ModelEntry } from '#serve/registry'
import { UpstreamEngine } from '#serve/upstream-engine'
import { Secret, type UpstreamSettings } from './upstream/settings.ts'

export interface OpenOptions {
  /** The folder of models, to which their folders are relative. */
  folder: string
  slots?: number
  threads?: number
  log?: (line: string) => void
  environment?: NodeJS.ProcessEnv
}

/** Opens the engine of a registered model. @throws Error that says what is missing, and never a key */
export function openRegistered(id: string, entry: ModelEntry, options: OpenOptions): Engine {
  const { folder, slots, threads, log, environment = process.env } = options
  if (entry.kind === 'local')
    return new LocalEngine({ folder: resolve(folder, entry.folder), id, slots, threads, loras: entry.loras, log })
  const settings = { ...entry.upstream, capabilities: entry.capabilities, contextLength: entry.contextLength }
  return new UpstreamEngine({ id, settings, key: keyOf(id, settings, environment), log })
}

function keyOf(id: string, { keyVariable, keyFile }: UpstreamSettings, environment: NodeJS.ProcessEnv): Secret | null {
  if (keyVariable !== undefined) {
    const value = environment[keyVariable]
    if (value) return new Secret(value)
    throw new Error(`The key of the model '${id}' is to stand in the variable ${keyVariable}, which is not set.`)
  }
  return keyFile === undefined ? null : new Secret(readFileSync(keyFile, 'utf8').trim())
}

/** What a model's folder says of it, found out by opening it. @throws Error where it cannot be served */
export async function inspectModel(
  folder: string,
  loras?: LocalEntry['loras'],
): Promise<Omit<LocalEntry, 'kind' | 'folder' | 'added' | 'price'>> {
  const engine = new LocalEngine({ folder, slots: 1, threads: 1, prefixBytes: 0, loras })
  try {
    await engine.ready()
    const { problem } = engine.status()
    if (problem !== null) throw new Error(problem)
    const [{ contextLength, capabilities }] = engine.models()
    const about = { contextLength, capabilities: [...capabilities], ...(loras && { loras }) }
    if (folder.endsWith('.gguf')) {
      const { metadata } = await readGguf(folder)
      const licence = textOf(metadata, 'general.license')?.slice(0, 256) ?? null
      const manifest = textOf(metadata, 'dotline.manifest.sha256') ?? null
      return { ...about, bytes: statSync(folder).size, manifest, licence }
    }
    return {
      ...about,
      bytes: memoryOf(folder),
      manifest: digestOf(join(folder, 'manifest.json')),
      licence: licenceOf(folder),
    }
  } finally {
    await engine.close()
  }
}

/** Weights are held as 32-bit numbers, whatever they are stored as. */
function memoryOf(folder: string): number {
  const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'))
  const stored = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
    torch_dtype?: unknown
    dtype?: unknown
  }
  return /16$/.test(String(config.torch_dtype ?? config.dtype)) ? 2 * stored : stored
}

function readOptional(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function digestOf(path: string): string | null {
  const bytes = readOptional(path)
  return bytes === null ? null : createHash('sha256').update(bytes).digest('hex')
}

/** The licence that the model's card names in its head. */
function licenceOf(folder: string): string | null {
  const card = readOptional(join(folder, 'README.md'))?.toString() ?? ''
  const head = /^---\n([\s\S]*?)\n---/.exec(card)?.[1] ?? ''
  return /^license:\s*["']?([\w.-]{1,80})/m.exec(head)?.[1] ?? null
}
