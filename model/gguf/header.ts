/** The header of a GGUF file: every count, length, type and place is checked against the file before room is made for it. */
import { type Cursor, readNumber } from './cursor.ts'
import { GgufError } from './error.ts'
import {
  type Kind,
  kindBytes,
  kinds,
  magic,
  type NumberKind,
  type TensorType,
  tensorTypes,
  usualAlignment,
} from './format.ts'

/** A list of numbers, of truths or of texts. */
export type GgufList = Float64Array | readonly boolean[] | readonly string[]
export type GgufValue = number | bigint | boolean | string | GgufList

export interface GgufTensor {
  type: string
  /** Innermost dimension first, as the format has it. */
  dimensions: readonly number[]
  /** Byte position in the file. */
  offset: number
  byteLength: number
}

export interface GgufHeader {
  version: number
  metadata: ReadonlyMap<string, GgufValue>
  tensors: ReadonlyMap<string, GgufTensor>
}

/** What a header may hold. Published files stay far below each; a file that claims more is refused by the limit's name. */
export const headerLimits = {
  /** The vocabularies of the largest published models, with their merges, take some 20 MB. */
  headerBytes: 256 << 20,
  metadataEntries: 4096,
  /** The format's own limit. */
  keyBytes: 65_535,
  /** Templates and licences. */
  textBytes: 8 << 20,
  listItems: 8_000_000,
  /** Items of all lists together: what they take in memory. */
  allItems: 16_000_000,
  tensors: 100_000,
  /** ggml's own limits. */
  tensorNameBytes: 255,
  dimensions: 4,
  alignment: 1 << 20,
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lax = new TextDecoder('utf-8', { ignoreBOM: true })

/** @throws GgufError */
export async function readHeader(cursor: Cursor): Promise<GgufHeader> {
  return new HeaderReader(cursor).read()
}

class HeaderReader {
  private readonly cursor: Cursor
  private items = 0

  constructor(cursor: Cursor) {
    this.cursor = cursor
  }

  async read(): Promise<GgufHeader> {
    const { cursor } = this
    if (cursor.size < 24) throw this.error(null, 'shorter than the 24 bytes that every GGUF file has')
    if ((await cursor.number('u32', null)) !== magic) throw this.error(null, 'does not begin with GGUF')
    const version = await cursor.number('u32', null)
    // A big-endian file has its version's bytes the other way round.
    if (version !== 2 && version !== 3) throw this.error(null, `version ${version}; 2 and 3 are read, little-endian`)
    const tensorCount = await cursor.count(headerLimits.tensors, null, 'tensors')
    const entryCount = await cursor.count(headerLimits.metadataEntries, null, 'entries of metadata')
    const metadata = new Map<string, GgufValue>()
    for (let entry = 0; entry < entryCount; entry++) {
      const key = await this.text(headerLimits.keyBytes, null, decoder)
      if (metadata.has(key)) throw this.error(key, 'stands there twice')
      metadata.set(key, await this.value(await this.kind(key), key))
    }
    const claims = []
    for (let tensor = 0; tensor < tensorCount; tensor++) claims.push(await this.tensor())
    return { version, metadata, tensors: this.place(claims, this.alignment(metadata)) }
  }

  private error(part: string | null, reason: string): GgufError {
    return new GgufError(this.cursor.file, part, reason)
  }

  private async text(most: number, part: string | null, utf8: TextDecoder): Promise<string> {
    const bytes = await this.cursor.bytes(await this.cursor.count(most, part, 'bytes of a text'), part)
    try {
      return utf8.decode(bytes)
    } catch {
      throw this.error(part, 'a text that is not UTF-8')
    }
  }

  private async kind(part: string): Promise<Kind> {
    const number = await this.cursor.number('u32', part)
    const kind = kinds.at(number)
    if (kind === undefined || number >= kinds.length) throw this.error(part, `unknown kind ${number} of value`)
    return kind
  }

  private async value(kind: Kind, key: string): Promise<GgufValue> {
    if (kind === 'string') return this.text(headerLimits.textBytes, key, lax)
    if (kind === 'array') return this.list(key)
    if (kind === 'bool') return this.truth(await this.cursor.number('u8', key), key)
    if (kind !== 'u64' && kind !== 'i64') return this.cursor.number(kind, key)
    const wide = await this.cursor.wide(kind, key)
    const small = Number(wide)
    return Number.isSafeInteger(small) ? small : wide
  }

  private truth(byte: number, key: string): boolean {
    if (byte > 1) throw this.error(key, `${byte} is neither true nor false`)
    return byte === 1
  }

  private async list(key: string): Promise<GgufList> {
    const kind = await this.kind(key)
    if (kind === 'array') throw this.error(key, 'a list of lists, which no model needs')
    const length = await this.cursor.count(headerLimits.listItems, key, 'items of a list')
    this.items += length
    if (this.items > headerLimits.allItems)
      throw this.error(key, `more than ${headerLimits.allItems} items in all lists together`)
    // Even an empty text takes the eight bytes of its length.
    this.cursor.expect(length * (kind === 'string' ? 8 : kindBytes[kind]), key)
    if (kind !== 'string') return this.numbers(kind, length, key)
    const texts: string[] = []
    for (let item = 0; item < length; item++) texts.push(await this.text(headerLimits.textBytes, key, lax))
    return texts
  }

  private async numbers(kind: NumberKind | 'bool', length: number, key: string): Promise<GgufList> {
    const bytes = await this.cursor.bytes(length * kindBytes[kind], key)
    if (kind === 'bool') return Array.from(bytes, (byte) => this.truth(byte, key))
    const view = new DataView(bytes.buffer)
    if (kind === 'u64') return Float64Array.from({ length }, (_, at) => Number(view.getBigUint64(at * 8, true)))
    if (kind === 'i64') return Float64Array.from({ length }, (_, at) => Number(view.getBigInt64(at * 8, true)))
    return Float64Array.from({ length }, (_, at) => readNumber(view, at * kindBytes[kind], kind))
  }

  private async tensor(): Promise<Claim> {
    const { cursor } = this
    const name = await this.text(headerLimits.tensorNameBytes, null, decoder)
    const count = await cursor.number('u32', name)
    if (count > headerLimits.dimensions)
      throw this.error(name, `${count} dimensions, more than the limit of ${headerLimits.dimensions}`)
    const dimensions: number[] = []
    for (let at = 0; at < count; at++) dimensions.push(await cursor.count(Number.MAX_SAFE_INTEGER, name, 'elements'))
    const number = await cursor.number('u32', name)
    const type = tensorTypes.get(number)
    if (type === undefined) throw this.error(name, `unknown type ${number} of tensor`)
    const offset = await cursor.count(Number.MAX_SAFE_INTEGER, name, 'bytes to a tensor')
    return { name, type, dimensions, offset, byteLength: this.bytesOf(name, type, dimensions) }
  }

  private bytesOf(name: string, type: TensorType, dimensions: readonly number[]): number {
    const elements = dimensions.reduce((product, size) => product * size, 1)
    // The products in between may lose digits, but none of them can come back below the limit.
    if (!Number.isSafeInteger(elements) || elements > this.cursor.size * 8)
      throw this.error(name, `[${dimensions.join(', ')}] has more elements than the file can hold`)
    if ((dimensions.at(0) ?? 1) % type.elements !== 0)
      throw this.error(
        name,
        `rows of ${dimensions.at(0)} elements do not fill ${type.name}'s blocks of ${type.elements}`,
      )
    return (elements / type.elements) * type.bytes
  }

  private alignment(metadata: ReadonlyMap<string, GgufValue>): number {
    const key = 'general.alignment'
    const value = metadata.get(key) ?? usualAlignment
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= headerLimits.alignment
    // ggml asks for a power of two.
    if (!fits || (value & (value - 1)) !== 0) throw this.error(key, `${String(value).slice(0, 40)} is no alignment`)
    return value
  }

  /** Tensors must lie inside the file, each at a multiple of the alignment, and none in another. */
  private place(claims: readonly Claim[], alignment: number): ReadonlyMap<string, GgufTensor> {
    const begin = Math.ceil(this.cursor.position / alignment) * alignment
    const tensors = new Map<string, GgufTensor>()
    for (const { name, type, dimensions, offset, byteLength } of claims) {
      if (tensors.has(name)) throw this.error(name, 'stands there twice')
      if (offset % alignment !== 0) throw this.error(name, `begins at ${offset}, not at a multiple of ${alignment}`)
      if (begin + offset + byteLength > this.cursor.size)
        throw this.error(name, `ends at ${begin + offset + byteLength} in a file of ${this.cursor.size}: truncated`)
      tensors.set(name, { type: type.name, dimensions, offset: begin + offset, byteLength })
    }
    let end = begin
    for (const [name, { offset, byteLength }] of [...tensors].sort((a, b) => a[1].offset - b[1].offset)) {
      if (byteLength > 0 && offset < end) throw this.error(name, 'overlaps the tensor before it')
      end = Math.max(end, offset + byteLength)
    }
    return tensors
  }
}

interface Claim {
  name: string
  type: TensorType
  dimensions: readonly number[]
  offset: number
  byteLength: number
}
