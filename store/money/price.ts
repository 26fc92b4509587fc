/** Per million tokens, in billionths of the currency. */
export interface Rate {
  input: number
  /** For input that the engine had in its cache; these tokens are part of the input. */
  cached: number
  output: number
}

export interface Tokens {
  input: number
  cached: number
  output: number
}

/** Billionths of the currency, rounded half up: exact however long the request was. */
export function costOf({ input, cached, output }: Tokens, rate: Rate): number {
  const total =
    BigInt(input - cached) * BigInt(rate.input) +
    BigInt(cached) * BigInt(rate.cached) +
    BigInt(output) * BigInt(rate.output)
  return Number((total + 500_000n) / 1_000_000n)
}
