/** What is left of the limits on requests and tokens, as OpenAI's headers tell it. */
export interface Rate {
  limit: number
  left: number
  /** Until the limit counts anew. */
  resetMs: number
}

export interface Rates {
  requests: Rate | null
  tokens: Rate | null
}

interface Counted {
  metric: string
  until: number
  maximum: number
}

/** Of several limits on the same, the one of which the least is left. */
export function ratesOf(charges: readonly Counted[], left: readonly number[], now: number): Rates {
  const tightest = (wanted: string): Rate | null => {
    const all = charges.flatMap(({ metric, until, maximum }, at) =>
      metric === wanted ? [{ limit: maximum, left: left[at], resetMs: Math.max(0, until - now) }] : [],
    )
    return all.toSorted((a, b) => a.left - b.left).at(0) ?? null
  }
  return { requests: tightest('requests'), tokens: tightest('tokens') }
}

export function rateHeaders(rates: Rates): Record<string, string> {
  return Object.fromEntries(
    (['requests', 'tokens'] as const).flatMap((what) => {
      const rate = rates[what]
      if (rate === null) return []
      return [
        [`x-ratelimit-limit-${what}`, String(rate.limit)],
        [`x-ratelimit-remaining-${what}`, String(rate.left)],
        [`x-ratelimit-reset-${what}`, durationText(rate.resetMs)],
      ]
    }),
  )
}

/** `12ms`, `1.5s`, `6m0s`, `4h12m0s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  if (ms < 60_000) return `${Math.round(ms) / 1000}s`
  const seconds = Math.ceil(ms / 1000)
  const hours = Math.floor(seconds / 3600)
  return `${hours > 0 ? `${hours}h` : ''}${Math.floor((seconds % 3600) / 60)}m${seconds % 60}s`
}
