import { type BatchSizes, batchBounds, type EngineStats } from '#serve/engine'

export const emptyStats: EngineStats = {
  requests: 0,
  cancelled: 0,
  failed: 0,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  computedTokens: 0,
  cacheBytes: 0,
}

export function sumStats(all: readonly EngineStats[]): EngineStats {
  const sum = { ...emptyStats }
  for (const one of all) for (const key of Object.keys(sum) as (keyof EngineStats)[]) sum[key] += one[key]
  return sum
}

export const noBatches: BatchSizes = { counts: Array(batchBounds.length + 1).fill(0), sum: 0 }

/** Of engines that compute by themselves; the others say null. */
export function sumBatches(all: readonly (BatchSizes | null)[]): BatchSizes {
  const known = all.filter((each) => each !== null)
  return {
    counts: noBatches.counts.map((_, at) => known.reduce((total, { counts }) => total + counts[at], 0)),
    sum: known.reduce((total, { sum }) => total + sum, 0),
  }
}
