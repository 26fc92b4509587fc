/**
 * Keys and values of the sequences being decoded, for each layer [rows, kvHeads, capacity, headWidth]. A step reads the
 * arrays where they lie and writes one token a row; only when the longest sequence outgrows the capacity is everything
 * moved into wider rows, once in `growth` steps.
 */
import type { Shaped } from '#tensor/flexible'
import type { GptConfig } from '../config.ts'

/** Capacity grows by so many tokens: each step reads at most so many places for nothing. */
const growth = 64

export class KvCache {
  private readonly kvHeads: number
  private readonly headWidth: number
  private readonly layers: number
  private readonly contextLength: number
  /** Places of one row. */
  private width = 0
  private rows = 0
  /** Keys of layer i at 2i, its values at 2i + 1. */
  private stores: Float32Array[]
  private batchViews = new Map<number, Shaped[]>()
  private readonly limit: number

  /** `limit`: most bytes, beyond which it takes no more room than it must. */
  constructor(config: GptConfig, limit = Number.POSITIVE_INFINITY) {
    this.limit = limit
    this.kvHeads = config.kvHeads
    this.headWidth = config.headWidth
    this.layers = config.layers
    this.contextLength = config.contextLength
    this.stores = Array.from({ length: 2 * config.layers }, () => new Float32Array(0))
  }

  get capacity(): number {
    return this.width
  }

  /** Makes room for rows of up to `length` tokens, and gives back what is far too much. `used` is each row's length. */
  reserve(length: number, used: readonly number[]): void {
    const rows = used.length
    const wanted = this.widthFor(length)
    const most = (width: number) => Math.floor(this.limit / (width * this.tokenBytes))
    const tight = wanted > this.width || this.width > 2 * wanted + growth || rows > most(this.width)
    const roomy = tight ? wanted : this.width
    if (rows <= this.rows && roomy === this.width) return
    const spare = rows <= this.rows ? this.rows : Math.min(2 * this.rows, rows + 8)
    const allRows = Math.max(rows, Math.min(spare, most(roomy)))
    this.stores = this.stores.map((store) => this.moved(store, allRows, roomy, used))
    this.rows = allRows
    this.width = roomy
    this.batchViews = new Map()
  }

  private moved(store: Float32Array, rows: number, width: number, used: readonly number[]): Float32Array {
    const { kvHeads, headWidth } = this
    const wider = new Float32Array(rows * kvHeads * width * headWidth)
    for (const [row, length] of used.entries()) {
      for (let head = row * kvHeads; head < (row + 1) * kvHeads; head++) {
        const from = head * this.width * headWidth
        wider.set(store.subarray(from, from + length * headWidth), head * width * headWidth)
      }
    }
    return wider
  }

  /** Writes row `source` of a pass's new keys and values [., layers · 2 · kvHeads · headWidth] at a place of a row. */
  write(row: number, place: number, fresh: Float32Array, source: number): void {
    const { kvHeads, headWidth, width } = this
    let from = source * this.layers * 2 * kvHeads * headWidth
    for (const store of this.stores) {
      for (let head = row * kvHeads; head < (row + 1) * kvHeads; head++) {
        const to = (head * width + place) * headWidth
        for (let i = 0; i < headWidth; i++) store[to + i] = fresh[from + i]
        from += headWidth
      }
    }
  }

  /** Overwrites the places of a row from `from` on: what is no number cannot be masked away, and stays until then. */
  clear(row: number, from: number): void {
    const { kvHeads, headWidth, width } = this
    if (row >= this.rows) return
    for (const store of this.stores)
      for (let head = row * kvHeads; head < (row + 1) * kvHeads; head++)
        store.fill(0, (head * width + from) * headWidth, (head + 1) * width * headWidth)
  }

  /** Bytes of one token's keys and values. */
  get tokenBytes(): number {
    return 4 * this.stores.length * this.kvHeads * this.headWidth
  }

  /** Bytes that so many rows take, the longest of `length` tokens. */
  bytesFor(rows: number, length: number): number {
    return rows * this.widthFor(length) * this.tokenBytes
  }

  private widthFor(length: number): number {
    return Math.min(this.contextLength, Math.ceil(length / growth) * growth)
  }

  /** A copy of `count` tokens of a row, which `load` writes at the same place of any row. */
  save(row: number, place: number, count: number): Float32Array {
    const { kvHeads, headWidth, width } = this
    const run = count * headWidth
    const values = new Float32Array(this.stores.length * kvHeads * run)
    let to = 0
    for (const store of this.stores) {
      for (let head = row * kvHeads; head < (row + 1) * kvHeads; head++, to += run) {
        const from = (head * width + place) * headWidth
        values.set(store.subarray(from, from + run), to)
      }
    }
    return values
  }

  load(row: number, place: number, values: Float32Array): void {
    const { kvHeads, headWidth, width } = this
    const run = values.length / (this.stores.length * kvHeads)
    let from = 0
    for (const store of this.stores)
      for (let head = row * kvHeads; head < (row + 1) * kvHeads; head++, from += run)
        store.set(values.subarray(from, from + run), (head * width + place) * headWidth)
  }

  /** Copies the first `length` tokens of a row over another. */
  move(from: number, to: number, length: number): void {
    const { kvHeads, headWidth, width } = this
    for (const store of this.stores) {
      for (let head = 0; head < kvHeads; head++) {
        const start = (from * kvHeads + head) * width * headWidth
        store.copyWithin((to * kvHeads + head) * width * headWidth, start, start + length * headWidth)
      }
    }
  }

  /** The first `rows` rows as the decode graph takes them, keys and values of each layer in turn. */
  batch(rows: number): readonly Shaped[] {
    const before = this.batchViews.get(rows)
    if (before) return before
    const shape = [rows, this.kvHeads, 1, this.width, this.headWidth]
    const size = rows * this.rowSize
    const views = this.stores.map((store) => ({ values: store.subarray(0, size), shape }))
    this.batchViews.set(rows, views)
    return views
  }

  /** One row as the prefill graph takes it. */
  row(row: number): readonly Shaped[] {
    const shape = [this.kvHeads, 1, this.width, this.headWidth]
    const size = this.rowSize
    return this.stores.map((store) => ({ values: store.subarray(row * size, (row + 1) * size), shape }))
  }

  private get rowSize(): number {
    return this.kvHeads * this.width * this.headWidth
  }

  release(): void {
    this.stores = this.stores.map(() => new Float32Array(0))
    this.rows = 0
    this.width = 0
    this.batchViews = new Map()
  }
}
