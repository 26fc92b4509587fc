/** A policy and a value model for control: two perceptrons with tanh between their layers, in one flat array. */
import { mix, seededRandom, seedOf } from '#data/shuffle'

export interface MlpConfig {
  /** Values of an observation. */
  inputs: number
  /** Widths of the hidden layers, alike in both. */
  hidden: readonly number[]
  /** Actions to choose from, or the width of a real action whose elements are normally distributed. */
  actions: { kind: 'discrete'; n: number } | { kind: 'gaussian'; width: number }
}

export interface MlpParameter {
  name: string
  /** [out, in] of a matrix. */
  shape: readonly number[]
  offset: number
  size: number
  /** Of the orthogonal matrix it begins as; 0: it begins as zeros. */
  gain: number
}

export interface MlpLayout {
  parameters: readonly MlpParameter[]
  size: number
}

export const outputsOf = ({ actions }: MlpConfig): number => (actions.kind === 'discrete' ? actions.n : actions.width)

/** The widths of one of the two networks, inputs and outputs included. */
export function widths(config: MlpConfig, network: 'policy' | 'value'): number[] {
  return [config.inputs, ...config.hidden, network === 'policy' ? outputsOf(config) : 1]
}

/** Gains as usual for PPO: √2 inside, 0.01 for actions, so that all begin equally likely, and 1 for values. */
export function mlpLayout(config: MlpConfig): MlpLayout {
  const parameters: MlpParameter[] = []
  let offset = 0
  const place = (name: string, shape: readonly number[], gain: number) => {
    const size = shape.reduce((a, b) => a * b, 1)
    parameters.push({ name, shape, offset, size, gain })
    offset += size
  }
  for (const network of ['policy', 'value'] as const) {
    const sizes = widths(config, network)
    for (let layer = 0; layer + 1 < sizes.length; layer++) {
      const last = layer + 2 === sizes.length
      const gain = last ? (network === 'policy' ? 0.01 : 1) : Math.SQRT2
      place(`${network}.${layer}.weight`, [sizes[layer + 1], sizes[layer]], gain)
      place(`${network}.${layer}.bias`, [sizes[layer + 1]], 0)
    }
  }
  if (config.actions.kind === 'gaussian') place('logDeviation', [config.actions.width], 0)
  return { parameters, size: offset }
}

/** Orthogonal matrices (Saxe 2014) and zeros; the same seed gives the same weights, whatever their order. */
export function initialiseMlp(layout: MlpLayout, flat: Float32Array, seed: number): void {
  flat.fill(0)
  for (const { name, shape, offset, gain } of layout.parameters) {
    if (gain === 0) continue
    const [rows, columns] = shape
    const matrix = orthogonal(rows, columns, seededRandom(mix(seed, seedOf(name))))
    for (let i = 0; i < matrix.length; i++) flat[offset + i] = gain * matrix[i]
  }
}

/** A random [rows, columns] matrix whose shorter side is orthonormal: normal numbers, by Gram and Schmidt, each twice. */
export function orthogonal(rows: number, columns: number, random: () => number): Float64Array {
  const count = Math.min(rows, columns)
  const length = Math.max(rows, columns)
  const vectors = Array.from({ length: count }, () => Float64Array.from({ length }, () => normalNumber(random)))
  for (const [i, vector] of vectors.entries()) {
    for (let time = 0; time < 2; time++)
      for (const before of vectors.slice(0, i)) {
        const along = dot(vector, before)
        for (let k = 0; k < length; k++) vector[k] -= along * before[k]
      }
    const norm = Math.sqrt(dot(vector, vector))
    for (let k = 0; k < length; k++) vector[k] /= norm
  }
  const at = (row: number, column: number) => (rows < columns ? vectors[row][column] : vectors[column][row])
  return Float64Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns))
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((total, value, i) => total + value * b[i], 0)

/** Box and Muller's transform (1958). */
export function normalNumber(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
