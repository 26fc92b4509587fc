import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chooseModel, shippedEmbedder, starter } from '#bin/shipped-model'
import { LocalEngine } from '#serve/local-engine'
import { readRegistry } from '#serve/registry'
import { type Finding, gibibytes } from './finding.ts'

/**
 * The models that `dotline serve` would serve, each opened as it would be.
 * @param firstModel commands that make one, where there is none
 */
export async function models(named: string | undefined, folder: string, firstModel: string): Promise<Finding[]> {
  if (named !== undefined) {
    const chosen = chooseModel(named)
    return [await opened(chosen.id ?? named, chosen.folder)]
  }
  const findings: Finding[] = []
  if (existsSync(join(starter, 'config.json'))) findings.push(await opened('dotline-starter', starter))
  if (existsSync(join(shippedEmbedder, 'config.json'))) findings.push(await opened('dotline-embed', shippedEmbedder))
  let entries: ReturnType<typeof readRegistry>['models'] = {}
  try {
    entries = readRegistry(folder).models
  } catch (error) {
    findings.push(registryBroken(folder, problemOf(error)))
  }
  // One after the other: together they may not fit.
  for (const [name, entry] of Object.entries(entries))
    findings.push(
      entry.kind === 'local'
        ? await opened(name, resolve(folder, entry.folder))
        : elsewhere(name, entry.upstream.urls[0]),
    )
  return findings.length === 0 ? [none(firstModel)] : findings
}

const problemOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const none = (firstModel: string): Finding => ({
  check: 'model',
  state: 'broken',
  facts: { found: 'none' },
  say: (t) => t.noModels,
  remedy: (t) => t.getModel(firstModel),
})

const registryBroken = (folder: string, problem: string): Finding => ({
  check: 'model',
  state: 'broken',
  facts: { found: 'registry', problem },
  say: (t) => t.registry(problem),
  remedy: (t) => t.mendRegistry(folder),
})

const elsewhere = (name: string, url: string): Finding => ({
  check: 'model',
  state: 'ok',
  facts: { name, found: 'upstream', url },
  say: (t) => t.elsewhere(name, url),
})

async function opened(name: string, folder: string): Promise<Finding> {
  const [needs, free] = [weightBytes(folder), process.availableMemory()]
  if (needs > free)
    return {
      check: 'model',
      state: 'broken',
      facts: { name, folder, found: 'too_large', needs, free },
      say: (t) => t.tooLarge(name, gibibytes(needs), gibibytes(free)),
      remedy: (t) => t.moreMemory,
    }
  const began = performance.now()
  const result = await open(folder)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if ('problem' in result)
    return {
      check: 'model',
      state: 'broken',
      facts: { name, folder, found: 'damaged', problem: result.problem },
      say: (t) => t.opensNot(name, result.problem),
      remedy: (t) => t.mendModel(folder),
    }
  const window = result.contextLength
  return {
    check: 'model',
    state: 'ok',
    facts: { name, folder, found: 'opens', contextLength: window },
    say: (t) => t.opens(name, String(window), seconds),
  }
}

async function open(folder: string): Promise<{ contextLength: number | null } | { problem: string }> {
  let engine: LocalEngine
  try {
    engine = new LocalEngine({ folder, slots: 1, threads: 1, prefixBytes: 0 })
  } catch (error) {
    return { problem: problemOf(error) }
  }
  try {
    await engine.ready()
    const { problem } = engine.status()
    return problem === null ? { contextLength: engine.models()[0].contextLength } : { problem }
  } finally {
    await engine.close()
  }
}

function weightBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'))
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}
