import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { DurableFile } from '#data/durable'
import { ReadError, readLines } from '../readers/lines.ts'

export const documentsName = 'documents.jsonl.gz'

const documentSchema = z.object({
  /** Number of its source in the manifest. */
  source: z.number().int().nonnegative(),
  /** Where within the source. */
  origin: z.string(),
  /** SHA-256 of its text after cleaning. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  tokens: z.number().int().nonnegative(),
  split: z.enum(['train', 'validation']),
})

/** One document of a manifest. */
export type ManifestDocument = z.infer<typeof documentSchema>

/** Lines are packed this many characters at a time: each part is a gzip member of its own. */
const partLength = 2 ** 20

/** Writes the list of documents in constant memory. */
export class DocumentListWriter {
  count = 0
  #file: DurableFile
  #hash = createHash('sha256')
  #lines: string[] = []
  #length = 0

  constructor(folder: string) {
    this.#file = new DurableFile(join(folder, documentsName))
  }

  add(document: ManifestDocument): void {
    const { source, origin, sha256, bytes, tokens, split } = document
    const line = `${JSON.stringify({ source, origin, sha256, bytes, tokens, split })}\n`
    this.#lines.push(line)
    this.#length += line.length
    this.count++
    if (this.#length >= partLength) this.#flush()
  }

  #flush(): void {
    const part = this.#lines.join('')
    this.#hash.update(part)
    this.#file.write(gzipSync(part))
    this.#lines = []
    this.#length = 0
  }

  finish(): { count: number; sha256: string } {
    this.#flush()
    this.#file.commit()
    return { count: this.count, sha256: this.#hash.digest('hex') }
  }

  abandon(): void {
    this.#file.abandon()
  }
}

/** The documents of a manifest, one at a time; `done` receives the hash of all lines at the end. */
export async function* readManifestDocuments(
  folder: string,
  done: (sha256: string) => void = () => {},
): AsyncGenerator<ManifestDocument> {
  const path = join(folder, documentsName)
  const hash = createHash('sha256')
  for await (const { text, number } of readLines(path, 2 ** 20)) {
    hash.update(`${text}\n`)
    let raw: unknown
    try {
      raw = JSON.parse(text)
    } catch (cause) {
      throw new ReadError(path, number, 'is not JSON', { cause })
    }
    const parsed = documentSchema.safeParse(raw)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      throw new ReadError(path, number, `${issue.path.join('.')}: ${issue.message}`)
    }
    yield parsed.data
  }
  done(hash.digest('hex'))
}
