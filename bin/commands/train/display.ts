import { terminalText } from '#bin/terminal-text'
import type { GptConfig } from '#model/config'
import { parameterCount } from '#model/config'
import type { Mark } from '#train/flight-recorder'
import type { AnswerScore, EvaluationMetrics, Metrics, StepMetrics } from '#train/metrics'
import { duration } from '#train/planner'
import type { RunData } from '#train/run-data'
import type { Progress } from '#train/trainer'

interface Output {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

/** A run on the terminal: one line that moves where there is a terminal, a line now and then where there is none. */
export class TrainingDisplay {
  private readonly output: Output
  private moving = false
  private lastPlain = 0

  constructor(output: Output) {
    this.output = output
  }

  preparing(what: string, text: string): void {
    this.line(`preparing ${what}: ${text}`)
  }

  ready(ready: { config: GptConfig; data: RunData; peakFlops: number }): void {
    const { totals } = ready.data.manifest
    this.keep(
      `${(parameterCount(ready.config) / 1e6).toFixed(2)} M parameters; ${totals.documents} documents, ` +
        `${(totals.bytes / 1e6).toFixed(1)} MB, ${(totals.tokens / 1e6).toFixed(2)} M tokens; ` +
        `the machine reaches ${(ready.peakFlops / 1e9).toFixed(0)} GFLOP/s`,
    )
  }

  show(metrics: Metrics, progress: Progress): void {
    if (metrics.kind === 'step') this.line(stepLine(metrics, progress))
    else if (metrics.kind === 'sample')
      this.keep(
        `  ${terminalText(metrics.prompt.replaceAll('\n', ' ⏎ '))} ▸ ${terminalText(metrics.text.replaceAll('\n', ' ⏎ '))}`,
      )
    else for (const line of scoreLines(metrics)) this.keep(`step ${metrics.step}: ${line}`)
    const mark = markOf(metrics)
    if (mark) this.keep(`  ! ${mark.kind}: ${mark.reason}`)
  }

  /** Ends the moving line. */
  end(): void {
    if (this.moving) this.output.write('\n')
    this.moving = false
  }

  /** A line that stays. */
  keep(text: string): void {
    this.output.write(this.moving ? `\r\x1b[K${text}\n` : `${text}\n`)
    this.moving = false
  }

  private line(text: string): void {
    if (this.output.isTTY) {
      this.output.write(`\r\x1b[K${text.slice(0, (this.output.columns ?? 120) - 1)}`)
      this.moving = true
    } else if (Date.now() - this.lastPlain > 10_000) {
      this.lastPlain = Date.now()
      this.output.write(`${text}\n`)
    }
  }
}

const markOf = (metrics: Metrics): Mark | undefined =>
  metrics.kind === 'step' ? metrics.flight?.mark : metrics.kind === 'evaluation' ? metrics.answers?.mark : undefined

function scoreLines(metrics: EvaluationMetrics): string[] {
  const { answers, scores, preferences, retrieval } = metrics
  if (retrieval) return [retrievalLine(retrieval)]
  const texts = preferences || Object.keys(scores).length > 0 ? [scoreLine(metrics)] : []
  return answers ? [answerLine(answers), ...texts] : texts
}

const answerLine = ({ prompts, reward, exam, kl, length }: AnswerScore): string =>
  `${prompts} held-out prompts: reward ${reward.toFixed(3)}${exam === null ? '' : `, by the rules ${(exam * 100).toFixed(1)} % right`}, ` +
  `KL ${kl.toFixed(3)} a token, ${length.toFixed(0)} tokens an answer`

const retrievalLine = (retrieval: NonNullable<EvaluationMetrics['retrieval']>): string =>
  `neighbours found, first and in the first ten: ${Object.entries(retrieval)
    .map(([name, s]) => `${name} ${(s.at1 * 100).toFixed(1)} and ${(s.at10 * 100).toFixed(1)} % of ${s.pairs}`)
    .join(', ')}`

function scoreLine({ scores, preferences }: EvaluationMetrics): string {
  if (!preferences)
    return `bits per byte: ${Object.entries(scores)
      .map(([name, s]) => `${name} ${s.bitsPerByte.toFixed(3)}`)
      .join(', ')}`
  const share = (value: number) => (value * 100).toFixed(1)
  return `held-out pairs in the right order: ${Object.entries(preferences)
    .map(
      ([name, s]) =>
        `${name} ${share(s.accuracy)} % (${share(s.low)} to ${share(s.high)}, ${s.pairs} pairs, ECE ${s.ece.toFixed(3)})`,
    )
    .join(', ')}`
}

const barWidth = 24

function stepLine(m: StepMetrics, { step, steps, secondsLeft }: Progress): string {
  const filled = Math.round((step / steps) * barWidth)
  const bar = '●'.repeat(filled) + '·'.repeat(barWidth - filled)
  if (m.flight) return `${bar} ${step}/${steps}  ${flightLine(m.flight)}  ${duration(secondsLeft)} left`
  return (
    `${bar} ${step}/${steps}  loss ${m.loss.toFixed(3)}  ${m.tokensPerSecond.toFixed(0)} tokens/s ` +
    `(${shareOfPeak(m.utilisation)})  ‖g‖ ${m.gradientNorm.toFixed(2)}  ${duration(secondsLeft)} left`
  )
}

const flightLine = (f: NonNullable<StepMetrics['flight']>): string =>
  `reward ${f.reward.toFixed(3)}  KL ${f.kl.toFixed(3)}  H ${f.entropy.toFixed(2)}  ${f.length.toFixed(0)} tokens  ` +
  `clip ${(f.clipFraction * 100).toFixed(0)} %  ${f.rolloutTokensPerSecond.toFixed(0)} tokens/s written ` +
  `(${(f.rolloutShare * 100).toFixed(0)} % of the time)`

function shareOfPeak(share: number): string {
  return share > 1 ? 'peak was measured on a busy machine' : `${(share * 100).toFixed(0)} % of peak`
}
