import { expect, test } from 'vitest'
import { type GptConfig, type PresetName, parameterCount, parameterSpecs, presets } from './config.ts'

/**
 * Counts as published. GPT-2: the sizes of OpenAI's checkpoints (the paper rounds to 117 M, 345 M, 762 M and 1542 M). GPT-1:
 * openai-gpt's checkpoint (Radford 2018: 117 M). Llama and Qwen: the total that each model's card or safetensors index
 * states, 6.74 B, 8.03 B, 0.49 B and 0.6 B rounded.
 */
const published: [PresetName, number][] = [
  ['gpt-1', 116_534_784],
  ['gpt2', 124_439_808],
  ['gpt2-medium', 354_823_168],
  ['gpt2-large', 774_030_080],
  ['gpt2-xl', 1_557_611_200],
  ['llama-2-7b', 6_738_415_616],
  ['llama-3-8b', 8_030_261_248],
  ['qwen2-0.5b', 494_032_768],
  ['qwen3-0.6b', 596_049_920],
]

test.each(published)('%s has the published %i parameters', (name, count) => {
  expect(parameterCount(presets[name])).toBe(count)
})

/** The closed formula of a GPT: embeddings, then 12 w² + 13 w a layer (biases and two norms included), then the final norm. */
function gptCount({ vocabSize, contextLength, layers, width, normPlacement }: GptConfig): number {
  const final = normPlacement === 'pre' ? 2 * width : 0
  return (vocabSize + contextLength) * width + layers * (12 * width ** 2 + 13 * width) + final
}

/** The closed formula of a Llama, Qwen2 or Qwen3. */
function llamaCount(config: GptConfig): number {
  const { vocabSize, layers, width, heads, kvHeads, headWidth, hidden } = config
  const keys = kvHeads * headWidth
  const queries = heads * headWidth
  const attention = 2 * width * queries + 2 * width * keys
  const biases = config.qkvBias ? queries + 2 * keys : 0
  const norms = 2 * width + (config.qkNorm ? 2 * headWidth : 0)
  const embeddings = vocabSize * width * (config.tiedEmbeddings ? 1 : 2)
  return embeddings + layers * (attention + biases + norms + 3 * width * hidden) + width
}

test.each(Object.entries<GptConfig>(presets))('%s agrees with its closed formula', (_, config) => {
  expect(parameterCount(config)).toBe(config.positions === 'learned' ? gptCount(config) : llamaCount(config))
})

test('gpt-3 is the 174,600 million of Brown 2020, table D.1 (175.0 B in table 2.1)', () => {
  expect(parameterCount(presets['gpt-3'])).toBe(174_604_259_328)
  expect(Math.round(parameterCount(presets['gpt-3']) / 1e8)).toBe(1746)
})

test('names are unique', () => {
  for (const config of Object.values<GptConfig>(presets)) {
    const names = parameterSpecs(config).map((spec) => spec.name)
    expect(new Set(names).size).toBe(names.length)
  }
})
