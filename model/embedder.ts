/**
 * Models that turn a text into one vector of length 1: the mean of its tokens' vectors, which are either looked up
 * (a configuration of no layers) or come out of the decoder's layers.
 */
import type { Tensor } from '#tensor/graph'
import { matmul } from '#tensor/matmul'
import { reshape } from '#tensor/reshape'
import { type GptConfig, type ParameterSpec, parameterSpecs } from './config.ts'
import { hiddenStates, type Parameters, type Sequences } from './gpt.ts'

export const tokenTable = 'model.embed_tokens.weight'

/** Every trainable array of an embedding model. */
export function embedderSpecs(config: GptConfig): ParameterSpec[] {
  const all = parameterSpecs({ ...config, tiedEmbeddings: true })
  return config.layers > 0 ? all : all.filter(({ name }) => name === tokenTable)
}

/** The means [batch, width] of what the layers make of each row; `shares` [batch · length] are 0 where a row is filled up. */
export function meanOfStates(config: GptConfig, parameters: Parameters, of: Sequences, shares: Tensor): Tensor {
  const { batch, length } = of
  const states = reshape(hiddenStates(config, parameters, of), [batch, length, config.width])
  return reshape(matmul(reshape(shares, [batch, 1, length]), states), [batch, config.width])
}

/** The unit vector of a text's tokens, of their first `dimensions` numbers; zeros where it has none. */
export function meanVector(
  table: Float32Array,
  width: number,
  ids: ArrayLike<number>,
  dimensions = width,
): Float32Array {
  const sums = new Float64Array(dimensions)
  for (let i = 0; i < ids.length; i++) {
    const from = ids[i] * width
    for (let at = 0; at < dimensions; at++) sums[at] += table[from + at]
  }
  return unit(sums)
}

/** Of length 1, where it has a length. */
export function unit(vector: ArrayLike<number>): Float32Array {
  let squares = 0
  for (let at = 0; at < vector.length; at++) squares += vector[at] * vector[at]
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0
  return Float32Array.from(vector, (value) => value * scale)
}
