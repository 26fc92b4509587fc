/** A tokenizer file or training request that cannot be used: names the field, what is wrong and what to do. */
export class TokenizerError extends Error {
  override readonly name = 'TokenizerError'
  /** Path of the offending field, as in `model.merges[12]`. */
  readonly field: string

  constructor(field: string, problem: string) {
    super(`tokenizer ${field}: ${problem}`)
    this.field = field
  }
}
