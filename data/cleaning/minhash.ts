import { mix } from '#data/shuffle'

/** Bins of a signature; each keeps the lowest 8 bits of its minimum (b-bit minwise hashing, Li and König 2010). */
export const signatureLength = 128
/** Bands of four bins: two texts of similarity 0.8 share one with probability above 0.999. */
export const bandCount = 16

const shingleLength = 5
const base = 0x01000193
/** base^shingleLength, to take the character that leaves out of the rolling hash. */
const leaving = Array.from({ length: shingleLength }).reduce<number>((power) => Math.imul(power, base), 1)

/** One-permutation MinHash over character 5-grams, so that Chinese needs no word breaks. */
export class MinHasher {
  /** 5-grams of the last text. */
  shingles = 0
  #minima = new Uint32Array(signatureLength)
  #window = new Uint16Array(shingleLength)

  /** The signature of a text: letter case and the amount of white space do not count. */
  signature(text: string): Uint8Array {
    const minima = this.#minima.fill(0xffffffff)
    const window = this.#window.fill(0)
    let hash = 0
    let count = 0
    let spaced = true
    for (let i = 0; i < text.length; i++) {
      let unit = text.charCodeAt(i)
      if (unit >= 65 && unit <= 90) unit += 32
      const space = unit <= 32 || unit === 0x3000 || unit === 0xa0
      if (space && spaced) continue
      spaced = space
      if (space) unit = 32
      const place = count % shingleLength
      hash = (Math.imul(hash, base) + unit - Math.imul(window[place], leaving)) | 0
      window[place] = unit
      count++
      if (count >= shingleLength) {
        let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
        h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
        h ^= h >>> 16
        const bin = h & (signatureLength - 1)
        // The bits that choose the bin say nothing within it.
        const rest = h >>> 7
        if (rest < minima[bin]) minima[bin] = rest
      }
    }
    this.shingles = Math.max(0, count - shingleLength + 1)
    return this.#densified(minima)
  }

  /** Empty bins borrow from bins chosen by hash (optimal densification, Shrivastava 2017): short texts compare fairly. */
  #densified(minima: Uint32Array): Uint8Array {
    const signature = new Uint8Array(signatureLength)
    if (this.shingles === 0) return signature
    for (let bin = 0; bin < signatureLength; bin++) {
      let from = bin
      for (let attempt = 1; minima[from] === 0xffffffff && attempt < 4096; attempt++)
        from = mix(bin, attempt) & (signatureLength - 1)
      signature[bin] = mix(minima[from], 0) & 0xff
    }
    return signature
  }
}

/** Estimated Jaccard similarity of two texts from their signatures, 8-bit coincidences taken out. */
export function similarity(a: Uint8Array, b: Uint8Array): number {
  let equal = 0
  for (let i = 0; i < signatureLength; i++) if (a[i] === b[i]) equal++
  const chance = 1 / 256
  return (equal / signatureLength - chance) / (1 - chance)
}
