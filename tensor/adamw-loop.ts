/**
 * AdamW over plain arrays in one pass. It computes what the expression of `optimizers.ts` computes, but reads and writes
 * each value once: a graph of a dozen operations takes about twice as long (trials/LOG.md).
 */
import type { AdamWOptions } from './optimizers.ts'

export interface AdamWArrays {
  parameter: Float32Array
  /** Zero afterwards. */
  gradient: Float32Array
  first: Float32Array
  second: Float32Array
}

export interface AdamWScalars extends AdamWOptions {
  learningRate: number
  /** Learning rate times weight decay. */
  decay: number
  /** Counted from 1. */
  step: number
  gradientScale: number
}

/** One step in place (Loshchilov and Hutter 2019, algorithm 2). */
export function adamWInPlace(arrays: AdamWArrays, scalars: AdamWScalars): void {
  const { parameter, gradient, first, second } = arrays
  const { beta1, beta2, epsilon, gradientScale } = scalars
  const rate = scalars.learningRate / (1 - beta1 ** scalars.step)
  const correction = 1 / (1 - beta2 ** scalars.step)
  const kept = 1 - scalars.decay
  const rest1 = 1 - beta1
  const rest2 = 1 - beta2
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i] * gradientScale
    const m = beta1 * first[i] + rest1 * g
    const v = beta2 * second[i] + rest2 * g * g
    first[i] = m
    second[i] = v
    parameter[i] = parameter[i] * kept - (rate * m) / (Math.sqrt(v * correction) + epsilon)
    gradient[i] = 0
  }
}

/** Sums arrays into the first, in their order; the others are zero afterwards. Returns the sum of squares. */
export function sumInto(arrays: readonly Float32Array[]): number {
  const [total, ...others] = arrays
  let squares = 0
  if (others.length === 1) {
    // The usual case, in one pass.
    const [other] = others
    for (let i = 0; i < total.length; i++) {
      const g = total[i] + other[i]
      total[i] = g
      other[i] = 0
      squares += g * g
    }
    return squares
  }
  for (const part of others) {
    for (let i = 0; i < total.length; i++) total[i] += part[i]
    part.fill(0)
  }
  for (let i = 0; i < total.length; i++) squares += total[i] * total[i]
  return squares
}
