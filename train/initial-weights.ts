import { mix, seededRandom, seedOf } from '#data/shuffle'
import { type GptConfig, parameterSpecs } from '#model/config'
import { type LoraConfig, loraSpecs } from '#model/lora'
import { rewardHead } from '#model/reward'

/**
 * Fills a new model: matrices and embeddings from a normal distribution of deviation 0.02, those that write to the
 * residual stream divided by √(2·layers) (Radford 2019, section 2.3); norms 1, biases 0. The same seed gives the same
 * weights, parameter by parameter, whatever their order.
 */
export function initialise(
  config: GptConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  seed: number,
  specs = parameterSpecs(config),
): void {
  for (const { name, kind } of specs) {
    const array = parameters.get(name)
    if (!array) throw new Error(`no array for parameter "${name}"`)
    if (kind === 'norm' || kind === 'bias') array.fill(kind === 'norm' ? 1 : 0)
    else {
      const writesResidual = name.endsWith('o_proj.weight') || name.endsWith('down_proj.weight')
      normal(array, writesResidual ? 0.02 / Math.sqrt(2 * config.layers) : 0.02, mix(seed, seedOf(name)))
    }
  }
}

/**
 * Fills a new reward head: deviation 1 / √(width + 1), so that rewards begin about 1 apart (Stiennon 2020, appendix B.1).
 */
export function initialiseHead(head: Float32Array, seed: number): void {
  normal(head, 1 / Math.sqrt(head.length + 1), mix(seed, seedOf(rewardHead)))
}

/** Fills a new adapter: A uniform within ±1/√in, B zero, so that it changes nothing at first (PEFT's own choice). */
export function initialiseAdapter(
  config: GptConfig,
  lora: LoraConfig,
  arrays: ReadonlyMap<string, Float32Array>,
  seed: number,
): void {
  for (const { name, shape } of loraSpecs(config, lora)) {
    const array = arrays.get(name)
    if (!array) throw new Error(`no array for "${name}" of the adapter`)
    const random = seededRandom(mix(seed, seedOf(name)))
    const bound = name.endsWith('.lora_A.weight') ? 1 / Math.sqrt(shape[1]) : 0
    for (let i = 0; i < array.length; i++) array[i] = bound === 0 ? 0 : (2 * random() - 1) * bound
  }
}

/** Box and Muller's transform (1958). */
function normal(array: Float32Array, deviation: number, seed: number): void {
  const random = seededRandom(seed)
  for (let i = 0; i < array.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    array[i] = radius * Math.cos(angle)
    if (i + 1 < array.length) array[i + 1] = radius * Math.sin(angle)
  }
}
