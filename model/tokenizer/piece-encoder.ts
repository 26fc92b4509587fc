import { bytesToToken } from './alphabet.ts'
import type { TokenizerParts } from './file.ts'
import { MergeTable, mergePiece } from './merge.ts'

const CACHE_SLOTS = 1 << 15
/** Longest piece (UTF-16 code units) and most ids that the cache holds. */
const CACHE_UNITS = 16
const CACHE_IDS = 8

/** A growing list of token ids. */
export class IdList {
  ids: Uint32Array
  length = 0

  constructor(capacity: number) {
    this.ids = new Uint32Array(Math.max(16, capacity))
  }

  /** Makes room for `count` more ids. */
  reserve(count: number): void {
    if (this.length + count <= this.ids.length) return
    const larger = new Uint32Array(Math.max(this.ids.length * 2, this.length + count))
    larger.set(this.ids.subarray(0, this.length))
    this.ids = larger
  }

  push(id: number): void {
    this.reserve(1)
    this.ids[this.length++] = id
  }
}

/**
 * Encodes pieces of text: UTF-8, then merges. Results of short pieces stay in a direct-mapped cache of fixed size
 * (3 MiB), keyed by the code units themselves, so that no string is made and nothing grows.
 */
export class PieceEncoder {
  private readonly table: MergeTable
  private readonly byteIds: Int32Array
  private readonly wholeTokens: Map<string, number> | undefined
  private scratch = new Int32Array(1024)
  /** Units of the piece in each slot; 0 where empty. */
  private readonly heldUnits = new Uint8Array(CACHE_SLOTS)
  private readonly heldCount = new Uint8Array(CACHE_SLOTS)
  private readonly heldText = new Uint16Array(CACHE_SLOTS * CACHE_UNITS)
  private readonly heldIds = new Uint32Array(CACHE_SLOTS * CACHE_IDS)

  constructor(parts: TokenizerParts) {
    this.table = new MergeTable(parts.left, parts.right, parts.merged)
    this.byteIds = new Int32Array(256)
    for (let byte = 0; byte < 256; byte++) this.byteIds[byte] = parts.tokenToId.get(bytesToToken([byte])) as number
    this.wholeTokens = parts.ignoreMerges ? parts.tokenToId : undefined
  }

  /** Appends the ids of `text` from `start` to `end`. */
  encode(text: string, start: number, end: number, out: IdList): void {
    const units = end - start
    if (units > CACHE_UNITS) {
      this.compute(text, start, end, out)
      return
    }
    let hash = units
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    hash ^= hash >>> 15
    const slot = hash & (CACHE_SLOTS - 1)
    if (this.heldUnits[slot] === units && this.isHeld(slot, text, start, units)) {
      this.copyHeld(slot, out)
      return
    }
    const first = out.length
    this.compute(text, start, end, out)
    this.hold(slot, text, start, units, out, first)
  }

  private isHeld(slot: number, text: string, start: number, units: number): boolean {
    const held = this.heldText
    const at = slot * CACHE_UNITS
    for (let i = 0; i < units; i++) if (held[at + i] !== text.charCodeAt(start + i)) return false
    return true
  }

  private copyHeld(slot: number, out: IdList): void {
    const count = this.heldCount[slot]
    const at = slot * CACHE_IDS
    out.reserve(count)
    const { ids, length } = out
    for (let i = 0; i < count; i++) ids[length + i] = this.heldIds[at + i]
    out.length = length + count
  }

  private hold(slot: number, text: string, start: number, units: number, out: IdList, first: number): void {
    const count = out.length - first
    if (count > CACHE_IDS) return
    this.heldUnits[slot] = units
    this.heldCount[slot] = count
    for (let i = 0; i < units; i++) this.heldText[slot * CACHE_UNITS + i] = text.charCodeAt(start + i)
    for (let i = 0; i < count; i++) this.heldIds[slot * CACHE_IDS + i] = out.ids[first + i]
  }

  private compute(text: string, start: number, end: number, out: IdList): void {
    const room = (end - start) * 3
    if (this.scratch.length < room) this.scratch = new Int32Array(room)
    const scratch = this.scratch
    const bytes = this.writeBytes(text, start, end)
    if (this.wholeTokens !== undefined) {
      const whole = this.wholeTokens.get(bytesToToken(scratch.subarray(0, bytes)))
      if (whole !== undefined) {
        out.push(whole)
        return
      }
    }
    for (let i = 0; i < bytes; i++) scratch[i] = this.byteIds[scratch[i]]
    const count = mergePiece(this.table, scratch, bytes)
    out.reserve(count)
    for (let i = 0; i < count; i++) out.ids[out.length + i] = scratch[i]
    out.length += count
    // A page without a break must not pin its size for good.
    if (this.scratch.length > 1 << 16) this.scratch = new Int32Array(1024)
  }

  /** UTF-8 of a part of the text into the scratch, U+FFFD for a lone surrogate as TextEncoder does. */
  private writeBytes(text: string, start: number, end: number): number {
    const bytes = this.scratch
    let count = 0
    for (let i = start; i < end; i++) {
      let code = text.charCodeAt(i)
      if (code < 0x80) {
        bytes[count++] = code
        continue
      }
      if (code < 0x800) {
        bytes[count++] = 0xc0 | (code >> 6)
        bytes[count++] = 0x80 | (code & 0x3f)
        continue
      }
      if (code >= 0xd800 && code <= 0xdfff) {
        const low = code <= 0xdbff && i + 1 < end ? text.charCodeAt(i + 1) : 0
        if (low >= 0xdc00 && low <= 0xdfff) {
          const point = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
          bytes[count++] = 0xf0 | (point >> 18)
          bytes[count++] = 0x80 | ((point >> 12) & 0x3f)
          bytes[count++] = 0x80 | ((point >> 6) & 0x3f)
          bytes[count++] = 0x80 | (point & 0x3f)
          i++
          continue
        }
        code = 0xfffd
      }
      bytes[count++] = 0xe0 | (code >> 12)
      bytes[count++] = 0x80 | ((code >> 6) & 0x3f)
      bytes[count++] = 0x80 | (code & 0x3f)
    }
    return count
  }
}
