import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Document, identityText } from '#data/document'
import { writeDurably } from '#data/durable'
import { assertLicences, type LicenceRule } from '#data/licence'
import { ReadError } from '#data/readers'
import { TokenFile, TokenFileError } from '#data/token-file'
import { DocumentListWriter, documentsName, readManifestDocuments } from './manifest/documents.ts'
import { groupsEnding } from './prepare/groups.ts'

export { type ManifestDocument, readManifestDocuments } from './manifest/documents.ts'

const count = z.number().int().nonnegative()
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const volume = z.object({ documents: count, bytes: count, tokens: count })

const sourceSchema = z.object({
  /** Where the documents come from. */
  source: z.string().min(1),
  /** SPDX expression. */
  licence: z.string().min(1),
  train: volume,
  validation: volume,
  /** Read but not used: nothing left after cleaning, seen before, or nearly seen before. */
  removed: z.object({ empty: count, exact: count, near: count }),
  /** Where a seeded generator made the documents and they are not listed one by one: SHA-256 of their hashes in order. */
  digest: hash.optional(),
})

const fileSchema = z.object({
  name: z.string().regex(/^[\w.-]+$/),
  split: z.enum(['train', 'validation']),
  mode: z.enum(['stream', 'pack', 'group']),
  /** Share of the rows of a batch, relative to the other files of its split. */
  weight: z.number().nonnegative(),
  documents: count,
  tokens: count,
  learned: count,
  bytes: count,
  sha256: hash,
  /** Where the documents are answers, grouped by their prompts: SHA-256 of the file that says how. */
  groups: hash.optional(),
})

const preparationSchema = z.object({
  /** Hash of everything that the preparation depended on: options, inputs, tokenizer. */
  fingerprint: hash,
  seed: z.number(),
  validationFraction: z.number(),
  fillInMiddleRate: z.number(),
})

const manifestSchema = z.object({
  format: z.literal('dotline-manifest'),
  version: z.literal(1),
  /** One entry for each corpus: a model that was pre-trained and then tuned learned from two. */
  preparations: z.array(preparationSchema).min(1),
  tokenizer: z.object({ vocabSize: count, sha256: hash }),
  sources: z.array(sourceSchema),
  files: z.array(fileSchema),
  totals: volume,
  /** The list of documents, one JSON line each, in `documents.jsonl.gz`; the hash is over the unpacked lines. */
  documents: z.object({ count, sha256: hash }),
  /** Hash of all of the above. */
  sha256: hash,
})

/** What a model learned from. */
export type Manifest = z.infer<typeof manifestSchema>
export type ManifestSource = z.infer<typeof sourceSchema>
export type ManifestFile = z.infer<typeof fileSchema>

const manifestName = 'manifest.json'

/** A manifest that is missing, malformed or changed. */
export class ManifestError extends Error {
  override name = 'ManifestError'
}

/** JSON with sorted keys, so that a hash does not depend on the order in which an object was built. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

/** The hash of a manifest: SHA-256 over its canonical JSON without the hash itself. */
export function manifestHash(manifest: Omit<Manifest, 'sha256'>): string {
  const { sha256: _, ...rest } = manifest as Manifest
  return createHash('sha256').update(canonicalJson(rest)).digest('hex')
}

/** Writes `manifest.json` beside the list of documents, which must be there already. */
export function writeManifest(folder: string, content: Omit<Manifest, 'sha256'>): Manifest {
  const manifest = { ...content, sha256: manifestHash(content) }
  writeDurably(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

/** Reads and checks the manifest of a folder. Throws ManifestError where it is missing, malformed or was changed. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, manifestName)
  if (!existsSync(path)) throw new ManifestError(`${path} does not exist: no training run starts without a manifest`)
  let raw: unknown
  try {
    raw = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ManifestError(`${path} is not JSON`, { cause })
  }
  const parsed = manifestSchema.safeParse(raw)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ManifestError(`${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}`)
  }
  if (manifestHash(parsed.data) !== parsed.data.sha256)
    throw new ManifestError(`${path} was changed after it was written: its hash does not match`)
  return parsed.data
}

export interface CombineOptions {
  /** Sources that anyone can generate again from this repository: their documents become one digest instead of a list. */
  digest?: (source: ManifestSource) => boolean
}

/**
 * Writes the manifest of weights that learned from one corpus or several in turn: their sources, files and documents one
 * after the other. Throws ManifestError where they were encoded by different tokenizers.
 */
export async function combineManifests(
  from: readonly string[],
  to: string,
  options: CombineOptions = {},
): Promise<Manifest> {
  const manifests = from.map(readManifest)
  if (manifests.length === 0) throw new ManifestError('no manifest to combine: name at least one folder')
  const { tokenizer } = manifests[0]
  const other = manifests.findIndex((manifest) => manifest.tokenizer.sha256 !== tokenizer.sha256)
  if (other >= 0) throw new ManifestError(`${from[other]} was prepared with another tokenizer than ${from[0]}`)
  const list = new DocumentListWriter(to)
  const sources = manifests.flatMap((manifest) => manifest.sources)
  const digests = sources.map((source) => (!source.digest && options.digest?.(source) ? createHash('sha256') : null))
  let before = 0
  for (const [i, folder] of from.entries()) {
    for await (const document of readManifestDocuments(folder)) {
      const source = document.source + before
      const digest = digests[source]
      if (digest) digest.update(document.sha256)
      else list.add({ ...document, source })
    }
    before += manifests[i].sources.length
  }
  const sum = (unit: keyof Manifest['totals']) => manifests.reduce((total, { totals }) => total + totals[unit], 0)
  return writeManifest(to, {
    format: 'dotline-manifest',
    version: 1,
    preparations: manifests.flatMap(({ preparations }) => preparations),
    tokenizer,
    sources: sources.map((source, i) => ({ ...source, ...(digests[i] ? { digest: digests[i].digest('hex') } : {}) })),
    files: manifests.flatMap(({ files }) => files),
    totals: { documents: sum('documents'), bytes: sum('bytes'), tokens: sum('tokens') },
    documents: list.finish(),
  })
}

/** Throws LicenceError where the manifest holds a source that may not be trained on. */
export function assertManifestLicences(manifest: Manifest, rule: LicenceRule = {}): void {
  assertLicences(
    manifest.sources.filter(({ train, validation }) => train.documents + validation.documents > 0),
    rule,
  )
}

export interface VerifyReport {
  ok: boolean
  /** Documents of the manifest that were read. */
  documents: number
  /** What does not hold, one sentence each; at most 20 and a count of the rest. */
  problems: string[]
  /** Inherited token files that lie in none of the folders. */
  elsewhere: string[]
}

export interface VerifyInput {
  /** The folders of the token files (default: the manifest's own); an empty list checks none. */
  tokens?: readonly string[]
  /** How many of the manifest's files, from the first, come from the weights that the run started from: they may lie elsewhere. */
  inherited?: number
}

/** Holds a manifest against its list of documents and its token files. */
export async function verifyManifest(folder: string, input: VerifyInput = {}): Promise<VerifyReport> {
  const problems: string[] = []
  let manifest: Manifest
  try {
    manifest = readManifest(folder)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    return { ok: false, documents: 0, problems: [error.message], elsewhere: [] }
  }
  const documents = await checkDocuments(folder, manifest, problems)
  const elsewhere = checkTokenFiles(input, folder, manifest, problems)
  const shown = problems.slice(0, 20)
  if (problems.length > 20) shown.push(`and ${problems.length - 20} more`)
  return { ok: problems.length === 0, documents, problems: shown, elsewhere }
}

/** SHA-256 of what identifies a document. */
export function documentHash(document: Document): string {
  return createHash('sha256').update(identityText(document)).digest('hex')
}

async function checkDocuments(folder: string, manifest: Manifest, problems: string[]): Promise<number> {
  const sums = manifest.sources.map(() => ({ documents: 0, bytes: 0, tokens: 0 }))
  let digest = ''
  let read = 0
  try {
    for await (const entry of readManifestDocuments(folder, (hex) => {
      digest = hex
    })) {
      read++
      const sum = sums[entry.source]
      if (!sum) {
        problems.push(`document ${entry.origin} names source ${entry.source}, which the manifest does not have`)
        continue
      }
      sum.documents++
      sum.bytes += entry.bytes
      sum.tokens += entry.tokens
    }
  } catch (error) {
    if (!(error instanceof ReadError)) throw error
    problems.push(error.message)
    return read
  }
  if (digest !== manifest.documents.sha256) problems.push(`${documentsName} was changed: its hash does not match`)
  if (read !== manifest.documents.count)
    problems.push(`${documentsName} lists ${read} documents where the manifest says ${manifest.documents.count}`)
  for (const [i, { source, train, validation, digest: unlisted }] of manifest.sources.entries())
    for (const unit of ['documents', 'bytes', 'tokens'] as const)
      if (!unlisted && sums[i][unit] !== train[unit] + validation[unit])
        problems.push(`${source}: the documents sum to ${sums[i][unit]} ${unit}, the manifest says otherwise`)
  return read
}

/** Each file has to stand in one of the folders: several may hold a file of that name. Returns inherited ones that do not. */
function checkTokenFiles(input: VerifyInput, own: string, { files }: Manifest, problems: string[]): string[] {
  const { tokens: folders = [own], inherited = 0 } = input
  const elsewhere: string[] = []
  for (const [i, file] of files.entries()) {
    const found = folders.map((folder) => tokenFileProblem(folder, file))
    if (found.length === 0 || found.includes(null)) continue
    if (i < inherited && found.every((problem) => problem?.another)) elsewhere.push(file.name)
    else problems.push(`${file.name}: ${found.map((problem) => problem?.text).join('; ')}`)
  }
  return elsewhere
}

interface TokenFileProblem {
  text: string
  /** What stands there, if anything does, is another file of the same name. */
  another: boolean
}

function fileHash(path: string): string | null {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null
}

function tokenFileProblem(folder: string, expected: ManifestFile): TokenFileProblem | null {
  let file: TokenFile | undefined
  const changed = (text: string) => ({ text, another: false })
  try {
    file = new TokenFile(join(folder, expected.name))
    const { sha256, tokens, documents } = file.index
    if (sha256 !== expected.sha256 || tokens !== expected.tokens || documents !== expected.documents)
      return { text: 'the token file is not the one of the manifest', another: true }
    if (expected.groups && fileHash(`${file.path}${groupsEnding}`) !== expected.groups)
      return changed('the groups of its answers were changed: their hash does not match')
    return file.verify() ? null : changed('the tokens were changed: their hash does not match')
  } catch (error) {
    if (!(error instanceof TokenFileError)) throw error
    return { text: error.message, another: !existsSync(join(folder, `${expected.name}.tokens`)) }
  } finally {
    file?.close()
  }
}
