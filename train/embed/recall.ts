/** How often a text's partner is found among all partners by the cosine of their vectors. */
export interface RetrievalScore {
  pairs: number
  /** Share of queries whose partner comes first, and within the first ten. */
  at1: number
  at10: number
  /** The same with vectors cut to their shortest length. */
  shortest: { dimensions: number; at1: number; at10: number }
}

/** `texts`: pairs of vectors of a width, all queries in one array and their targets in another, not yet of length 1. */
export function scoreRetrieval(
  queries: Float32Array,
  targets: Float32Array,
  width: number,
  shortest: number,
): RetrievalScore {
  const pairs = queries.length / width
  const within = (dimensions: number) => {
    const ranks = ranksOf(unitRows(queries, width, dimensions), unitRows(targets, width, dimensions), dimensions)
    const share = (most: number) => ranks.filter((rank) => rank < most).length / pairs
    return { at1: share(1), at10: share(10) }
  }
  return { pairs, ...within(width), shortest: { dimensions: shortest, ...within(shortest) } }
}

function unitRows(rows: Float32Array, width: number, dimensions: number): Float32Array {
  const count = rows.length / width
  const units = new Float32Array(count * dimensions)
  for (let row = 0; row < count; row++) {
    let squares = 0
    for (let at = 0; at < dimensions; at++) squares += rows[row * width + at] ** 2
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
    for (let at = 0; at < dimensions; at++) units[row * dimensions + at] = rows[row * width + at] * scale
  }
  return units
}

/** How many others come before each query's own target; equals come before it: who cannot tell has not found it. */
function ranksOf(queries: Float32Array, targets: Float32Array, dimensions: number): number[] {
  const count = queries.length / dimensions
  const cosine = (query: number, target: number) => {
    let total = 0
    for (let at = 0; at < dimensions; at++)
      total += queries[query * dimensions + at] * targets[target * dimensions + at]
    return total
  }
  return Array.from({ length: count }, (_, query) => {
    const own = cosine(query, query)
    let before = 0
    for (let other = 0; other < count; other++) if (other !== query && cosine(query, other) >= own) before++
    return before
  })
}
