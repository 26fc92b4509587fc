import { setTimeout as wait } from 'node:timers/promises'
import { StoreError } from '#store/errors'
import type { Held } from '#store/jobs'
import type { Store } from '#store/open'

/** Keeps a job while it is worked on. `signal` is aborted as soon as it is no longer ours, or its batch is cancelled. */
export class Lease {
  readonly held: Held
  readonly #store: Store
  readonly #leaseMs: number
  readonly #batch: string
  readonly #controller = new AbortController()
  readonly #done = new AbortController()
  readonly #kept: Promise<void>
  /** Until when it is ours, by our own clock. */
  #until: number
  #lost = false

  constructor(store: Store, held: Held, batch: string, leaseMs: number) {
    this.#store = store
    this.held = held
    this.#batch = batch
    this.#leaseMs = leaseMs
    this.#until = performance.now() + leaseMs
    this.#kept = this.#keep()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Another worker has the job, or may have it by now. */
  get lost(): boolean {
    return this.#lost
  }

  /** Stops what is being done of the batch; the job stays ours. */
  interrupt(): void {
    this.#controller.abort()
  }

  /** A call that is done together with a proof that the job is ours still, which also prolongs it. */
  beat(progress?: Record<string, unknown>) {
    const { owner, job, holder } = this.held
    return this.#store.plan.jobs.beat(owner, job.id, holder, { leaseMs: this.#leaseMs, progress })
  }

  /** To be called where a call with a beat was done. */
  prolonged(askedAt: number): void {
    this.#until = Math.max(this.#until, askedAt + this.#leaseMs)
  }

  lose(): void {
    this.#lost = true
    this.#controller.abort()
  }

  async end(): Promise<void> {
    this.#done.abort()
    await this.#kept
  }

  async #keep(): Promise<void> {
    const { signal } = this.#done
    while (!signal.aborted) {
      await wait(this.#leaseMs / 4, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      // Whoever slept longer than the lease may have lost it: the next line's answer would be refused.
      if (performance.now() > this.#until) return this.lose()
      await this.#beatOnce()
    }
  }

  async #beatOnce(): Promise<void> {
    const asked = performance.now()
    const { owner } = this.held
    try {
      const [, batch] = await this.#store.together([this.beat(), this.#store.plan.batches.get(owner, this.#batch)])
      this.prolonged(asked)
      if (batch.status === 'cancelling') this.interrupt()
    } catch (error) {
      if (error instanceof StoreError && (error.code === 'lease_lost' || error.code === 'absent')) this.lose()
      // What else the store has trouble with may pass before the lease does.
    }
  }
}
