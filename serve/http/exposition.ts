/** Counters, gauges and histograms in Prometheus' text format 0.0.4: as much of it as this server says. */

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = Readonly<Record<string, string>>

const series = (name: string, labels: Labels): string => {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

const escaped = (text: string): string => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))

const written = (value: number): string => {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

/** One metric with its heading. `samples` are its lines: a series and its value each. */
function family(name: string, kind: string, help: string, samples: readonly (readonly [string, number])[]): string {
  const heading = help.replace(/[\\\n]/g, (c) => (c === '\n' ? '\\n' : '\\\\'))
  const lines = samples.map(([key, value]) => `${key} ${written(value)}\n`)
  return `# HELP ${name} ${heading}\n# TYPE ${name} ${kind}\n${lines.join('')}`
}

/** A value that is read where it stands when the page is asked for. */
export const single = (name: string, kind: 'counter' | 'gauge', help: string, value: number): string =>
  family(name, kind, help, [[name, value]])

/** Counts by labels. The values of labels must come from sets that do not grow with what clients send. */
export class Counter {
  readonly #name: string
  readonly #help: string
  readonly #counts = new Map<string, number>()

  constructor(name: string, help: string) {
    this.#name = name
    this.#help = help
  }

  add(labels: Labels): void {
    const key = series(this.#name, labels)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  text(): string {
    return family(this.#name, 'counter', this.#help, [...this.#counts])
  }
}

/** How many values fell below each bound, and their sum. */
export class Histogram {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  /** @param bounds rise; what is above the last is counted too. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
    this.#counts = Array(bounds.length + 1).fill(0)
  }

  add(value: number): void {
    const at = this.#bounds.findIndex((bound) => value <= bound)
    this.#counts[at < 0 ? this.#bounds.length : at]++
    this.#sum += value
  }

  text(): string {
    return histogramText(this.#name, this.#help, this.#bounds, { counts: this.#counts, sum: this.#sum })
  }
}

/** A histogram that somebody else counted: `counts` are of each interval alone, the one above the last bound included. */
export function histogramText(
  name: string,
  help: string,
  bounds: readonly number[],
  { counts, sum }: { counts: readonly number[]; sum: number },
): string {
  let below = 0
  const buckets = counts.map((count, at): [string, number] => {
    below += count
    return [series(`${name}_bucket`, { le: written(bounds[at] ?? Number.POSITIVE_INFINITY) }), below]
  })
  return family(name, 'histogram', help, [...buckets, [`${name}_sum`, sum], [`${name}_count`, below]])
}
