import { mix, permuted, shuffleInPlace } from '#data/shuffle'
import { type TokenFile, TokenFileError } from '#data/token-file'
import type { Batch, Piece, RowSource } from './row.ts'

/** Documents that are packed together; memory and the look-ahead of one epoch are bounded by it. */
const poolDocuments = 4096

/**
 * Best-fit decreasing: the longest piece first, each into the fullest row that still has room for it. Rows hold
 * `sequence` + 1 tokens: the last one is only a target.
 */
export function packPieces<T extends { length: number }>(pieces: readonly T[], capacity: number): T[][] {
  const rows: T[][] = []
  /** byRoom[r]: rows with room for r more tokens. */
  const byRoom: T[][][] = Array.from({ length: capacity + 1 }, () => [])
  for (const piece of [...pieces].sort((a, b) => b.length - a.length)) {
    let room = piece.length
    while (room <= capacity && byRoom[room].length === 0) room++
    let row: T[] | undefined
    if (room > capacity) {
      row = []
      rows.push(row)
      room = capacity
    } else row = byRoom[room].pop() as T[]
    row.push(piece)
    byRoom[room - piece.length].push(row)
  }
  return rows
}

/** Whole documents side by side in rows; only one that is longer than a row is cut, every target kept once. */
export class WholeRows implements RowSource {
  #file: TokenFile
  #sequence: number
  #seed: number
  #shuffle: boolean
  #padding: number
  #epoch = 0
  #pool = 0
  #next = 0
  #rows: Piece[][]

  constructor(file: TokenFile, sequence: number, seed: number, shuffle: boolean, padding: number) {
    this.#file = file
    this.#sequence = sequence
    this.#seed = seed
    this.#shuffle = shuffle
    this.#padding = padding
    this.#rows = this.#build()
    this.#skipEmpty()
  }

  get #pools(): number {
    return Math.max(1, Math.ceil(this.#file.index.documents / poolDocuments))
  }

  get epochs(): number {
    const within = this.#rows.length ? this.#next / this.#rows.length : 0
    return this.#epoch + (this.#pool + within) / this.#pools
  }

  state(): number[] {
    return [this.#epoch, this.#pool, this.#next]
  }

  restore(state: number[]): void {
    ;[this.#epoch, this.#pool, this.#next] = state
    this.#rows = this.#build()
    this.#skipEmpty()
  }

  #build(): Piece[][] {
    const { documents } = this.#file.index
    const { starts } = this.#file
    const key = mix(this.#seed, this.#epoch)
    const pieces: Piece[] = []
    const end = Math.min(documents, (this.#pool + 1) * poolDocuments)
    for (let i = this.#pool * poolDocuments; i < end; i++) {
      const document = this.#shuffle ? permuted(i, documents, key) : i
      const stop = starts[document + 1]
      for (let start = starts[document]; stop - start > 1; start += this.#sequence)
        pieces.push({ start, length: Math.min(this.#sequence + 1, stop - start) })
    }
    const rows = packPieces(pieces, this.#sequence + 1)
    return this.#shuffle ? shuffleInPlace(rows, mix(key, this.#pool)) : rows
  }

  /** Moves on to the next pool that has rows. */
  #skipEmpty(): void {
    for (let tried = 0; this.#next >= this.#rows.length; tried++) {
      if (tried > this.#pools)
        throw new TokenFileError(`${this.#file.path} has no document of two tokens or more to learn from`)
      this.#next = 0
      this.#pool++
      if (this.#pool >= this.#pools) {
        this.#pool = 0
        this.#epoch++
      }
      this.#rows = this.#build()
    }
  }

  fill(batch: Batch, row: number): void {
    const length = this.#sequence
    const pieces = this.#rows[this.#next++]
    let at = row * length
    for (const [number, piece] of pieces.entries()) {
      this.#place(batch, at, number, piece, (row + 1) * length)
      at += piece.length
    }
    for (let first = at; at < (row + 1) * length; at++) {
      batch.tokens[at] = this.#padding
      batch.targets[at] = this.#padding
      batch.documents[at] = pieces.length
      batch.positions[at] = at - first
    }
    this.#skipEmpty()
  }

  #place(batch: Batch, at: number, number: number, piece: Piece, end: number): void {
    const ids = this.#file.read(piece.start, piece.length)
    const learned = this.#file.readMask(piece.start, piece.length)
    for (let t = 0; t < piece.length && at + t < end; t++) {
      const last = t === piece.length - 1
      batch.tokens[at + t] = ids[t]
      batch.targets[at + t] = last ? this.#padding : ids[t + 1]
      batch.mask[at + t] = !last && (learned ? learned[t + 1] : 1) ? 1 : 0
      batch.documents[at + t] = number
      batch.positions[at + t] = t
    }
  }
}
