/** One optimizer step as an expression: new parameters and moments from old ones and a gradient. */
import { add, div, mul, sqrt, sub } from './elementwise.ts'
import { ShapeError, show, type Tensor } from './graph.ts'
import { matmul } from './matmul.ts'
import { sumSquares } from './reduce.ts'

export interface AdamWStep {
  parameter: Tensor
  gradient: Tensor
  first: Tensor
  second: Tensor
  /** Scalars given at each run. */
  learningRate: Tensor
  /** Learning rate times weight decay. */
  decay: Tensor
  /** 1 / (1 − β₁ᵗ) and 1 / (1 − β₂ᵗ). */
  firstCorrection: Tensor
  secondCorrection: Tensor
  /** Multiplies the gradient (global-norm clipping). */
  gradientScale: Tensor
}

export interface AdamWOptions {
  beta1: number
  beta2: number
  epsilon: number
}

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), for arrays of any one shape:
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − decay·p − lr·m̂ / (√v̂ + ε).
 */
export function adamW(step: AdamWStep, { beta1, beta2, epsilon }: AdamWOptions) {
  const g = mul(step.gradient, step.gradientScale)
  const first = add(mul(step.first, beta1), mul(g, 1 - beta1))
  const second = add(mul(step.second, beta2), mul(mul(g, g), 1 - beta2))
  const denominator = add(sqrt(mul(second, step.secondCorrection)), epsilon)
  const change = mul(div(first, denominator), mul(step.learningRate, step.firstCorrection))
  const kept = mul(step.parameter, sub(1, step.decay))
  return { parameter: sub(kept, change), first, second }
}

export interface MomentumStep {
  parameter: Tensor
  gradient: Tensor
  momentum: Tensor
  learningRate: Tensor
  decay: Tensor
  gradientScale: Tensor
}

/** Stochastic gradient descent with momentum: m ← μm + g, p ← p − decay·p − lr·m. */
export function sgd(step: MomentumStep, mu: number) {
  const momentum = add(mul(step.momentum, mu), mul(step.gradient, step.gradientScale))
  const kept = mul(step.parameter, sub(1, step.decay))
  return { parameter: sub(kept, mul(momentum, step.learningRate)), momentum }
}

/** Coefficients of the quintic iteration (Jordan 2024, "Muon"): steep at zero, so that five rounds are enough. */
const quintic = { a: 3.4445, b: -4.775, c: 2.0315 }

/**
 * Nearly orthogonal: U·Vᵀ of the matrix's singular value decomposition, singular values between about 0.7 and 1.2.
 * x is [rows, columns]; Newton–Schulz, `rounds` times, on the smaller side.
 */
export function orthogonalise(x: Tensor, rounds = 5): Tensor {
  if (x.rank !== 2) throw new ShapeError(`orthogonalise: needs a matrix, got ${show(x.shape)}`)
  const tall = x.shape[0] > x.shape[1]
  let y = div(x, add(sqrt(sumSquares(x)), 1e-7))
  for (let round = 0; round < rounds; round++) {
    const gram = tall ? matmul(y, y, { transposeA: true }) : matmul(y, y, { transposeB: true })
    const polynomial = add(mul(gram, quintic.b), matmul(gram, gram, { scale: quintic.c }))
    y = add(mul(y, quintic.a), tall ? matmul(y, polynomial) : matmul(polynomial, y))
  }
  return y
}

/**
 * Muon for one matrix [out, in]: Nesterov momentum, made orthogonal. The step is scaled by 0.2·√max(out, in), which gives
 * it AdamW's typical size, so that one learning rate serves both (Liu 2025, "Muon is scalable", section 2.2).
 */
export function muon(step: MomentumStep, mu: number, rounds = 5) {
  const g = mul(step.gradient, step.gradientScale)
  const momentum = add(mul(step.momentum, mu), g)
  const direction = orthogonalise(add(g, mul(momentum, mu)), rounds)
  const size = 0.2 * Math.sqrt(Math.max(...step.parameter.shape))
  const kept = mul(step.parameter, sub(1, step.decay))
  return { parameter: sub(kept, mul(direction, mul(step.learningRate, size))), momentum }
}

/** min(1, limit / norm) for a given sum of squares: what to multiply gradients by (Pascanu 2013, algorithm 1). */
export function clipScale(sumOfSquares: number, limit: number): number {
  const norm = Math.sqrt(sumOfSquares)
  return norm > limit ? limit / norm : 1
}
