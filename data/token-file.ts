import { createHash, type Hash } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { DurableFile, writeDurably } from '#data/durable'

/**
 * Tokens on disk. A token file `p` is `p.tokens` (raw little-endian uint16, or uint32 for vocabularies beyond 65,536, as
 * numpy.memmap reads it), `p.documents` (where each document starts, as float64, plus the end), optionally `p.mask`
 * (one byte per token: 1 where the token is learned) and `p.json`, the index. The index is written last: without it the
 * file does not exist.
 */
export interface TokenIndex {
  format: 'dotline-tokens'
  version: 1
  dtype: 'uint16' | 'uint32'
  vocabSize: number
  tokens: number
  documents: number
  /** Tokens that carry loss: equal to `tokens` where there is no mask. */
  learned: number
  mask: boolean
  /** The token that precedes each document, or null where documents carry their own marks. */
  separator: number | null
  /** UTF-8 bytes of the text that the tokens stand for. */
  bytes: number
  /** SHA-256 of the tokens file. */
  sha256: string
}

/** A token file that is missing, damaged or not what its index says. */
export class TokenFileError extends Error {
  override name = 'TokenFileError'
}

export interface TokenWriterOptions {
  vocabSize: number
  separator?: number | null
  /** Keep a loss mask: then every `append` must bring one. */
  mask?: boolean
}

/** Writes a token file document by document in constant memory (plus 8 bytes per document). */
export class TokenWriter {
  readonly path: string
  readonly options: TokenWriterOptions
  tokens = 0
  documents = 0
  learned = 0
  bytes = 0
  #tokenFile: DurableFile
  #documentFile: DurableFile
  #maskFile: DurableFile | undefined
  #hash: Hash = createHash('sha256')

  constructor(path: string, options: TokenWriterOptions) {
    if (!Number.isInteger(options.vocabSize) || options.vocabSize < 1)
      throw new TokenFileError(`vocabSize must be a positive whole number, got ${options.vocabSize}`)
    this.path = path
    this.options = options
    this.#tokenFile = new DurableFile(`${path}.tokens`)
    this.#documentFile = new DurableFile(`${path}.documents`)
    if (options.mask) this.#maskFile = new DurableFile(`${path}.mask`)
  }

  /** Appends one document. `bytes` is the length of its text in UTF-8; `mask` holds 1 where a token is learned. */
  append(ids: ArrayLike<number>, bytes: number, mask?: ArrayLike<number>): void {
    const { vocabSize } = this.options
    if (this.#maskFile && mask?.length !== ids.length)
      throw new TokenFileError(`${this.path}: the mask must have one entry for each of the ${ids.length} tokens`)
    const stored = vocabSize <= 65536 ? new Uint16Array(ids.length) : new Uint32Array(ids.length)
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]
      if (!(id >= 0 && id < vocabSize))
        throw new TokenFileError(`${this.path}: token ${id} is outside the vocabulary of ${vocabSize}`)
      stored[i] = id
    }
    this.#documentFile.write(new Uint8Array(new Float64Array([this.tokens]).buffer))
    const raw = new Uint8Array(stored.buffer)
    this.#hash.update(raw)
    this.#tokenFile.write(raw)
    if (this.#maskFile && mask) {
      const flags = Uint8Array.from(mask, (value) => (value ? 1 : 0))
      this.#maskFile.write(flags)
      for (const flag of flags) this.learned += flag
    } else this.learned += ids.length
    this.tokens += ids.length
    this.documents++
    this.bytes += bytes
  }

  /** Makes everything durable; the index comes last. */
  finish(): TokenIndex {
    this.#documentFile.write(new Uint8Array(new Float64Array([this.tokens]).buffer))
    this.#tokenFile.commit()
    this.#documentFile.commit()
    this.#maskFile?.commit()
    const index: TokenIndex = {
      format: 'dotline-tokens',
      version: 1,
      dtype: this.options.vocabSize <= 65536 ? 'uint16' : 'uint32',
      vocabSize: this.options.vocabSize,
      tokens: this.tokens,
      documents: this.documents,
      learned: this.learned,
      mask: this.#maskFile !== undefined,
      separator: this.options.separator ?? null,
      bytes: this.bytes,
      sha256: this.#hash.digest('hex'),
    }
    writeDurably(`${this.path}.json`, `${JSON.stringify(index, null, 2)}\n`)
    return index
  }

  /** Drops what was written so far. */
  abandon(): void {
    this.#tokenFile.abandon()
    this.#documentFile.abandon()
    this.#maskFile?.abandon()
  }
}

/** Files up to this size are held in memory whole; larger ones are read in place. */
const wholeFileBytes = 64 * 2 ** 20

/** A file of fixed-size items read by position: in memory when small, through `pread` otherwise. */
class Positioned {
  readonly path: string
  readonly size: number
  #descriptor: number
  #whole: Uint8Array | undefined

  constructor(path: string) {
    this.path = path
    if (!existsSync(path)) throw new TokenFileError(`${path} is missing: prepare the data again`)
    this.#descriptor = openSync(path, 'r')
    this.size = fstatSync(this.#descriptor).size
    if (this.size <= wholeFileBytes) this.#whole = this.#pread(0, new Uint8Array(this.size))
  }

  #pread(start: number, out: Uint8Array): Uint8Array {
    let done = 0
    while (done < out.length) {
      const count = readSync(this.#descriptor, out, done, out.length - done, start + done)
      if (count === 0) throw new TokenFileError(`${this.path} ended early: it was cut while in use`)
      done += count
    }
    return out
  }

  read(start: number, length: number): Uint8Array {
    if (start < 0 || start + length > this.size)
      throw new TokenFileError(`${this.path}: bytes ${start}..${start + length} are outside its ${this.size} bytes`)
    return this.#whole ? this.#whole.subarray(start, start + length) : this.#pread(start, new Uint8Array(length))
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

function readIndex(path: string): TokenIndex {
  let index: TokenIndex
  try {
    index = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as TokenIndex
  } catch (cause) {
    throw new TokenFileError(`${path}.json: no token file here; prepare the data again`, { cause })
  }
  const counts = [index?.tokens, index?.documents, index?.vocabSize, index?.learned, index?.bytes]
  const whole = counts.every((count) => Number.isSafeInteger(count) && count >= 0)
  if (index?.format !== 'dotline-tokens' || index.version !== 1 || !whole)
    throw new TokenFileError(`${path}.json is not the index of a token file (format dotline-tokens, version 1)`)
  return index
}

/** Reads a token file by position; memory stays constant however large it is (plus 8 bytes per document). */
export class TokenFile {
  readonly path: string
  readonly index: TokenIndex
  /** Where each document starts; one more entry holds the end. */
  readonly starts: Float64Array
  #tokens: Positioned
  #mask: Positioned | undefined
  #width: 2 | 4

  /** Opens `path` (without an ending). Throws TokenFileError where sizes and index disagree. */
  constructor(path: string) {
    this.path = path
    this.index = readIndex(path)
    this.#width = this.index.dtype === 'uint16' ? 2 : 4
    this.#tokens = this.#open('tokens', this.index.tokens * this.#width)
    if (this.index.mask) this.#mask = this.#open('mask', this.index.tokens)
    const documents = this.#open('documents', (this.index.documents + 1) * 8)
    this.starts = new Float64Array(documents.read(0, documents.size).slice().buffer)
    documents.close()
    this.#checkStarts()
  }

  #open(ending: string, expected: number): Positioned {
    const file = new Positioned(`${this.path}.${ending}`)
    if (file.size === expected) return file
    file.close()
    throw new TokenFileError(`${file.path} has ${file.size} bytes where its index says ${expected}: prepare it again`)
  }

  #checkStarts(): void {
    const { starts, index } = this
    let sorted = starts[0] === 0 && starts[index.documents] === index.tokens
    for (let i = 0; sorted && i < index.documents; i++) sorted = starts[i] <= starts[i + 1]
    if (!sorted) throw new TokenFileError(`${this.path}.documents does not hold rising document starts`)
  }

  /** `count` tokens from position `start`. */
  read(start: number, count: number): Uint16Array | Uint32Array {
    const raw = this.#tokens.read(start * this.#width, count * this.#width)
    return this.#width === 2
      ? new Uint16Array(raw.buffer, raw.byteOffset, count)
      : new Uint32Array(raw.buffer, raw.byteOffset, count)
  }

  /** The loss mask of the same tokens, or undefined where every token is learned. */
  readMask(start: number, count: number): Uint8Array | undefined {
    return this.#mask?.read(start, count)
  }

  /** Number of the document that holds token `position`. */
  documentAt(position: number): number {
    let low = 0
    let high = this.index.documents
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.starts[middle] <= position) low = middle
      else high = middle
    }
    return low
  }

  /** Recomputes the hash of the tokens, reading in 4 MiB steps: whether the file is still the one that was written. */
  verify(): boolean {
    const hash = createHash('sha256')
    const step = 2 ** 22
    for (let at = 0; at < this.#tokens.size; at += step)
      hash.update(this.#tokens.read(at, Math.min(step, this.#tokens.size - at)))
    return hash.digest('hex') === this.index.sha256
  }

  close(): void {
    this.#tokens.close()
    this.#mask?.close()
  }
}
