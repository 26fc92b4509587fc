/** How often each query's own target is found among all of them, and how far two ways of finding differ. */
export interface Found {
  at1: number
  at10: number
}

/** The rank of each query's target by a way of scoring; of equals it is the last: who cannot tell has not found it. */
export function ranksBy(count: number, scores: (query: number) => ArrayLike<number>): number[] {
  return Array.from({ length: count }, (_, own) => {
    const all = scores(own)
    let before = 0
    for (let at = 0; at < count; at++) if (at !== own && all[at] >= all[own]) before++
    return before
  })
}

export const recall = (ranks: readonly number[], most: number): number =>
  ranks.filter((rank) => rank < most).length / ranks.length

/** By how much the first finds more often than the second: the mean over queries, and its 95 % interval. */
export function difference(first: readonly number[], second: readonly number[], most: number) {
  const each = first.map((rank, at) => Number(rank < most) - Number(second[at] < most))
  const mean = each.reduce((sum, value) => sum + value, 0) / each.length
  const variance = each.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (each.length - 1)
  const reach = 1.96 * Math.sqrt(variance / each.length)
  return { mean, low: mean - reach, high: mean + reach }
}

/** The share of pairs, one of which says the same and one of which does not, whose cosines are in the right order. */
export function orderOf(same: readonly number[], other: readonly number[]): number {
  let right = 0
  for (const one of same) for (const two of other) right += one > two ? 1 : one === two ? 0.5 : 0
  return right / (same.length * other.length)
}
