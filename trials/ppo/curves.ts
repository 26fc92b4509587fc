/** Learning curves over several seeds: the returns of episodes by the steps after which they ended. */

export interface Ended {
  steps: number
  total: number
}

export interface Point {
  mean: number
  lowest: number
  highest: number
}

/** One point for each equal part of the steps. */
export type Curve = readonly Point[]

/**
 * The mean return of the episodes that ended in each part, seed by seed, and then its mean, lowest and highest over the
 * seeds. A part in which no episode ended has the value before it. Throws a RangeError where a seed has no episode.
 */
export function curveOf(runs: readonly { episodes: readonly Ended[] }[], steps: number, parts: number): Curve {
  const bySeed = runs.map(({ episodes }) => {
    if (episodes.length === 0) throw new RangeError('curveOf: a seed has no episode that ended')
    let last = episodes[0].total
    return Array.from({ length: parts }, (_, part) => {
      const inside = episodes.filter((each) => Math.ceil((each.steps * parts) / steps) - 1 === part)
      if (inside.length > 0) last = inside.reduce((total, each) => total + each.total, 0) / inside.length
      return last
    })
  })
  return Array.from({ length: parts }, (_, part) => {
    const values = bySeed.map((seed) => seed[part])
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    return { mean, lowest: Math.min(...values), highest: Math.max(...values) }
  })
}

/** The area under the mean, on a scale where no skill is 0 and perfect skill is 1. */
export function areaOf(curve: Curve, [none, perfect]: readonly [number, number]): number {
  return curve.reduce((total, { mean }) => total + (mean - none) / (perfect - none), 0) / curve.length
}

/** One line for each curve: "10000 steps 25 (20 to 31)", part by part. */
export function showCurves(task: string, steps: number, curves: readonly { name: string; curve: Curve }[]): string[] {
  return curves.map(({ name, curve }) => {
    const points = curve.map(({ mean, lowest, highest }, part) => {
      const at = Math.round(((part + 1) * steps) / curve.length)
      return `${at} steps ${mean.toFixed(0)} (${lowest.toFixed(0)} to ${highest.toFixed(0)})`
    })
    return `${task}, ${name}, mean return while exploring (lowest to highest seed): ${points.join(', ')}`
  })
}
