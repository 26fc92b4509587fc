import type { Shape } from '#tensor/graph'
import { sizeOf } from '#tensor/graph'

/** By name and size: a micro-batch of more rows has larger masks. */
const arrays = new Map<string, Float32Array>()

/**
 * Dropout masks for one micro-batch: 0 with the given probability, else 1 / (1 − probability). They depend on the seed
 * and the site alone, so a resumed run drops what an uninterrupted one drops.
 */
export function fillDropout(masks: ReadonlyMap<string, Shape>, probability: number, seed: number) {
  const threshold = Math.round(probability * 2 ** 32)
  const kept = 1 / (1 - probability)
  const filled: Record<string, Float32Array> = {}
  for (const [name, shape] of masks) {
    const size = sizeOf(shape)
    const array = arrays.get(`${name} ${size}`) ?? new Float32Array(size)
    arrays.set(`${name} ${size}`, array)
    filled[name] = array
    let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(Number(name.split('.')[1]) + 1, 0x85ebca6b)) >>> 0 || 1
    for (let i = 0; i < size; i++) {
      // xorshift32 (Marsaglia 2003, section 3)
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      array[i] = state >>> 0 < threshold ? 0 : kept
    }
  }
  return filled
}
