import { join } from 'node:path'
import { type EvaluationMetrics, readMetrics } from '#train/metrics'

type Scores = NonNullable<EvaluationMetrics['preferences']>

export type RewardMarks = { source: string } & Scores[string]

/** How well a finished reward model orders held-out pairs, source by source, as its run measured at its end. */
export function rewardMarks(run: string): RewardMarks[] {
  const last = readMetrics(join(run, 'metrics.jsonl')).findLast(
    (metrics): metrics is EvaluationMetrics => metrics.kind === 'evaluation',
  )
  return Object.entries(last?.preferences ?? {}).map(([source, score]) => ({ source, ...score }))
}
