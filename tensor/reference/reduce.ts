import { broadcastStrides, offsets, type Value } from './array.ts'
import { fromStart, type Interpretation, type Interpretations, intOf } from './rule.ts'

/** Folds each group of elements, beginning with `start`; `finish` sees how many there were. */
function reduction(
  start: number,
  step: (total: number, x: number) => number,
  finish: (total: number, count: number) => number = (total) => total,
): Interpretation {
  return (node, [x, axesInput]) => {
    const axes = Array.from(axesInput.data, (a) => fromStart(a, x.shape.length))
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    const size = kept.reduce((a, b) => a * b, 1)
    const totals = new Float64Array(size).fill(start)
    const counts = new Float64Array(size)
    const at = offsets(x.shape, broadcastStrides(kept, x.shape))
    for (let i = 0; i < at.length; i++) {
      totals[at[i]] = step(totals[at[i]], x.data[i])
      counts[at[i]]++
    }
    const shape = intOf(node, 'keepdims', 1) === 1 ? kept : x.shape.filter((_, i) => !axes.includes(i))
    return [{ shape, data: totals.map((t, i) => finish(t, counts[i])) }] satisfies Value[]
  }
}

export const reduce: Interpretations = {
  ReduceSum: reduction(0, (t, x) => t + x),
  ReduceMean: reduction(
    0,
    (t, x) => t + x,
    (t, count) => t / count,
  ),
  ReduceMax: reduction(Number.NEGATIVE_INFINITY, (t, x) => (x > t || Number.isNaN(x) ? x : t)),
  ReduceSumSquare: reduction(0, (t, x) => t + x * x),
}
