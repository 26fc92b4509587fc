/** The data of a run: tokenizer, token files and manifest, made once and found again on resume. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { conversations, generatorLicence, generatorSource } from '#data/conversations'
import type { Document } from '#data/document'
import { writeDurably } from '#data/durable'
import { ledgerEntryFor, provenance } from '#data/ledger'
import type { Manifest } from '#data/manifest'
import { type CorpusSource, type PrepareProgress, prepareCorpus } from '#data/prepare'
import { dotlineIdentity, readDocuments } from '#data/readers'
import { statements } from '#data/statements'
import { ChatFormat, endOfText, padding, specialTokens } from '#model/chat'
import { Tokenizer } from '#model/tokenizer'
import { characterTokenizer, trainTokenizer } from '#model/tokenizer-training'
import { normalFormOf } from '#model/weights'
import { modelConfig, type RunConfig, RunConfigError, type RunSource } from './run-config.ts'

export interface RunData {
  tokenizer: Tokenizer
  chat: ChatFormat
  manifest: Manifest
  /** The folder of token files and manifest. */
  folder: string
}

export interface PrepareEvents {
  onTokenizer?: (done: number, total: number) => void
  onCorpus?: (progress: PrepareProgress) => void
}

/** Makes (or finds) a run's tokenizer and token files under its folder. `base` is where relative paths start. */
export async function prepareRunData(
  run: RunConfig,
  folder: string,
  base: string,
  events: PrepareEvents = {},
): Promise<RunData> {
  mkdirSync(folder, { recursive: true })
  const sources = run.data.map((s) => located(s, base)).filter((s) => s !== null)
  if (sources.length === 0) throw new RunConfigError('data: none of the sources is there')
  const tokenizer = await runTokenizer(run, folder, base, sources, events)
  const chat = new ChatFormat(tokenizer)
  const fim = run.fillInMiddle > 0 ? { rate: run.fillInMiddle } : undefined
  const data = join(folder, 'data')
  const manifest = await prepareCorpus({
    sources: sources.map((s) => corpusSource(s, run.seed)),
    tokenizer,
    chat,
    outDir: data,
    validationFraction: run.validationShare,
    seed: run.seed,
    fillInMiddle: fim,
    onProgress: events.onCorpus,
  })
  return { tokenizer, chat, manifest, folder: data }
}

/** The source with its files' places, or null where it is optional and not there. */
function located(source: RunSource, base: string): RunSource | null {
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

function corpusSource(source: RunSource, seed: number): CorpusSource {
  const { name, kind, weight, path, generator, licence, split } = source
  if (!generator) {
    // Only a conversation may leave open who the model is; in a text, braces are text.
    const placeholders = kind === 'chat' ? dotlineIdentity : undefined
    return { name, path, kind, weight, licence, split, source: source.source, placeholders }
  }
  return {
    name,
    kind: generator === 'conversations' ? 'chat' : 'text',
    weight,
    documents: () => generated(source, seed),
    identity: `${generator} ${source.count} seed ${seed}`,
    near: false,
  }
}

function* generated(source: RunSource, seed: number): Generator<Document> {
  const common = { source: generatorSource, licence: generatorLicence }
  if (source.generator === 'conversations') {
    for (const { id, messages } of conversations({ seed, count: source.count, split: 'train' }))
      yield { ...common, origin: id, messages }
  } else {
    for (const { id, text } of statements({ seed, count: source.count })) yield { ...common, origin: id, text }
  }
}

async function runTokenizer(
  run: RunConfig,
  folder: string,
  base: string,
  sources: readonly RunSource[],
  events: PrepareEvents,
): Promise<Tokenizer> {
  const path = join(folder, 'tokenizer.json')
  if (existsSync(path)) return Tokenizer.fromJson(JSON.parse(readFileSync(path, 'utf8')))
  const tokenizer = inShapeOf(run, await makeTokenizer(run, base, sources, events))
  writeDurably(path, JSON.stringify(tokenizer.toJson()))
  return tokenizer
}

/** What a model's shape does to text when it is published, its training does too. */
function inShapeOf(run: RunConfig, tokenizer: Tokenizer): Tokenizer {
  const form = run.init ? null : normalFormOf(modelConfig(run, tokenizer.vocabSize))
  return form === null ? tokenizer : tokenizer.normalizing(form)
}

async function makeTokenizer(run: RunConfig, base: string, sources: readonly RunSource[], events: PrepareEvents) {
  const wanted = run.tokenizer ?? (run.init ? { kind: 'folder' as const, folder: run.init } : null)
  if (!wanted) throw new RunConfigError('tokenizer: say characters, bpe or folder')
  if (wanted.kind === 'folder') return Tokenizer.open(resolve(base, wanted.folder))
  const sample = await sampleTexts(
    sources,
    run.seed,
    wanted.kind === 'bpe' ? wanted.sampleBytes : Number.POSITIVE_INFINITY,
  )
  if (wanted.kind === 'characters') return characterTokenizer(sample, { specialTokens: [endOfText, padding] })
  return trainTokenizer(sample, {
    vocabSize: wanted.vocabSize,
    specialTokens: [...specialTokens],
    onProgress: (done, total) => events.onTokenizer?.(done, total),
  })
}

/** Texts from the beginning of every source, each source in equal measure, up to a number of characters in all. */
async function sampleTexts(sources: readonly RunSource[], seed: number, limit: number): Promise<string[]> {
  const texts: string[] = []
  for (const source of sources) {
    let room = limit / sources.length
    for await (const document of documentsOf(source, seed)) {
      const text = document.text ?? document.messages?.map((m) => m.content).join('\n') ?? ''
      texts.push(text.slice(0, room))
      room -= text.length
      if (room <= 0) break
    }
  }
  return texts
}

async function* documentsOf(source: RunSource, seed: number): AsyncGenerator<Document> {
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
