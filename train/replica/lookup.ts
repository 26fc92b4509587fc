/**
 * Means of looked-up vectors, and their gradient's way back to the table. Beside the graph: a product with how often each
 * token occurs would compute with the whole vocabulary, of which a batch holds a small part.
 */
export interface Texts {
  /** Rows of `length` tokens. */
  tokens: Int32Array
  /** Each token's share of its row; 0 where the row is filled up. */
  weights: Float32Array
}

/** The mean of each row, into `means` [rows, width]. */
export function lookUp(table: Float32Array, { tokens, weights }: Texts, length: number, means: Float32Array): void {
  const width = (means.length / tokens.length) * length
  means.fill(0)
  for (let at = 0; at < tokens.length; at++) {
    const weight = weights[at]
    if (weight === 0) continue
    const [from, to] = [tokens[at] * width, Math.floor(at / length) * width]
    for (let i = 0; i < width; i++) means[to + i] += weight * table[from + i]
  }
}

/** Adds what the slopes of the means say of each token to the table's gradient, in the order of the tokens. */
export function spreadBack(
  slopes: Float32Array,
  { tokens, weights }: Texts,
  length: number,
  gradient: Float32Array,
): void {
  const width = (slopes.length / tokens.length) * length
  for (let at = 0; at < tokens.length; at++) {
    const weight = weights[at]
    if (weight === 0) continue
    const [to, from] = [tokens[at] * width, Math.floor(at / length) * width]
    for (let i = 0; i < width; i++) gradient[to + i] += weight * slopes[from + i]
  }
}
