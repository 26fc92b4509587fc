/** Low-rank adaptation (Hu 2021): W stays as it is, B·A·(alpha/rank) is learned beside it. Names and shapes are PEFT's. */
import { mul } from '#tensor/elementwise'
import { input, type Tensor } from '#tensor/graph'
import { type GptConfig, type ParameterSpec, parameterSpecs } from './config.ts'
import type { Parameters } from './gpt.ts'

/** The projections that may be adapted, by their names in Llama and Qwen. */
export const loraTargets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const
export type LoraTarget = (typeof loraTargets)[number]

export interface LoraConfig {
  /** Columns of A's result; the smaller, the fewer parameters. */
  rank: number
  /** What is learned counts alpha / rank times. */
  alpha: number
  targets: readonly LoraTarget[]
}

const isTarget = (name: string, targets: readonly string[]): boolean =>
  targets.includes(name.split('.').at(-2) ?? '') && name.endsWith('.weight')

/** The names of A and B beside a matrix `NAME.weight`. */
export const loraNames = (weight: string): { a: string; b: string } => {
  const module = weight.slice(0, -'.weight'.length)
  return { a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` }
}

/** The matrices that are adapted. */
export const adaptedMatrices = (config: GptConfig, { targets }: LoraConfig): ParameterSpec[] =>
  parameterSpecs(config).filter(({ name, kind }) => kind === 'matrix' && isTarget(name, targets))

/** Every array of an adapter, in a fixed order: A [rank, in] and B [out, rank] of each adapted matrix. */
export function loraSpecs(config: GptConfig, lora: LoraConfig): ParameterSpec[] {
  return adaptedMatrices(config, lora).flatMap(({ name, shape: [out, inner] }): ParameterSpec[] => {
    const { a, b } = loraNames(name)
    return [
      { name: a, shape: [lora.rank, inner], kind: 'matrix' },
      { name: b, shape: [out, lora.rank], kind: 'matrix' },
    ]
  })
}

export interface AdaptedInputs {
  /** What the expressions of `gpt.ts` take: the frozen parameters and, scaled, those of the adapter. */
  parameters: Parameters
  /** The inputs of the adapter itself: what is trained. */
  adapter: ReadonlyMap<string, Tensor>
}

/** The parameters of a model with an adapter beside it. */
export function adaptedParameters(frozen: Parameters, config: GptConfig, lora: LoraConfig): AdaptedInputs {
  const adapter = new Map(loraSpecs(config, lora).map(({ name, shape }) => [name, input(name, shape)]))
  const scaled = [...adapter].map(([name, t]): [string, Tensor] => [
    name,
    name.endsWith('.lora_B.weight') ? mul(t, lora.alpha / lora.rank) : t,
  ])
  return { parameters: new Map([...frozen, ...scaled]), adapter }
}

/**
 * The model's parameters with the adapter added to them: W + B·A·(alpha/rank), summed in float64. Arrays that are not
 * adapted are passed on as they are.
 */
export function mergeAdapter(
  config: GptConfig,
  lora: LoraConfig,
  frozen: ReadonlyMap<string, Float32Array>,
  adapter: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> {
  const merged = new Map(frozen)
  for (const { name, shape } of adaptedMatrices(config, lora)) {
    const names = loraNames(name)
    const [weight, a, b] = [frozen.get(name), adapter.get(names.a), adapter.get(names.b)]
    if (!weight || !a || !b) throw new Error(`the adapter of "${name}" cannot be merged: an array is missing`)
    merged.set(name, withProduct(weight, a, b, shape, lora))
  }
  return merged
}

function withProduct(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  [out, inner]: readonly number[],
  { rank, alpha }: LoraConfig,
): Float32Array {
  const merged = new Float32Array(weight.length)
  const row = new Float64Array(inner)
  for (let o = 0; o < out; o++) {
    row.fill(0)
    for (let r = 0; r < rank; r++) {
      const factor = b[o * rank + r] * (alpha / rank)
      for (let i = 0; i < inner; i++) row[i] += factor * a[r * inner + i]
    }
    for (let i = 0; i < inner; i++) merged[o * inner + i] = weight[o * inner + i] + row[i]
  }
  return merged
}
