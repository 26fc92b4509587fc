/** Finds how far down a falling order one must go, without sorting: quickselect over token ids, by weight. */

export interface Boundary {
  /** The last token that is still in. */
  id: number
  logit: number
}

/** Whether a token is above the other: the larger logit, or the lower id of equals. */
const above = (a: number, b: number, logits: Float32Array): boolean =>
  logits[a] > logits[b] || (logits[a] === logits[b] && a < b)

/**
 * Of the first `count` of `ids`, which it reorders, the token at which the weights, added up from the largest logit
 * down, reach `target`; the last token where they never do. `weights` null counts tokens.
 */
export function findBoundary(
  ids: Int32Array,
  count: number,
  logits: Float32Array,
  weights: Float64Array | null,
  target: number,
): Boundary {
  let low = 0
  let high = count
  let reached = 0
  while (high - low > 1) {
    const pivot = medianOfThree(ids[low], ids[(low + high) >> 1], ids[high - 1], logits)
    const { split, weight } = partition(ids, low, high, pivot, logits, weights)
    const own = weights ? weights[pivot] : 1
    if (reached + weight >= target && split > low) high = split
    else if (reached + weight + own >= target || split === high - 1) return { id: pivot, logit: logits[pivot] }
    else {
      reached += weight + own
      low = split + 1
    }
  }
  return { id: ids[low], logit: logits[ids[low]] }
}

/** Brings what is above the pivot before it; returns the pivot's place and the weight before it. */
function partition(
  ids: Int32Array,
  low: number,
  high: number,
  pivot: number,
  logits: Float32Array,
  weights: Float64Array | null,
): { split: number; weight: number } {
  const height = logits[pivot]
  let split = low
  let weight = 0
  let pivotAt = low
  for (let at = low; at < high; at++) {
    const id = ids[at]
    const logit = logits[id]
    if (logit > height || (logit === height && id < pivot)) {
      ids[at] = ids[split]
      ids[split] = id
      if (pivotAt === split) pivotAt = at
      weight += weights ? weights[id] : 1
      split++
    } else if (id === pivot) pivotAt = at
  }
  ids[pivotAt] = ids[split]
  ids[split] = pivot
  return { split, weight }
}

function medianOfThree(a: number, b: number, c: number, logits: Float32Array): number {
  if (above(a, b, logits)) {
    if (above(b, c, logits)) return b
    return above(a, c, logits) ? c : a
  }
  if (above(a, c, logits)) return a
  return above(b, c, logits) ? c : b
}
