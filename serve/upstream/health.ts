import { setTimeout as wait } from 'node:timers/promises'
import type { Replica, Replicas } from './replicas.ts'

/** Asks the servers of an upstream from time to time whether they are well. */
export class HealthChecks {
  readonly #replicas: Replicas
  readonly #statusOf: (url: string) => Promise<number>
  readonly #log: (line: string) => void
  readonly #signal: AbortSignal

  constructor(
    replicas: Replicas,
    statusOf: (url: string) => Promise<number>,
    log: (line: string) => void,
    signal: AbortSignal,
  ) {
    this.#replicas = replicas
    this.#statusOf = statusOf
    this.#log = log
    this.#signal = signal
  }

  /** Goes on until the signal is aborted; keeps no process alive. */
  async every(ms: number): Promise<void> {
    try {
      for (;;) {
        await wait(ms, undefined, { signal: this.#signal, ref: false })
        await this.round()
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error
    }
  }

  async round(): Promise<void> {
    await Promise.all(this.#replicas.all.map((replica) => this.#check(replica)))
  }

  /** A server is well when it answers, whatever it makes of the question, and takes the key. */
  async #check(replica: Replica): Promise<void> {
    const before = replica.healthy
    let problem: string | null = null
    try {
      const status = await this.#statusOf(`${replica.url}/models`)
      if (status >= 500 || status === 401 || status === 403) problem = `status ${status}`
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    if (this.#signal.aborted) return
    this.#replicas.checked(replica, problem === null)
    const { host } = new URL(replica.url)
    if (problem !== null && before !== false) this.#log(`${host} is not well: ${problem}`)
    else if (problem === null && before === false) this.#log(`${host} is well again`)
  }
}
