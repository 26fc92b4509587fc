/**
 * Deterministic order. Everything here is a pure function of a seed, so that a run resumed on the same data sees the
 * same rows: nothing keeps a generator's state.
 */

/** A 32-bit hash of two 32-bit words (the finalizer of MurmurHash3 over their combination). */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35)
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  h ^= h >>> 16
  return h >>> 0
}

/** A 32-bit hash of a string (FNV-1a over UTF-16 units, then mixed): turns names and hashes into seeds. */
export function seedOf(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix(h, text.length)
}

/** A small generator for one local use (mulberry32): returns numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Fisher-Yates in place, the same order for the same seed. */
export function shuffleInPlace<T>(items: T[], seed: number): T[] {
  const random = seededRandom(seed)
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = items[i]
    items[i] = items[j]
    items[j] = held
  }
  return items
}

const largestPermutation = 2 ** 40

/**
 * Where `index` goes in a pseudorandom permutation of 0..size-1. Takes no memory whatever the size: four Feistel rounds
 * over the next even power of two, walked until the value falls inside. Throws for sizes beyond 2^40.
 */
export function permuted(index: number, size: number, seed: number): number {
  if (!Number.isInteger(size) || size < 1 || size > largestPermutation)
    throw new RangeError(`permuted: size must be a whole number from 1 to 2^40, got ${size}`)
  if (!Number.isInteger(index) || index < 0 || index >= size)
    throw new RangeError(`permuted: index must be within 0..${size - 1}, got ${index}`)
  let half = 1
  while (2 ** (2 * half) < size) half++
  const side = 2 ** half
  let value = index
  do {
    let left = Math.floor(value / side)
    let right = value % side
    for (let round = 0; round < 4; round++) {
      const swapped = left ^ (mix(right, mix(seed, round)) & (side - 1))
      left = right
      right = swapped
    }
    value = left * side + right
  } while (value >= size)
  return value
}
