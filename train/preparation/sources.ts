/** A run's data sources as the data room takes them: files at their places, or the repository's own generators. */
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { conversations, generatorLicence, generatorSource } from '#data/conversations'
import type { Document } from '#data/document'
import { ledgerEntryFor, provenance } from '#data/ledger'
import { preferenceDocuments } from '#data/preferences'
import type { CorpusSource } from '#data/prepare'
import { promptDocuments } from '#data/prompts'
import { dotlineIdentity, readDocuments } from '#data/readers'
import { statements } from '#data/statements'
import { type RunConfig, RunConfigError, type RunSource } from '../run-config.ts'

/** The source with its files' places, or null where it is optional and not there. */
export function located(source: RunSource, base: string): RunSource | null {
  if (source.generator) return source
  const paths = placesOf(source, base)
  const missing = paths.filter((p) => !existsSync(p))
  if (missing.length === 0) return { ...source, path: paths }
  if (source.optional) return null
  throw new RunConfigError(`data source "${source.name}": ${missing[0]} does not exist`)
}

function placesOf(source: RunSource, base: string): string[] {
  return [source.path ?? []].flat().map((p) => (isAbsolute(p) ? p : resolve(base, p)))
}

/** The raw sources of a run as far as they are here, and the files that are not. Generators are always here. */
export function corpusSources(run: RunConfig, base: string): { sources: CorpusSource[]; absent: string[] } {
  const sources: CorpusSource[] = []
  const absent: string[] = []
  for (const source of run.data) {
    const paths = placesOf(source, base)
    const here = paths.filter((path) => existsSync(path))
    absent.push(...paths.filter((path) => !here.includes(path)))
    if (source.generator || here.length > 0) sources.push(corpusSource({ ...source, path: here }, run.seed))
  }
  return { sources, absent }
}

export function corpusSource(source: RunSource, seed: number): CorpusSource {
  const { name, kind, weight, path, generator, licence, split } = source
  if (!generator) {
    // Only a conversation may leave open who the model is; in a text, braces are text.
    const placeholders = kind === 'text' ? undefined : dotlineIdentity
    return { name, path, kind, weight, licence, split, source: source.source, placeholders }
  }
  return {
    name,
    kind: generatedKinds[generator],
    weight,
    documents: () => generated(source, seed),
    heldout: isRanked(generator) ? () => rankings(source, seed, 'heldout') : undefined,
    identity: `${generator} ${source.count} seed ${seed}`,
    near: false,
  }
}

const generatedKinds = {
  conversations: 'chat',
  statements: 'text',
  preferences: 'preference',
  prompts: 'preference',
} as const

const isRanked = (generator: RunSource['generator']): boolean =>
  generator !== undefined && generatedKinds[generator] === 'preference'

/** Questions held out are those whose wordings, names and sums training never sees, an eighth as many. */
const heldOutShare = 1 / 8

function rankings({ count, generator }: RunSource, seed: number, split: 'train' | 'heldout'): Generator<Document> {
  const wanted = split === 'train' ? count : Math.max(1, Math.round(count * heldOutShare))
  const make = generator === 'prompts' ? promptDocuments : preferenceDocuments
  return make({ seed, count: wanted, split }, { source: generatorSource, licence: generatorLicence })
}

function* generated(source: RunSource, seed: number): Generator<Document> {
  if (isRanked(source.generator)) return yield* rankings(source, seed, 'train')
  const common = { source: generatorSource, licence: generatorLicence }
  if (source.generator === 'conversations') {
    for (const { id, messages } of conversations({ seed, count: source.count, split: 'train' }))
      yield { ...common, origin: id, messages }
  } else {
    for (const { id, text } of statements({ seed, count: source.count })) yield { ...common, origin: id, text }
  }
}

/** The documents of a located source as they are, uncleaned. */
export async function* documentsOf(source: RunSource, seed: number): AsyncGenerator<Document> {
  if (source.generator) {
    yield* generated(source, seed)
    return
  }
  for (const path of [source.path ?? []].flat()) {
    const entry = ledgerEntryFor(path)
    const from = { source: dirname(path), licence: 'unknown', ...(entry ? provenance(entry) : {}) }
    yield* readDocuments(path, { ...from, placeholders: dotlineIdentity })
  }
}
