import type { Store } from '#store/open'

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
  readonly #id: string
  #noted: Tokens = { input: 0, cached: 0, output: 0 }
  #at = performance.now()
  #settled: Promise<Cost | null> | null = null
  readonly #over: (account: Account) => void

  constructor(store: Store, organisation: string, id: string, over: (account: Account) => void) {
    this.#store = store
    this.#organisation = organisation
    this.#id = id
    this.#over = over
  }

  /** Returns when it is on the disk that so much is going to be delivered. */
  async note(tokens: Tokens): Promise<void> {
    this.#noted = tokens
    this.#at = performance.now()
    await this.#store.usage.progress(this.#organisation, this.#id, tokens, leaseMs)
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
    const { cost, currency } = await this.#store.usage.settle(this.#organisation, this.#id, tokens, outcome)
    return currency === '' ? null : { amount: cost / 1e9, currency }
  }
}
