import { HashSet } from './cleaning/hash-set.ts'
import { bandCount, MinHasher, signatureLength, similarity } from './cleaning/minhash.ts'

export interface DuplicateOptions {
  /** Estimated Jaccard similarity of character 5-grams from which two texts count as the same (default 0.8). */
  threshold?: number
  /** Near-duplicates are found at least this many documents back (default 500,000). */
  window?: number
}

/** How a text was seen before, if it was. */
export type Seen = 'new' | 'exact' | 'near'

/** Texts with fewer 5-grams than this are compared exactly alone: a small change is a large part of them. */
const fewestShingles = 40

/** The most documents of one band key that are compared: bounds the time on boilerplate. */
const mostCandidates = 16

/** Signatures of up to `window` documents, found again by their bands. */
class Generation {
  count = 0
  #signatures: Uint8Array
  /** One open-addressed table per band: document number + 1, or 0. */
  #tables: Uint32Array[]
  #slots: number

  constructor(capacity: number) {
    this.#slots = 2 ** Math.ceil(Math.log2(capacity * 2))
    this.#signatures = new Uint8Array(capacity * signatureLength)
    this.#tables = Array.from({ length: bandCount }, () => new Uint32Array(this.#slots))
  }

  get capacity(): number {
    return this.#slots / 2
  }

  /** A generation of twice the capacity with the same documents. */
  grown(): Generation {
    const larger = new Generation(this.capacity * 2)
    for (let i = 0; i < this.count; i++) larger.add(this.#signature(i))
    return larger
  }

  #signature(number: number): Uint8Array {
    return this.#signatures.subarray(number * signatureLength, (number + 1) * signatureLength)
  }

  #slotOf(signature: Uint8Array, band: number): number {
    const at = band * 4
    const key = signature[at] | (signature[at + 1] << 8) | (signature[at + 2] << 16) | (signature[at + 3] << 24)
    return (Math.imul(key, 0x9e3779b1) >>> 0) % this.#slots
  }

  #sameBand(a: Uint8Array, b: Uint8Array, band: number): boolean {
    const at = band * 4
    return a[at] === b[at] && a[at + 1] === b[at + 1] && a[at + 2] === b[at + 2] && a[at + 3] === b[at + 3]
  }

  add(signature: Uint8Array): void {
    const number = this.count++
    this.#signatures.set(signature, number * signatureLength)
    for (const [band, table] of this.#tables.entries()) {
      let slot = this.#slotOf(signature, band)
      let same = 0
      while (table[slot] !== 0) {
        if (this.#sameBand(this.#signature(table[slot] - 1), signature, band) && ++same >= mostCandidates) break
        slot = (slot + 1) % this.#slots
      }
      if (table[slot] === 0) table[slot] = number + 1
    }
  }

  /** Whether a document of at least this similarity is held. */
  has(signature: Uint8Array, threshold: number): boolean {
    for (const [band, table] of this.#tables.entries()) {
      for (let slot = this.#slotOf(signature, band); table[slot] !== 0; slot = (slot + 1) % this.#slots) {
        const other = this.#signature(table[slot] - 1)
        if (this.#sameBand(other, signature, band) && similarity(other, signature) >= threshold) return true
      }
    }
    return false
  }
}

/**
 * Recognises texts seen before: exactly, by a 52-bit hash (20 to 40 bytes a document, for ever; one false match is
 * expected in some 90 million documents), and nearly, by MinHash with locality-sensitive hashing (Broder 1997; Li, Owen
 * and Zhang 2012 for one permutation). Near-duplicates are kept in two generations of `window` documents, at most 256
 * to 384 bytes each: 384 MB at the default window, and far less for smaller corpora.
 */
export class Duplicates {
  readonly threshold: number
  readonly window: number
  #exact = new HashSet()
  #hasher = new MinHasher()
  #current = new Generation(1024)
  #previous: Generation | undefined

  constructor({ threshold = 0.8, window = 500_000 }: DuplicateOptions = {}) {
    if (!(threshold > 0 && threshold <= 1))
      throw new RangeError(`threshold must be above 0 and at most 1, got ${threshold}`)
    if (!Number.isInteger(window) || window < 1) throw new RangeError(`window must be at least 1, got ${window}`)
    this.threshold = threshold
    this.window = window
  }

  /**
   * Looks a text up and remembers it where it is new. `sha256` is the hash of the text in hexadecimal; `near: false`
   * compares exactly alone, for texts from templates that differ where it matters (sums, names).
   */
  check(text: string, sha256: string, near = true): Seen {
    if (!this.#exact.add(Number.parseInt(sha256.slice(0, 13), 16))) return 'exact'
    if (!near) return 'new'
    const signature = this.#hasher.signature(text)
    if (this.#hasher.shingles < fewestShingles) return 'new'
    if (this.#current.has(signature, this.threshold) || this.#previous?.has(signature, this.threshold)) return 'near'
    if (this.#current.count >= this.window) {
      this.#previous = this.#current
      this.#current = new Generation(1024)
    } else if (this.#current.count >= this.#current.capacity) this.#current = this.#current.grown()
    this.#current.add(signature)
    return 'new'
  }
}
