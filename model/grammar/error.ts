/** A JSON Schema that cannot hold an answer: names the place in it, what is wrong, and what would do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  /** Keys from the schema's root to the place. */
  readonly path: readonly (string | number)[]

  constructor(path: readonly (string | number)[], message: string) {
    super(message)
    this.path = path
  }
}
