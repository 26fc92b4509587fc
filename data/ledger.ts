import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { normaliseLicence } from '#data/licence'
import { openUnpacked } from './readers/lines.ts'

const entrySchema = z.object({
  file: z.string().min(1),
  repository: z.string().min(1),
  commit: z.string(),
  paths: z.array(z.string()),
  licence: z.string(),
  kind: z.string(),
  language: z.string(),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  note: z.string(),
})

/** One file of a ledger: where it came from, under which licence, and the hash of its unpacked content. */
export type LedgerEntry = z.infer<typeof entrySchema>

/** A ledger that cannot be read, or a file that is not the one it lists. */
export class LedgerError extends Error {
  override name = 'LedgerError'
}

/** Reads a `ledger.json`: a list of entries. Throws LedgerError naming the entry and the field. */
export function readLedger(path: string): LedgerEntry[] {
  let raw: unknown
  try {
    raw = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new LedgerError(`${path} is not readable JSON`, { cause })
  }
  const parsed = z.array(entrySchema).safeParse(raw)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new LedgerError(`${path}: entry ${issue.path.join('.')}: ${issue.message}`)
}

/** Source and licence of a data file. */
export interface Provenance {
  source: string
  /** SPDX expression. */
  licence: string
}

/** Source (repository at its commit) and SPDX licence of a ledger's entry. */
export function provenance(entry: LedgerEntry): Provenance {
  const commit = /^[0-9a-f]{7,40}$/.test(entry.commit) ? `@${entry.commit}` : ''
  return { source: `${entry.repository}${commit}`, licence: normaliseLicence(entry.licence) }
}

/** The entry for a data file in the `ledger.json` beside it, or undefined where there is no ledger. */
export function ledgerEntryFor(path: string): LedgerEntry | undefined {
  const ledger = join(dirname(path), 'ledger.json')
  if (!existsSync(ledger)) return undefined
  const entry = readLedger(ledger).find(({ file }) => file === basename(path))
  if (!entry) throw new LedgerError(`${ledger} does not list ${basename(path)}: add it with its source and licence`)
  return entry
}

/** Checks a file's length and SHA-256, unpacked where it is gzip, against its entry. Throws LedgerError. */
export async function verifyLedgerFile(path: string, entry: LedgerEntry): Promise<void> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of openUnpacked(path)) {
    hash.update(chunk)
    bytes += chunk.length
    if (bytes > entry.bytes) break
  }
  const digest = hash.digest('hex')
  if (bytes !== entry.bytes || digest !== entry.sha256)
    throw new LedgerError(
      `${path} is not the file that its ledger lists: ${bytes} bytes, sha256 ${digest}, ` +
        `where the ledger says ${entry.bytes} bytes, ${entry.sha256}`,
    )
}

/** SHA-256 of a file as it lies on disk. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
