import type { EngineStats } from '#serve/engine'

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
