import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** A data file that cannot be read as it stands: names the file, the line (from 1; 0 is the file) and what is wrong. */
export class ReadError extends Error {
  override name = 'ReadError'
  readonly file: string
  readonly line: number

  constructor(file: string, line: number, problem: string, options?: ErrorOptions) {
    super(`${file}${line > 0 ? `, line ${line}` : ''}: ${problem}`, options)
    this.file = file
    this.line = line
  }
}

/** The bytes of a file; gzip is recognised by its first two bytes, not by its name. */
export async function* openUnpacked(path: string): AsyncGenerator<Uint8Array> {
  const raw = createReadStream(path, { highWaterMark: 2 ** 18 })
  let first: Uint8Array | undefined
  const rest = raw[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  try {
    const start = await rest.next()
    if (start.done) return
    first = start.value
    if (first[0] !== 0x1f || first[1] !== 0x8b) {
      yield first
      for (let part = await rest.next(); !part.done; part = await rest.next()) yield part.value
      return
    }
  } catch (cause) {
    throw new ReadError(path, 0, 'cannot be read', { cause })
  } finally {
    raw.destroy()
  }
  const source = createReadStream(path, { highWaterMark: 2 ** 18 })
  const gunzip = createGunzip({ chunkSize: 2 ** 18 })
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  try {
    for await (const part of gunzip) yield part as Uint8Array
  } catch (cause) {
    throw new ReadError(path, 0, 'is damaged: its gzip data cannot be unpacked', { cause })
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

/** One line of a file, without its end, and its number from 1. */
export interface Line {
  text: string
  number: number
}

const newline = 10
const carriageReturn = 13

/**
 * The lines of a UTF-8 file, one at a time. Memory stays within `maxLineBytes`: a longer line, or bytes that are not
 * UTF-8, throw ReadError. A byte order mark at the start is dropped.
 */
export async function* readLines(path: string, maxLineBytes: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let pending: Uint8Array[] = []
  let held = 0
  let number = 0
  const finish = (last: Uint8Array): Line => {
    number++
    if (held + last.length > maxLineBytes) throw tooLong(path, number, maxLineBytes)
    let whole = last
    if (pending.length > 0) whole = Buffer.concat([...pending, last])
    pending = []
    held = 0
    if (whole.at(-1) === carriageReturn) whole = whole.subarray(0, -1)
    try {
      const text = decoder.decode(whole)
      return { text: number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text, number }
    } catch (cause) {
      throw new ReadError(path, number, 'is not UTF-8: convert the file first', { cause })
    }
  }
  for await (const chunk of openUnpacked(path)) {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      yield finish(chunk.subarray(from, end))
      from = end + 1
    }
    if (from === chunk.length) continue
    const rest = chunk.slice(from)
    held += rest.length
    if (held > maxLineBytes) throw tooLong(path, number + 1, maxLineBytes)
    pending.push(rest)
  }
  if (held > 0) yield finish(new Uint8Array(0))
}

function tooLong(path: string, line: number, limit: number): ReadError {
  return new ReadError(path, line, `is longer than ${limit} bytes: split the record or raise maxLineBytes`)
}
