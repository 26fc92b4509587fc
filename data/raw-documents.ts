/** A manifest against the raw documents themselves: what a model is said to have learned from, read again. */
import { basename } from 'node:path'
import { cleanDocument } from '#data/cleaning'
import { LedgerError } from '#data/ledger'
import { LicenceError } from '#data/licence'
import { documentHash, type ManifestDocument, readManifest, readManifestDocuments } from '#data/manifest'
import { type CorpusSource, defaultFraction, PrepareError } from '#data/prepare'
import { ReadError } from '#data/readers'
import { fileProvenance, pathsOf, readSource } from './prepare/read.ts'

/** A document of a manifest, with its source in words. */
export type NamedDocument = Pick<ManifestDocument, 'origin' | 'sha256'> & { source: string }

export interface RawReport {
  ok: boolean
  /** Documents of the manifest whose hash is that of a raw document. */
  found: number
  /** Documents of the manifest that should be in a source that was read, and are not there or were changed there. */
  missing: number
  /** The first of the missing ones. */
  first: NamedDocument | null
  /** Documents of the manifest from sources that were not given. */
  unchecked: number
  /** Sources that could not be read to their end, one sentence each. */
  problems: string[]
}

/**
 * Reads the sources again, cleans each document as `prepareCorpus` did, and looks for the manifest's hashes among theirs.
 * What a source holds beyond them (duplicates that were removed, later additions) is no problem: the manifest says what
 * was learned from, not what was not. Memory: about 150 bytes for each document of the sources.
 */
export async function compareWithSources(
  folder: string,
  sources: readonly CorpusSource[],
  validationFraction = defaultFraction,
): Promise<RawReport> {
  const read = new SourcesRead()
  const problems: string[] = []
  for (const source of sources) {
    try {
      await read.add(source, validationFraction)
    } catch (error) {
      if (!isAboutData(error)) throw error
      problems.push(error.message)
    }
  }
  const report: RawReport = { ok: true, found: 0, missing: 0, first: null, unchecked: 0, problems }
  const manifest = readManifest(folder)
  for await (const document of readManifestDocuments(folder)) {
    const { origin, sha256 } = document
    const source = manifest.sources[document.source]?.source ?? ''
    if (read.hashes.has(sha256)) report.found++
    else if (read.covers(source, origin)) {
      report.missing++
      report.first ??= { source, origin, sha256 }
    } else report.unchecked++
  }
  report.ok = report.missing === 0 && problems.length === 0
  return report
}

function isAboutData(error: unknown): error is Error {
  return [ReadError, LedgerError, LicenceError, PrepareError].some((type) => error instanceof type)
}

/** What was read: the hash of every document, and the places that a document of the manifest may come from. */
class SourcesRead {
  readonly hashes = new Set<string>()
  /** File names under each source's name; a generator's stands without any. */
  readonly #files = new Map<string, Set<string>>()

  async add(source: CorpusSource, validationFraction: number): Promise<void> {
    for (const path of pathsOf(source)) this.#filesOf(fileProvenance(source, path).source).add(basename(path))
    for await (const { document } of readSource(source, validationFraction)) {
      if (source.documents) this.#filesOf(document.source)
      const cleaned = cleanDocument(document)
      if (cleaned) this.hashes.add(documentHash(cleaned))
    }
  }

  #filesOf(source: string): Set<string> {
    const files = this.#files.get(source) ?? new Set()
    this.#files.set(source, files)
    return files
  }

  covers(source: string, origin: string): boolean {
    const files = this.#files.get(source)
    if (!files) return false
    return files.size === 0 || [...files].some((file) => origin.startsWith(`${file}:`))
  }
}
