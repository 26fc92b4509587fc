/** What a chart needs of numbers: fewer of them, smoother ones, and round values for its axes. */

export interface Point {
  x: number
  y: number
}

/** Points whose coordinates are numbers; JSON writes NaN and infinities as null. */
export const finite = (points: readonly Point[]): Point[] =>
  points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))

/**
 * At most `most` points, in order: of each stretch the lowest and the highest stay, so that no spike is lost, and the
 * first and the last point of all.
 */
export function decimate(points: readonly Point[], most = 800): Point[] {
  if (points.length <= most) return [...points]
  const inner = points.slice(1, -1)
  const buckets = Math.floor((most - 2) / 2)
  const kept = [points[0]]
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * inner.length) / buckets)
    const to = Math.floor(((b + 1) * inner.length) / buckets)
    let low = from
    let high = from
    for (let i = from; i < to; i++) {
      if (inner[i].y < inner[low].y) low = i
      if (inner[i].y > inner[high].y) high = i
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) kept.push(inner[i])
  }
  return [...kept, points[points.length - 1]]
}

/** Moving average over about the last `span` points, exponential; over fewer at the beginning, where a curve falls fast. */
export function smoothed(points: readonly Point[], span: number): Point[] {
  let mean = 0
  return points.map(({ x, y }, i) => {
    mean += (y - mean) / Math.min(Math.max(1, span), 1 + i / 4)
    return { x, y: mean }
  })
}

/** About `count` round values (1, 2 or 5 times a power of ten apart) within a range. */
export function ticks(low: number, high: number, count = 5): number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** Round values for a logarithmic axis; linear ones where the range is too narrow for three. */
export function logTicks(low: number, high: number): number[] {
  const all: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const factor of [1, 2, 5]) all.push(Number((factor * 10 ** power).toPrecision(6)))
  const within = all.filter((value) => value >= low && value <= high)
  if (within.length < 3) return ticks(low, high, 4).filter((value) => value > 0)
  const tens = within.filter((value) => Number.isInteger(Number(Math.log10(value).toFixed(9))))
  return within.length > 7 && tens.length > 1 ? tens : within
}
