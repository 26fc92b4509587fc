import type { GptConfig } from '#model/config'
import { createDecoder } from '#model/decoder'
import { greedy } from '#model/decoding'
import { generate } from '#model/generate'
import type { Tokenizer } from '#model/tokenizer'

export interface Sampler {
  config: GptConfig
  tokenizer: Tokenizer
  maxTokens?: number
}

/** Continues a prompt with the weights as they are: greedy but for a penalty on repetition, for the run's samples. */
export async function sampleText(
  of: Sampler,
  parameters: ReadonlyMap<string, Float32Array>,
  prompt: string,
): Promise<string> {
  const { config, tokenizer, maxTokens = 96 } = of
  const decoder = createDecoder(config, parameters, tokenizer, { slots: 1, threads: 1 })
  const special = { special: true }
  const stopIds = ['<|endoftext|>', '<|im_end|>'].map((t) => tokenizer.tokenToId(t)).filter((id) => id !== undefined)
  let text = ''
  for await (const event of generate(decoder, {
    promptIds: tokenizer.encode(prompt, special),
    maxTokens,
    sampling: { ...greedy, repetitionPenalty: 1.1 },
    stop: [],
    stopIds,
    topLogprobs: null,
  }))
    text += event.text
  await decoder.close()
  return text
}
