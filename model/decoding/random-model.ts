/** Models of random weights, for tests. */
import { type GptConfig, parameterSpecs, presets } from '../config.ts'
import { Random } from './random.ts'

const small = { vocabSize: 97, contextLength: 160, layers: 2, width: 48, dropout: 0 }

/** One small configuration of each family. */
export const families: Record<string, GptConfig> = {
  'GPT-1': { ...presets['gpt-1'], ...small, heads: 4, kvHeads: 4, headWidth: 12, hidden: 96 },
  'GPT-2': { ...presets.gpt2, ...small, heads: 4, kvHeads: 4, headWidth: 12, hidden: 96 },
  Llama: { ...presets['llama-3-8b'], ...small, heads: 6, kvHeads: 2, headWidth: 8, hidden: 80 },
  Qwen2: { ...presets['qwen2-0.5b'], ...small, heads: 4, kvHeads: 2, headWidth: 12, hidden: 80 },
  Qwen3: { ...presets['qwen3-0.6b'], ...small, heads: 4, kvHeads: 2, headWidth: 16, hidden: 80 },
  'ReLU²': { ...presets.starter, ...small, activation: 'relu2', heads: 4, kvHeads: 4, headWidth: 12, hidden: 96 },
}

/** Weights large enough that attention is sharp and the distribution uneven. */
export function randomParameters(config: GptConfig, seed: number): Map<string, Float32Array> {
  const random = new Random(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  const deviation = { embedding: 0.5, matrix: 2 / Math.sqrt(config.width), norm: 0.2, bias: 0.2 }
  return new Map(
    parameterSpecs(config).map(({ name, shape, kind }) => {
      const centre = kind === 'norm' && name.endsWith('.weight') ? 1 : 0
      const size = shape.reduce((a, b) => a * b, 1)
      return [name, Float32Array.from({ length: size }, () => centre + deviation[kind] * normal())]
    }),
  )
}

/** Every token is a letter or so: id 0 is "a". */
export const letters = {
  tokenBytes: (id: number): Uint8Array => new TextEncoder().encode(String.fromCharCode(97 + (id % 26))),
}
