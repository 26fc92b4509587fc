/** How well scores order held-out pairs, and how far their margins can be believed. */

/** One pair's margin: the score of the better answer less that of the worse; `prompt` numbers what it is about. */
export interface MarginOf {
  prompt: number
  margin: number
  chosen: number
  rejected: number
}

export interface ReliabilityBin {
  /** Mean of σ(|margin|), the share of pairs that should be in the right order. */
  confidence: number
  /** The share that is. */
  accuracy: number
  pairs: number
}

export interface PreferenceScore {
  prompts: number
  pairs: number
  /** Mean −log σ(margin), in nats; ln 2 is chance. */
  loss: number
  /** Share of the pairs in the right order; equal scores count half. Chance is 0.5. */
  accuracy: number
  /** 95 % interval of the accuracy; pairs of one prompt are not taken for independent. */
  low: number
  high: number
  chosen: number
  rejected: number
  /** Expected calibration error over ten bins of equal width (Guo 2017, equation 3). */
  ece: number
  reliability: ReliabilityBin[]
}

const bins = 10

/** Scores margins; null where there are none. */
export function scorePairs(margins: readonly MarginOf[]): PreferenceScore | null {
  if (margins.length === 0) return null
  const mean = (of: (one: MarginOf) => number) => margins.reduce((sum, one) => sum + of(one), 0) / margins.length
  const accuracy = mean(rightness)
  const { low, high } = interval(margins, accuracy)
  const reliability = reliabilityOf(margins)
  return {
    prompts: new Set(margins.map(({ prompt }) => prompt)).size,
    pairs: margins.length,
    loss: mean(({ margin }) => Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)))),
    accuracy,
    low,
    high,
    chosen: mean(({ chosen }) => chosen),
    rejected: mean(({ rejected }) => rejected),
    ece: reliability.reduce(
      (sum, bin) => sum + (bin.pairs / margins.length) * Math.abs(bin.accuracy - bin.confidence),
      0,
    ),
    reliability,
  }
}

const rightness = ({ margin }: MarginOf): number => (margin > 0 ? 1 : margin < 0 ? 0 : 0.5)

/** Bins of the confidence from 0.5 to 1; empty ones are left out. */
function reliabilityOf(margins: readonly MarginOf[]): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ confidence: 0, accuracy: 0, pairs: 0 }))
  for (const one of margins) {
    const confidence = 1 / (1 + Math.exp(-Math.abs(one.margin)))
    const bin = sums[Math.min(bins - 1, Math.floor((confidence - 0.5) * 2 * bins))]
    bin.confidence += confidence
    bin.accuracy += rightness(one)
    bin.pairs++
  }
  return sums
    .filter(({ pairs }) => pairs > 0)
    .map(({ confidence, accuracy, pairs }) => ({ confidence: confidence / pairs, accuracy: accuracy / pairs, pairs }))
}

const z95 = 1.959963984540054

/**
 * Wilson's interval (1927) with the number of pairs divided by the design effect: how much more the accuracy varies between
 * prompts than it would if all pairs were independent (Kish 1965, section 5.4), at least 1.
 */
function interval(margins: readonly MarginOf[], accuracy: number): { low: number; high: number } {
  const n = margins.length
  const byPrompt = new Map<number, number>()
  for (const one of margins) byPrompt.set(one.prompt, (byPrompt.get(one.prompt) ?? 0) + rightness(one) - accuracy)
  const clustered = [...byPrompt.values()].reduce((sum, residual) => sum + residual ** 2, 0)
  const independent = margins.reduce((sum, one) => sum + (rightness(one) - accuracy) ** 2, 0)
  const effect = independent > 0 ? Math.max(1, clustered / independent) : n / byPrompt.size
  return wilson(accuracy, n / effect)
}

/** Wilson's score interval of a share among `n` (Wilson 1927). */
export function wilson(share: number, n: number, z = z95): { low: number; high: number } {
  const centre = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n)
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}
