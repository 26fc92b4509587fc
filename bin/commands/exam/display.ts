import { table } from '#bin/table'
import type { ExamProgress, ExamResult } from '#exam/run'

interface Output {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
}

const barWidth = 24
const plainEveryMs = 10_000
const movingEveryMs = 100

/** An exam on the terminal: one line that moves where there is a terminal, a line now and then where there is none. */
export class ExamDisplay {
  readonly #output: Output
  #began = performance.now()
  #last = Number.NEGATIVE_INFINITY
  #moving = false

  constructor(output: Output) {
    this.#output = output
  }

  show({ task, examinee, done, of, kept }: ExamProgress): void {
    if (done === kept + 1) this.#began = performance.now()
    const filled = Math.round((done / of) * barWidth)
    const seconds = (performance.now() - this.#began) / 1000
    const left = done - kept > 3 ? `  ${clock((seconds / (done - kept)) * (of - done))} left` : ''
    this.line(
      `${'●'.repeat(filled)}${'·'.repeat(barWidth - filled)} ${done}/${of}${left}  ${task}  ${examinee}`,
      done === of,
    )
  }

  /** A line in the place of the last one, not too often. */
  line(text: string, always = false): void {
    const now = performance.now()
    if (!always && now - this.#last < (this.#output.isTTY ? movingEveryMs : plainEveryMs)) return
    this.#last = now
    if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[K${text.slice(0, (this.#output.columns ?? 120) - 1)}`)
      this.#moving = true
    } else this.#output.write(`${text}\n`)
  }

  keep(text: string): void {
    this.#output.write(this.#moving ? `\r\x1b[K${text}\n` : `${text}\n`)
    this.#moving = false
  }

  end(): void {
    if (this.#moving) this.#output.write('\n')
    this.#moving = false
  }
}

const clock = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`

/** The main figures as a table for the terminal. */
export function summary({ results, comparisons, contamination }: ExamResult): string {
  const shown = (value: number, unit: string) =>
    !Number.isFinite(value) ? '–' : unit === 'share' ? `${(value * 100).toFixed(1)} %` : value.toFixed(3)
  const rows = [
    ...results.flatMap(({ task, examinee, figures }) =>
      figures.filter(({ main }) => main).map((figure) => ({ task, examinee, figure })),
    ),
    ...comparisons.flatMap(({ task, figures }) =>
      figures.map((figure) => ({ task, examinee: 'first against second', figure })),
    ),
  ].map(({ task, examinee, figure: { name, value, low, high, n, chance, unit } }) => [
    task,
    examinee,
    name,
    shown(value, unit),
    `${shown(low, unit)} to ${shown(high, unit)}`,
    String(n),
    chance === null ? '' : shown(chance, unit),
  ])
  const head = ['task', 'model', 'figure', 'value', '95 % interval', 'n', 'chance']
  const marked = contamination
    ? `\n\n${contamination.found.length} of ${contamination.checked} items stand in training documents.`
    : ''
  return table([head, ...rows], { right: [3, 4, 5, 6] }) + marked
}
