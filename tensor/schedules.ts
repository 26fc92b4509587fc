/** Learning rates over a run. */

export interface Schedule {
  kind: 'cosine' | 'wsd' | 'constant'
  peak: number
  /** The last rate, as a share of the peak. */
  final: number
  warmupSteps: number
  totalSteps: number
  /** Share of all steps that a WSD schedule spends falling. */
  decayShare: number
}

/**
 * The rate at a step counted from 0. Warm-up is linear; `cosine` then falls along half a cosine (Loshchilov 2017),
 * `wsd` stays and falls linearly at the end (Hu 2024, MiniCPM, section 4), `constant` stays.
 */
export function learningRate(step: number, schedule: Schedule): number {
  const { peak, warmupSteps, totalSteps } = schedule
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps
  if (schedule.kind === 'constant') return peak
  const low = peak * schedule.final
  const start = schedule.kind === 'wsd' ? Math.max(warmupSteps, totalSteps * (1 - schedule.decayShare)) : warmupSteps
  if (step < start) return peak
  const progress = Math.min(1, (step - start) / Math.max(1, totalSteps - start))
  const share = schedule.kind === 'wsd' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2
  return low + (peak - low) * share
}
