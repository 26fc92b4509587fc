/**
 * Open-loop load on an HTTP address, from a process of its own: requests leave on a schedule that does not wait for
 * answers, as people's do, and each is timed from the moment it was due. What waits behind a stall therefore counts as
 * late, where a loop of callers would leave it out ("coordinated omission").
 *
 *     const report = await openLoad({ url: `${base}/v1/chat/completions`, body: { … }, perSecond: 1000, seconds: 10 })
 *     report.last.p99        // ms from due to the last byte
 *
 * Where the generator itself falls behind (`report.late`), its processor was too busy to say anything of the server.
 */

import { runProgram } from './program.ts'

export interface Load {
  /** `http://127.0.0.1:8080/v1/chat/completions`; POSTed to. */
  url: string
  headers?: Record<string, string>
  /** Sent as JSON; the same each time. */
  body: object
  /** Requests due each second on average, at random moments (a Poisson process), the same for the same seed. */
  perSecond: number
  /** How long they are counted. */
  seconds: number
  /** Sent at the same rate before that, and not counted. */
  warmSeconds?: number
  seed?: number
  /** Connections at most, each kept open for further requests; past them, requests wait (and are late). */
  connections?: number
  /** After this long from when it was due, a request counts as failed. */
  timeoutMs?: number
  /** What the end of each body must hold, such as `[DONE]`; without it an answer is a failure (`cut`). */
  ends?: string
}

/** Milliseconds. */
export interface Times {
  p50: number
  p95: number
  p99: number
  max: number
}

export interface LoadReport {
  /** Requests that were due in the time that counts. */
  asked: number
  /** Of these, those answered 2xx, to the end. */
  answered: number
  /** The others, by status or by what went wrong: `timeout`, `closed`, `cut`. */
  failed: Record<string, number>
  /** Answered each second, up to the last of those that were due in time. */
  perSecond: number
  /** From due until the answer's body began. */
  first: Times
  /** From due until its last byte. */
  last: Times
  /** From due until it left: what the generator itself, or the want of connections, made late. */
  late: Times
  /** Processor time of the generator in that time, in cores. */
  cores: number
}

const program = new URL('./generator.ts', import.meta.url)

/** Runs the load and reports. @throws Error where the generator breaks. */
export const openLoad = (load: Load): Promise<LoadReport> => runProgram(program, load)

/** Whether everything was answered, and nothing so late that requests piled up. */
export function held({ asked, answered, last }: LoadReport, mostMs: number): boolean {
  return asked > 0 && answered === asked && last.p99 <= mostMs
}

/** The highest rate that is held, between `from` and `until`, to a tenth: doubling first, then halving the gap. 0: not even `from`. */
export async function highestRate(
  [from, until]: readonly [number, number],
  holds: (perSecond: number) => Promise<boolean>,
): Promise<number> {
  let [low, high] = [0, from]
  while (await holds(high)) {
    low = high
    if (low >= until) return until
    high = Math.min(until, high * 2)
  }
  if (low === 0) return 0
  while (high - low > low / 10) {
    const middle = Math.round((low + high) / 2)
    if (await holds(middle)) low = middle
    else high = middle
  }
  return low
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
