/** Intervals. Shares have Wilson's score interval; everything else is resampled, with a seed, so that it comes out the same. */

export interface Interval {
  low: number
  high: number
}

const z95 = 1.959963984540054

/** The 95 % score interval of a share (Wilson 1927). */
export function wilson(right: number, of: number): Interval {
  if (of === 0) return { low: 0, high: 1 }
  const share = right / of
  const centre = (share + (z95 * z95) / (2 * of)) / (1 + (z95 * z95) / of)
  const half = (z95 * Math.sqrt((share * (1 - share)) / of + (z95 * z95) / (4 * of * of))) / (1 + (z95 * z95) / of)
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/** Numbers in [0, 1) from a seed (Mulberry32, which is in the public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface BootstrapOptions {
  resamples?: number
  seed?: number
}

/**
 * The 95 % percentile interval of a statistic over resampled items (Efron 1979). Where the statistic of a resample is no
 * number, as a correlation of equal values, the resample is left out.
 */
export function bootstrap<T>(
  items: readonly T[],
  statistic: (sample: readonly T[]) => number,
  { resamples = 1000, seed = 1 }: BootstrapOptions = {},
): Interval {
  if (items.length === 0) return { low: Number.NaN, high: Number.NaN }
  const random = randomFrom(seed)
  const sample = new Array<T>(items.length)
  const values: number[] = []
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < items.length; i++) sample[i] = items[Math.floor(random() * items.length)]
    const value = statistic(sample)
    if (Number.isFinite(value)) values.push(value)
  }
  values.sort((a, b) => a - b)
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) }
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7, as NumPy has it). */
export function quantile(sorted: readonly number[], q: number): number {
  if (sorted.length === 0) return Number.NaN
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

export function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
