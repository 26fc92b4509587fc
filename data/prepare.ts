import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { cleanDocument } from '#data/cleaning'
import { type Document, identityText, splitText } from '#data/document'
import { shuffledStream } from '#data/document-shuffle'
import { Duplicates } from '#data/duplicates'
import { flushToDisk } from '#data/durable'
import type { FillInMiddle } from '#data/fill-in-middle'
import { fileSha256 } from '#data/ledger'
import { assertLicences, type LicenceRule } from '#data/licence'
import {
  canonicalJson,
  documentHash,
  type Manifest,
  type ManifestFile,
  type ManifestSource,
  readManifest,
  writeManifest,
} from '#data/manifest'
import type { BatchSource } from '#data/packing'
import { seedOf } from '#data/shuffle'
import { TokenWriter } from '#data/token-file'
import { DocumentListWriter } from './manifest/documents.ts'
import { DocumentEncoder } from './prepare/encode.ts'
import { GroupWriter } from './prepare/groups.ts'
import { checkLedgers, pathsOf, readSource } from './prepare/read.ts'
import { type ChatEncoding, type CorpusSource, PrepareError, type TextEncoding } from './prepare/source.ts'

export { type ChatEncoding, type CorpusSource, PrepareError, type TextEncoding } from './prepare/source.ts'

export interface PrepareProgress {
  /** The source being read. */
  source: string
  documents: number
  bytes: number
  tokens: number
}

export interface PrepareOptions {
  sources: readonly CorpusSource[]
  tokenizer: TextEncoding
  /** Needed where a source is of kind `chat` or `preference`. */
  chat?: ChatEncoding
  /** The folder that is made: token files, list of documents, `manifest.json`. */
  outDir: string
  /** Share of the documents held out (default 0.01). */
  validationFraction?: number
  seed: number
  /** For sources of kind `text`. */
  fillInMiddle?: FillInMiddle
  /** Licences allowed beside the built-in ones. */
  licences?: LicenceRule
  onProgress?: (progress: PrepareProgress) => void
}

/** Share of the documents held out unless told otherwise. */
export const defaultFraction = 0.01

type Split = 'train' | 'validation'

/**
 * Documents to token files with their manifest: read, licence checked, cleaned, duplicates removed, shuffled, split by
 * hash, encoded. Streams: memory does not grow with the text. The folder appears whole, by one rename; where it is there
 * already from the same inputs and options it is taken as it is, and from others it is refused.
 */
export async function prepareCorpus(options: PrepareOptions): Promise<Manifest> {
  const { outDir, sources } = options
  checkOptions(options)
  const fingerprint = await fingerprintOf(options)
  if (existsSync(outDir)) {
    if (readManifest(outDir).preparations[0].fingerprint === fingerprint) return readManifest(outDir)
    throw new PrepareError(`${outDir} holds data of other inputs or options: remove it or choose another folder`)
  }
  const partial = `${outDir}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const preparation = new Preparation(options, partial)
  let manifest: Manifest | undefined
  try {
    for (const source of sources) await preparation.add(source)
    manifest = preparation.finish(fingerprint)
  } finally {
    if (!manifest) {
      preparation.abandon()
      rmSync(partial, { recursive: true, force: true })
    }
  }
  flushToDisk(partial)
  renameSync(partial, outDir)
  flushToDisk(dirname(resolve(outDir)))
  return manifest
}

/**
 * The token files of a prepared folder as sources of batches, in the manifest's mixture. Files without a learned token
 * are left out, and streams that do not fill one row of `sequence` inputs.
 */
export function batchSources(folder: string, split: Split, sequence: number): BatchSource[] {
  return readManifest(folder)
    .files.filter((file) => file.split === split && file.learned > 0)
    .flatMap(({ name, weight, mode, tokens }): BatchSource[] =>
      mode !== 'group' && (mode === 'pack' || tokens > sequence) ? [{ file: join(folder, name), weight, mode }] : [],
    )
}

function checkOptions({ sources, validationFraction = defaultFraction }: PrepareOptions): void {
  if (sources.length === 0) throw new PrepareError('sources is empty: name at least one')
  if (!(validationFraction >= 0 && validationFraction < 1))
    throw new PrepareError(`validationFraction must be at least 0 and below 1, got ${validationFraction}`)
  const names = new Set<string>()
  for (const { name, path, documents, identity, weight = 1 } of sources) {
    if (!/^[\w-]{1,64}$/.test(name)) throw new PrepareError(`source name "${name}": use letters, digits, - and _ alone`)
    if (names.has(name)) throw new PrepareError(`two sources are named "${name}"`)
    names.add(name)
    if ((path === undefined) === (documents === undefined))
      throw new PrepareError(`source "${name}" needs either path or documents`)
    if (!(weight >= 0 && Number.isFinite(weight)))
      throw new PrepareError(`source "${name}": weight must be finite and not negative, got ${weight}`)
    if (documents && !identity) throw new PrepareError(`source "${name}": documents needs an identity (version, seed)`)
  }
}

async function fingerprintOf(options: PrepareOptions): Promise<string> {
  const inputs = []
  for (const source of options.sources) {
    const files: string[] = []
    for (const path of pathsOf(source)) {
      if (!existsSync(path)) throw new PrepareError(`source "${source.name}": ${path} does not exist`)
      files.push(await fileSha256(path))
    }
    const { path: _path, documents: _documents, heldout: _heldout, ...settings } = source
    inputs.push({ ...settings, files })
  }
  const { seed, validationFraction, fillInMiddle, licences, tokenizer } = options
  const identity = {
    version: 1,
    inputs,
    seed,
    validationFraction,
    fillInMiddle,
    licences,
    tokenizer: tokenizerHash(tokenizer),
  }
  return createHash('sha256').update(canonicalJson(identity)).digest('hex')
}

function tokenizerHash(tokenizer: TextEncoding): string {
  return createHash('sha256').update(canonicalJson(tokenizer.toJson())).digest('hex')
}

const modes = { text: 'stream', chat: 'pack', preference: 'group' } as const

interface Kept {
  document: Document
  sha256: string
  split: Split
}

/** One run of `prepareCorpus`, source after source. */
class Preparation {
  #options: PrepareOptions
  #folder: string
  #fraction: number
  #encoder: DocumentEncoder
  #duplicates = new Duplicates()
  #list: DocumentListWriter
  #sources: ManifestSource[] = []
  #files: ManifestFile[] = []
  #open = new Set<{ abandon(): void }>()
  #progress = { source: '', documents: 0, bytes: 0, tokens: 0 }

  constructor(options: PrepareOptions, folder: string) {
    this.#options = options
    this.#folder = folder
    this.#fraction = options.validationFraction ?? defaultFraction
    this.#encoder = new DocumentEncoder(options.tokenizer, options.chat, options.fillInMiddle)
    this.#list = new DocumentListWriter(folder)
    this.#open.add(this.#list)
  }

  async add(source: CorpusSource): Promise<void> {
    this.#progress.source = source.name
    const kept = this.#keep(source)
    const seed = seedOf(`${this.#options.seed} ${source.name}`)
    const ordered =
      source.split === 'tail' ? kept : shuffledStream(kept, { seed, folder: join(this.#folder, 'shuffle') })
    const mask = source.kind !== 'text'
    const writers = {} as Record<Split, TokenWriter>
    const groups = {} as Record<Split, GroupWriter | null>
    for (const split of ['train', 'validation'] as const) {
      const { vocabSize } = this.#options.tokenizer
      writers[split] = new TokenWriter(join(this.#folder, `${source.name}.${split}`), {
        vocabSize,
        mask,
        separator: this.#encoder.separator,
      })
      this.#open.add(writers[split])
      groups[split] =
        source.kind === 'preference' ? new GroupWriter(join(this.#folder, `${source.name}.${split}`)) : null
    }
    for await (const item of ordered) {
      this.#write(item, source.kind, writers[item.split])
      if (item.document.preference) groups[item.split]?.add(item.document.preference)
    }
    for (const split of ['train', 'validation'] as const) this.#close(source, split, writers[split], groups[split])
  }

  /** Reads, checks, cleans and drops what was seen before. */
  async *#keep(source: CorpusSource): AsyncGenerator<Kept> {
    await checkLedgers(source)
    for await (const { document: raw, split } of readSource(source, this.#fraction)) {
      assertLicences([raw], this.#options.licences)
      const { removed } = this.#sourceEntry(raw)
      const document = cleanDocument(raw)
      if (!document) {
        removed.empty++
        continue
      }
      const sha256 = documentHash(document)
      const near = source.split !== 'tail' && (source.near ?? source.kind === 'text')
      const seen = this.#duplicates.check(identityText(document), sha256, near)
      if (seen !== 'new') removed[seen]++
      else yield { document, sha256, split: split ?? this.#splitOf(document, sha256) }
    }
  }

  #splitOf(document: Document, sha256: string): Split {
    if (document.preference) {
      // Other answers to the same question are no new question: all of them fall on one side.
      const hash = createHash('sha256').update(splitText(document)).digest('hex')
      return Number.parseInt(hash.slice(-8), 16) / 2 ** 32 < this.#fraction ? 'validation' : 'train'
    }
    return Number.parseInt(sha256.slice(-8), 16) / 2 ** 32 < this.#fraction ? 'validation' : 'train'
  }

  #sourceEntry({ source, licence }: Document): ManifestSource {
    const known = this.#sources.find((entry) => entry.source === source && entry.licence === licence)
    if (known) return known
    const volume = () => ({ documents: 0, bytes: 0, tokens: 0 })
    const removed = { empty: 0, exact: 0, near: 0 }
    const entry: ManifestSource = { source, licence, train: volume(), validation: volume(), removed }
    this.#sources.push(entry)
    return entry
  }

  #write({ document, sha256, split }: Kept, kind: CorpusSource['kind'], writer: TokenWriter): void {
    const seed = Number.parseInt(sha256.slice(0, 8), 16) ^ this.#options.seed
    let bytes = 0
    let tokens = 0
    // Held-out text is measured as it is read: nothing is moved in it.
    const runs = split === 'train' ? this.#encoder.encode(document, kind, seed) : this.#encoder.plain(document, kind)
    for (const run of runs) {
      writer.append(run.ids, run.bytes, run.mask)
      bytes += run.bytes
      tokens += run.ids.length
    }
    const entry = this.#sourceEntry(document)
    for (const sum of [entry[split], this.#progress]) {
      sum.documents++
      sum.bytes += bytes
      sum.tokens += tokens
    }
    this.#list.add({ source: this.#sources.indexOf(entry), origin: document.origin, sha256, bytes, tokens, split })
    if (this.#progress.documents % 256 === 0) this.#options.onProgress?.({ ...this.#progress })
  }

  #close(source: CorpusSource, split: Split, writer: TokenWriter, groups: GroupWriter | null): void {
    const { sha256, documents, tokens, learned, bytes } = writer.finish()
    this.#open.delete(writer)
    this.#files.push({
      name: `${source.name}.${split}`,
      split,
      mode: modes[source.kind],
      weight: source.weight ?? tokens,
      documents,
      tokens,
      learned,
      bytes,
      sha256,
      ...(groups ? { groups: groups.finish() } : {}),
    })
    this.#options.onProgress?.({ ...this.#progress })
  }

  /** Closes what is still being written. */
  abandon(): void {
    for (const file of this.#open) file.abandon()
  }

  finish(fingerprint: string): Manifest {
    this.#open.delete(this.#list)
    const { tokenizer, seed, fillInMiddle } = this.#options
    const { documents, bytes, tokens } = this.#progress
    return writeManifest(this.#folder, {
      format: 'dotline-manifest',
      version: 1,
      preparations: [
        { fingerprint, seed, validationFraction: this.#fraction, fillInMiddleRate: fillInMiddle?.rate ?? 0 },
      ],
      tokenizer: { vocabSize: tokenizer.vocabSize, sha256: tokenizerHash(tokenizer) },
      sources: this.#sources,
      files: this.#files,
      totals: { documents, bytes, tokens },
      documents: this.#list.finish(),
    })
  }
}
