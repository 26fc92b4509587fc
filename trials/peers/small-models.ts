/** Small models with random weights, one of each public shape, in folders as Dotline writes them. */
import { conversations } from '#data/conversations'
import { mix, seededRandom, seedOf } from '#data/shuffle'
import { chatTemplate, messageEnd, padding, specialTokens } from '#model/chat'
import { type GptConfig, type ParameterSpec, parameterSpecs, presets } from '#model/config'
import type { Tokenizer } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import { type Parameter, saveModel } from '#model/weights'

const small = { contextLength: 160, layers: 2, width: 64, heads: 8, kvHeads: 8, headWidth: 8, hidden: 168, dropout: 0 }

/** Head widths, grouped heads, ties and bases of RoPE as the families have them; sizes small. */
export function smallConfigs(vocabSize: number): Record<string, GptConfig> {
  const grouped = { ...small, kvHeads: 2, vocabSize }
  return {
    gpt2: { ...presets.gpt2, ...small, vocabSize },
    llama: { ...presets['llama-3-8b'], ...grouped },
    qwen2: { ...presets['qwen2-0.5b'], ...grouped },
    qwen3: { ...presets['qwen3-0.6b'], ...grouped, headWidth: 16 },
  }
}

/** A tokenizer of 1,500 ids over generated conversations in both languages. */
export function smallTokenizer(): Tokenizer {
  const texts = [...conversations({ seed: 1, count: 400, split: 'train' })].map(({ messages }) =>
    messages.map(({ content }) => content).join('\n'),
  )
  return trainTokenizer(texts, { vocabSize: 1500, specialTokens: [...specialTokens] })
}

/** Saves a random model; small shards make the index part of what is checked. */
export async function saveRandom(folder: string, config: GptConfig, tokenizer: Tokenizer, shardBytes?: number) {
  const parameters = new Map(parameterSpecs(config).map((spec) => [spec.name, randomParameter(spec)]))
  await saveModel(folder, {
    config,
    parameters,
    tokenizerJson: JSON.stringify(tokenizer.toJson()),
    chatTemplate,
    specialTokens: { eos: messageEnd, pad: padding },
    dtype: 'f32',
    shardBytes,
  })
}

/** Far from the values that training starts with: a norm that is 1 or a bias that is 0 would hide a mistake. */
function randomParameter({ name, shape, kind }: ParameterSpec): Parameter {
  const random = seededRandom(mix(1, seedOf(name)))
  const around = kind === 'norm' ? 1 : 0
  const spread = { norm: 0.3, bias: 0.3, embedding: 0.6, matrix: 2 / Math.sqrt(shape.at(-1) ?? 1) }[kind]
  const size = shape.reduce((a, b) => a * b, 1)
  return { shape, data: Float32Array.from({ length: size }, () => around + spread * (2 * random() - 1)) }
}
