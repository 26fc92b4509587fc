/** Reads a file from its front, piece by piece. Nothing is allocated for more than what the file still holds. */
import type { FileHandle } from 'node:fs/promises'
import { GgufError } from './error.ts'
import { kindBytes, type NumberKind } from './format.ts'

const windowBytes = 1 << 16

export class Cursor {
  readonly file: string
  readonly size: number
  private readonly handle: FileHandle
  private readonly limit: number
  private window = new Uint8Array(0)
  private view = new DataView(this.window.buffer)
  /** Place of the window in the file, and of the next byte in the window. */
  private start = 0
  private at = 0

  /** `limit`: bytes from the file's front beyond which nothing is read. */
  constructor(file: string, handle: FileHandle, size: number, limit: number) {
    this.file = file
    this.handle = handle
    this.size = size
    this.limit = Math.min(size, limit)
  }

  get position(): number {
    return this.start + this.at
  }

  /** Bytes that can still be read. */
  get left(): number {
    return this.limit - this.position
  }

  /** Refuses what claims more bytes than there are, before anyone makes room for it. */
  expect(bytes: number, part: string | null): void {
    if (bytes <= this.left) return
    const why = this.limit < this.size ? `more than the ${this.limit} bytes of a header that are read` : 'truncated'
    throw new GgufError(this.file, part, `${bytes} bytes from ${this.position} on, where ${this.left} are left: ${why}`)
  }

  async number(kind: Exclude<NumberKind, 'u64' | 'i64'>, part: string | null): Promise<number> {
    await this.fill(kindBytes[kind], part)
    const value = readNumber(this.view, this.at, kind)
    this.at += kindBytes[kind]
    return value
  }

  async wide(kind: 'u64' | 'i64', part: string | null): Promise<bigint> {
    await this.fill(8, part)
    const value = kind === 'u64' ? this.view.getBigUint64(this.at, true) : this.view.getBigInt64(this.at, true)
    this.at += 8
    return value
  }

  /** A count or a length: a number of 64 bits that may not be above `most`. */
  async count(most: number, part: string | null, what: string): Promise<number> {
    const value = await this.wide('u64', part)
    if (value > BigInt(most)) throw new GgufError(this.file, part, `${value} ${what}, more than the limit of ${most}`)
    return Number(value)
  }

  async bytes(length: number, part: string | null): Promise<Uint8Array> {
    this.expect(length, part)
    const result = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      await this.fill(1, part)
      const piece = this.window.subarray(this.at, Math.min(this.window.length, this.at + length - done))
      result.set(piece, done)
      done += piece.length
      this.at += piece.length
    }
    return result
  }

  /** Sees to it that the window holds the next `bytes`. */
  private async fill(bytes: number, part: string | null): Promise<void> {
    if (this.window.length - this.at >= bytes) return
    this.expect(bytes, part)
    const start = this.position
    const next = new Uint8Array(Math.min(windowBytes, this.limit - start))
    for (let done = 0; done < next.length; ) {
      const { bytesRead } = await this.handle.read(next, done, next.length - done, start + done)
      if (bytesRead === 0) throw new GgufError(this.file, part, 'the file became shorter while it was read')
      done += bytesRead
    }
    this.window = next
    this.view = new DataView(next.buffer)
    this.start = start
    this.at = 0
  }
}

/** A number at a place of a view, little-endian. */
export function readNumber(view: DataView, at: number, kind: Exclude<NumberKind, 'u64' | 'i64'>): number {
  switch (kind) {
    case 'u8':
      return view.getUint8(at)
    case 'i8':
      return view.getInt8(at)
    case 'u16':
      return view.getUint16(at, true)
    case 'i16':
      return view.getInt16(at, true)
    case 'u32':
      return view.getUint32(at, true)
    case 'i32':
      return view.getInt32(at, true)
    case 'f32':
      return view.getFloat32(at, true)
    case 'f64':
      return view.getFloat64(at, true)
  }
}
