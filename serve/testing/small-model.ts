import { chatTemplate, messageEnd, padding, specialTokens } from '#model/chat'
import { type GptConfig, parameterSpecs, presets } from '#model/config'
import { trainTokenizer } from '#model/tokenizer-training'
import { type Parameter, saveModel } from '#model/weights'

const corpus = 'Hello there, how are you? I am well. 你好，你是谁？ def f(x): return x + 1\n'.repeat(20)

/** Numbers that look random and are always the same (a linear congruential generator), -1 to 1. */
function noise(length: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** Writes a model of a given shape with random weights: it answers nonsense, in the way a real one answers. */
export async function writeRandomModel(folder: string, shape: Partial<GptConfig> = {}): Promise<GptConfig> {
  const tokenizer = trainTokenizer([corpus], { vocabSize: 320, specialTokens: [...specialTokens] })
  const small = { vocabSize: tokenizer.vocabSize, contextLength: 128, layers: 2, width: 64, heads: 4, kvHeads: 2 }
  const config: GptConfig = { ...presets.starter, ...small, headWidth: 16, hidden: 96, ...shape }
  const parameters = new Map<string, Parameter>()
  for (const [at, { name, shape: dims, kind }] of parameterSpecs(config).entries()) {
    const data = noise(
      dims.reduce((a, b) => a * b, 1),
      at + 1,
    )
    const scale = kind === 'norm' ? 0 : 1.5 / Math.sqrt(dims[dims.length - 1])
    for (let i = 0; i < data.length; i++) data[i] = kind === 'norm' ? 1 : data[i] * scale
    parameters.set(name, { shape: dims, data })
  }
  await saveModel(folder, {
    config,
    parameters,
    tokenizerJson: JSON.stringify(tokenizer.toJson()),
    chatTemplate,
    specialTokens: { eos: messageEnd, pad: padding },
    dtype: 'f32',
  })
  return config
}
