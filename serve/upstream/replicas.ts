import type { UpstreamSettings } from './settings.ts'

/** Longest time for which a server that keeps failing is left alone, ms. */
const coolMost = 60_000

/** One server of an upstream. */
export interface Replica {
  readonly url: string
  outstanding: number
  /** What the latest health check said; null before the first. */
  healthy: boolean | null
  /** Failures in a row. */
  failures: number
  /** Left alone until then (milliseconds of the clock); afterwards one request is let through on trial. */
  closedUntil: number
  trial: boolean
  /** The order in which they were chosen last. */
  chosen: number
}

type Limits = Pick<UpstreamSettings, 'outstanding' | 'failures' | 'coolMs'>

/**
 * Chooses among the servers of one model: the one with the fewest requests in flight of those that are well. A server
 * that failed several times in a row is left alone (its circuit is open) for a time that doubles with each failure.
 */
export class Replicas {
  readonly all: readonly Replica[]
  readonly #limits: Limits
  readonly #clock: () => number
  #chosen = 0

  constructor(urls: readonly string[], limits: Limits, clock: () => number = () => performance.now()) {
    this.#limits = limits
    this.#clock = clock
    this.all = urls.map((url) => ({
      url,
      outstanding: 0,
      healthy: null,
      failures: 0,
      closedUntil: 0,
      trial: false,
      chosen: 0,
    }))
  }

  /** The next server, which counts the request from now on; null where none can take it. */
  take(without: ReadonlySet<Replica> = new Set()): Replica | null {
    const now = this.#clock()
    const open = this.all.filter((each) => !without.has(each) && this.#takes(each, now))
    const best = open.sort((a, b) => a.outstanding - b.outstanding || a.chosen - b.chosen).at(0)
    if (best === undefined) return null
    best.outstanding++
    best.chosen = ++this.#chosen
    // Its circuit was open until now: this request says whether it can be closed.
    if (best.failures >= this.#limits.failures) best.trial = true
    return best
  }

  /** A request has ended: well, badly, or (null) in a way that says nothing of the server. */
  release(replica: Replica, well: boolean | null): void {
    replica.outstanding--
    if (replica.outstanding === 0 || well !== null) replica.trial = false
    if (well === true) this.#recover(replica)
    else if (well === false) this.#fail(replica)
  }

  /** What a health check found. One that fails requests although its checks pass stays closed off. */
  checked(replica: Replica, healthy: boolean): void {
    if (healthy && replica.healthy === false) this.#recover(replica)
    replica.healthy = healthy
  }

  /** How many can take a request now, the busy ones among them. */
  get available(): number {
    const now = this.#clock()
    return this.all.filter((each) => each.healthy !== false && each.closedUntil <= now).length
  }

  get outstanding(): number {
    return this.all.reduce((sum, { outstanding }) => sum + outstanding, 0)
  }

  /** Seconds after which a server that is left alone now is tried again. */
  get retryAfterSeconds(): number {
    const soonest = Math.min(...this.all.map(({ closedUntil }) => closedUntil)) - this.#clock()
    return Math.min(60, Math.max(1, Math.ceil(soonest / 1000)))
  }

  #takes(replica: Replica, now: number): boolean {
    const { healthy, trial, outstanding, closedUntil } = replica
    return healthy !== false && !trial && closedUntil <= now && outstanding < this.#limits.outstanding
  }

  #recover(replica: Replica): void {
    replica.failures = 0
    replica.closedUntil = 0
  }

  #fail(replica: Replica): void {
    replica.failures++
    const over = replica.failures - this.#limits.failures
    if (over >= 0)
      replica.closedUntil = this.#clock() + Math.min(coolMost, this.#limits.coolMs * 2 ** Math.min(over, 20))
  }
}
