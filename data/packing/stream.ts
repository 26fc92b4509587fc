import { mix, permuted } from '#data/shuffle'
import { type TokenFile, TokenFileError } from '#data/token-file'
import type { Batch, RowSource } from './row.ts'

/**
 * The file as one long line of tokens, cut into windows of `sequence` inputs. Each epoch shifts the cuts by a seeded
 * offset and visits the windows in a seeded permutation; every row is a function of (seed, row number).
 */
export class StreamRows implements RowSource {
  #file: TokenFile
  #sequence: number
  #seed: number
  #shuffle: boolean
  #windows: number
  #slack: number
  #row = 0

  constructor(file: TokenFile, sequence: number, seed: number, shuffle: boolean) {
    const { tokens } = file.index
    if (tokens < sequence + 1)
      throw new TokenFileError(
        `${file.path} holds ${tokens} tokens, fewer than the ${sequence + 1} of one row: lower sequence or add text`,
      )
    this.#file = file
    this.#sequence = sequence
    this.#seed = seed
    this.#shuffle = shuffle
    const most = Math.floor((tokens - 1) / sequence)
    const room = tokens - 1 - most * sequence
    // Giving up one window lets the cuts move freely; with a single window they only have the remainder.
    const free = shuffle && most > 1
    this.#windows = free ? most - 1 : most
    this.#slack = free ? sequence : shuffle ? room + 1 : 1
  }

  get epochs(): number {
    return this.#row / this.#windows
  }

  state(): number[] {
    return [this.#row]
  }

  restore(state: number[]): void {
    this.#row = state[0]
  }

  #start(): number {
    const epoch = Math.floor(this.#row / this.#windows)
    const within = this.#row - epoch * this.#windows
    if (!this.#shuffle) return within * this.#sequence
    const key = mix(this.#seed, epoch)
    return permuted(within, this.#windows, key) * this.#sequence + (mix(key, 1) % this.#slack)
  }

  fill(batch: Batch, row: number): void {
    const length = this.#sequence
    const start = this.#start()
    this.#row++
    const { starts, index } = this.#file
    const ids = this.#file.read(start, length + 1)
    const learned = this.#file.readMask(start, length + 1)
    let document = this.#file.documentAt(start)
    let number = 0
    let first = 0
    for (let t = 0; t < length; t++) {
      const at = row * length + t
      batch.tokens[at] = ids[t]
      batch.targets[at] = ids[t + 1]
      batch.documents[at] = number
      batch.positions[at] = t - first
      const crosses = start + t + 1 >= starts[document + 1]
      // The start of another document cannot be foreseen; that this one ends (its separator) can.
      const foreseeable = !crosses || ids[t + 1] === index.separator
      batch.mask[at] = foreseeable && (learned ? learned[t + 1] : 1) ? 1 : 0
      if (!crosses) continue
      while (start + t + 1 >= starts[document + 1] && document + 1 < index.documents) document++
      number++
      first = t + 1
    }
  }
}
