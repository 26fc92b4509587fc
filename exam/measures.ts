/** Figures over many answers, as GLUE (Wang et al. 2018) and CLUE (Xu et al. 2020) report them. */

/** A class that was right and the one that was said, by number. */
export interface Sorted {
  right: number
  said: number
}

export const accuracy = (pairs: readonly Sorted[]): number =>
  pairs.reduce((sum, { right, said }) => sum + Number(right === said), 0) / pairs.length

/** F1 of one class: 2 TP / (2 TP + FP + FN); 0 where the class is neither there nor said. */
export function f1(pairs: readonly Sorted[], positive: number): number {
  let [hits, false_, missed] = [0, 0, 0]
  for (const { right, said } of pairs) {
    if (said === positive && right === positive) hits++
    else if (said === positive) false_++
    else if (right === positive) missed++
  }
  return hits === 0 ? 0 : (2 * hits) / (2 * hits + false_ + missed)
}

/**
 * Matthews' correlation, for two classes or more (Gorodkin 2004, as scikit-learn computes it); 0 where all is of one
 * class.
 */
export function matthews(pairs: readonly Sorted[], classes: number): number {
  const [there, told] = [new Float64Array(classes), new Float64Array(classes)]
  let hits = 0
  for (const { right, said } of pairs) {
    there[right]++
    if (said >= 0) told[said]++
    if (right === said) hits++
  }
  const n = pairs.length
  const products = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0)
  const spread = (n * n - products(told, told)) * (n * n - products(there, there))
  return spread === 0 ? 0 : (hits * n - products(told, there)) / Math.sqrt(spread)
}

export type Pair = readonly [number, number]

/** Pearson's correlation; NaN where either is constant. */
export function pearson(pairs: readonly Pair[]): number {
  const n = pairs.length
  const [meanX, meanY] = [0, 1].map((side) => pairs.reduce((sum, pair) => sum + pair[side], 0) / n)
  let [xy, xx, yy] = [0, 0, 0]
  for (const [x, y] of pairs) {
    xy += (x - meanX) * (y - meanY)
    xx += (x - meanX) ** 2
    yy += (y - meanY) ** 2
  }
  return xx === 0 || yy === 0 ? Number.NaN : xy / Math.sqrt(xx * yy)
}

/** Spearman's correlation: Pearson's of the ranks, equal values having the mean of theirs. */
export function spearman(pairs: readonly Pair[]): number {
  const xs = ranks(pairs.map(([x]) => x))
  const ys = ranks(pairs.map(([, y]) => y))
  return pearson(xs.map((x, i) => [x, ys[i]] as const))
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const out = new Array<number>(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++
    for (let i = from; i <= to; i++) out[order[i]] = (from + to) / 2 + 1
    from = to + 1
  }
  return out
}

/**
 * The chance that at least one of `k` answers passes, estimated without bias from `n` of which `passed` did: 1 less
 * C(n − passed, k) / C(n, k) (Chen et al. 2021, section 2.1).
 */
export function passAtK(n: number, passed: number, k: number): number {
  if (n - passed < k) return 1
  let none = 1
  for (let i = n - passed + 1; i <= n; i++) none *= 1 - k / i
  return 1 - none
}
