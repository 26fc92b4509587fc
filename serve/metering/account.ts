import type { Store } from '#store/open'
import type { Reserved } from '#store/usage'

export interface Tokens {
  input: number
  cached: number
  output: number
}

export interface Cost {
  /** In the currency's own unit. */
  amount: number
  currency: string
}

/** A request that shows no progress for this long is taken for lost, and settled with what it had delivered. */
export const leaseMs = 30_000
const renewMs = 10_000

/** One request in the ledger, from its reservation until it is settled. */
export class Account {
  readonly #store: Store
  readonly #organisation: string
  /** Its row, once that is on the disk: nothing is delivered before. */
  readonly #row: Promise<Reserved>
  #noted: Tokens = { input: 0, cached: 0, output: 0 }
  #at = performance.now()
  #settled: Promise<Cost | null> | null = null
  readonly #over: (account: Account) => void

  constructor(store: Store, organisation: string, row: Promise<Reserved>, over: (account: Account) => void) {
    this.#store = store
    this.#organisation = organisation
    this.#row = row
    this.#over = over
  }

  /** Returns when the reservation is on the disk. @throws StoreError where it could not be kept */
  async opened(): Promise<void> {
    await this.#row
  }

  /** Returns when it is on the disk that so much is going to be delivered. */
  async note(tokens: Tokens): Promise<void> {
    this.#noted = tokens
    this.#at = performance.now()
    const { id } = await this.#row
    await this.#store.usage.progress(this.#organisation, id, tokens, leaseMs)
  }

  /** Tells the ledger that the request lives, where it did not hear of it for a while. */
  async renew(): Promise<void> {
    if (this.#settled === null && performance.now() - this.#at > renewMs) await this.note(this.#noted)
  }

  /** Returns when it is on the disk what was delivered. The first word stands. */
  settle(tokens: Tokens, outcome: string): Promise<Cost | null> {
    this.#settled ??= this.#settle(tokens, outcome).finally(() => this.#over(this))
    return this.#settled
  }

  async #settle(tokens: Tokens, outcome: string): Promise<Cost | null> {
    const { id } = await this.#row
    const { cost, currency } = await this.#store.usage.settle(this.#organisation, id, tokens, outcome)
    return currency === '' ? null : { amount: cost / 1e9, currency }
  }
}
