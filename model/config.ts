/**
 * The decoder's configuration, its presets and its parameter list. One configuration type covers GPT-1/2/3 and the
 * Llama and Qwen families; parameters carry the names and the [out, in] orientation that Hugging Face's Llama uses.
 */

export interface GptConfig {
  vocabSize: number
  /** Longest sequence, in tokens (the size of the learned position table, or the trained RoPE window). */
  contextLength: number
  layers: number
  /** Width of the residual stream. */
  width: number
  heads: number
  /** Key and value heads; equal to `heads` for multi-head attention, fewer for grouped-query attention. */
  kvHeads: number
  /** Width of one head; heads × headWidth need not equal width (Qwen3). */
  headWidth: number
  /** Width of the feed-forward layer. */
  hidden: number
  positions: 'learned' | 'rope'
  ropeTheta: number
  norm: 'layernorm' | 'rmsnorm'
  /** GPT-1 normalises after each residual addition and has no final norm; all later models normalise before. */
  normPlacement: 'pre' | 'post'
  normEpsilon: number
  activation: 'gelu' | 'relu2' | 'swiglu'
  /** Biases on every linear layer (GPT-1/2/3). */
  biases: boolean
  /** Biases on the query, key and value projections alone (Qwen2). */
  qkvBias: boolean
  /** RMSNorm on each head's query and key before RoPE (Qwen3). */
  qkNorm: boolean
  tiedEmbeddings: boolean
  dropout: number
}

export type ParameterKind = 'embedding' | 'matrix' | 'norm' | 'bias'

export interface ParameterSpec {
  name: string
  shape: readonly number[]
  kind: ParameterKind
}

const gpt2Shape = {
  positions: 'learned',
  ropeTheta: 10_000,
  norm: 'layernorm',
  normPlacement: 'pre',
  normEpsilon: 1e-5,
  activation: 'gelu',
  biases: true,
  qkvBias: false,
  qkNorm: false,
  tiedEmbeddings: true,
  dropout: 0.1,
} as const

const llamaShape = {
  positions: 'rope',
  ropeTheta: 10_000,
  norm: 'rmsnorm',
  normPlacement: 'pre',
  normEpsilon: 1e-5,
  activation: 'swiglu',
  biases: false,
  qkvBias: false,
  qkNorm: false,
  tiedEmbeddings: false,
  dropout: 0,
} as const

function gpt(vocabSize: number, contextLength: number, layers: number, width: number, heads: number): GptConfig {
  return {
    ...gpt2Shape,
    vocabSize,
    contextLength,
    layers,
    width,
    heads,
    kvHeads: heads,
    headWidth: width / heads,
    hidden: 4 * width,
  }
}

function llama(
  vocabSize: number,
  contextLength: number,
  layers: number,
  width: number,
  heads: number,
  kvHeads: number,
  hidden: number,
): GptConfig {
  return {
    ...llamaShape,
    vocabSize,
    contextLength,
    layers,
    width,
    heads,
    kvHeads,
    headWidth: width / heads,
    hidden,
  }
}

/** Published shapes. Sources: Radford 2018 and 2019, Brown 2020 (table 2.1), the models' own config.json files. */
export const presets = {
  'gpt-1': { ...gpt(40_478, 512, 12, 768, 12), normPlacement: 'post' },
  gpt2: gpt(50_257, 1024, 12, 768, 12),
  'gpt2-medium': gpt(50_257, 1024, 24, 1024, 16),
  'gpt2-large': gpt(50_257, 1024, 36, 1280, 20),
  'gpt2-xl': gpt(50_257, 1024, 48, 1600, 25),
  'gpt-3': gpt(50_257, 2048, 96, 12_288, 96),
  'llama-2-7b': llama(32_000, 4096, 32, 4096, 32, 32, 11_008),
  'llama-3-8b': { ...llama(128_256, 8192, 32, 4096, 32, 8, 14_336), ropeTheta: 500_000 },
  'qwen2-0.5b': {
    ...llama(151_936, 32_768, 24, 896, 14, 2, 4864),
    ropeTheta: 1_000_000,
    normEpsilon: 1e-6,
    qkvBias: true,
    tiedEmbeddings: true,
  },
  'qwen3-0.6b': {
    ...llama(151_936, 40_960, 28, 1024, 16, 8, 3072),
    headWidth: 128,
    ropeTheta: 1_000_000,
    normEpsilon: 1e-6,
    qkNorm: true,
    tiedEmbeddings: true,
  },
  starter: { ...llama(6400, 1024, 8, 256, 8, 4, 704), tiedEmbeddings: true },
  /** The starter's shape with room for 25,000 characters of any language: one token for each, and as much again for the rest. */
  long: { ...llama(6400, 51_200, 8, 256, 8, 4, 704), tiedEmbeddings: true, ropeTheta: 1_000_000 },
} satisfies Record<string, GptConfig>

export type PresetName = keyof typeof presets

/** Every trainable array of a model, in a fixed order. Linear weights are [out, in]. */
export function parameterSpecs(config: GptConfig): ParameterSpec[] {
  const specs: ParameterSpec[] = []
  const { width, vocabSize } = config
  const matrix = (name: string, out: number, input: number, bias: boolean) => {
    specs.push({ name: `${name}.weight`, shape: [out, input], kind: 'matrix' })
    if (bias) specs.push({ name: `${name}.bias`, shape: [out], kind: 'bias' })
  }
  const norm = (name: string, size: number) => {
    specs.push({ name: `${name}.weight`, shape: [size], kind: 'norm' })
    if (config.norm === 'layernorm') specs.push({ name: `${name}.bias`, shape: [size], kind: 'bias' })
  }
  specs.push({ name: 'model.embed_tokens.weight', shape: [vocabSize, width], kind: 'embedding' })
  if (config.positions === 'learned')
    specs.push({ name: 'model.embed_positions.weight', shape: [config.contextLength, width], kind: 'embedding' })
  const queryWidth = config.heads * config.headWidth
  const keyWidth = config.kvHeads * config.headWidth
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`
    norm(`${at}.input_layernorm`, width)
    matrix(`${at}.self_attn.q_proj`, queryWidth, width, config.biases || config.qkvBias)
    matrix(`${at}.self_attn.k_proj`, keyWidth, width, config.biases || config.qkvBias)
    matrix(`${at}.self_attn.v_proj`, keyWidth, width, config.biases || config.qkvBias)
    if (config.qkNorm) {
      specs.push({ name: `${at}.self_attn.q_norm.weight`, shape: [config.headWidth], kind: 'norm' })
      specs.push({ name: `${at}.self_attn.k_norm.weight`, shape: [config.headWidth], kind: 'norm' })
    }
    matrix(`${at}.self_attn.o_proj`, width, queryWidth, config.biases)
    norm(`${at}.post_attention_layernorm`, width)
    if (config.activation === 'swiglu') matrix(`${at}.mlp.gate_proj`, config.hidden, width, config.biases)
    matrix(`${at}.mlp.up_proj`, config.hidden, width, config.biases)
    matrix(`${at}.mlp.down_proj`, width, config.hidden, config.biases)
  }
  if (config.normPlacement === 'pre') norm('model.norm', width)
  if (!config.tiedEmbeddings) specs.push({ name: 'lm_head.weight', shape: [vocabSize, width], kind: 'embedding' })
  return specs
}

/** Trainable scalars of a model; tied embeddings count once. */
export function parameterCount(config: GptConfig): number {
  return parameterSpecs(config).reduce((sum, spec) => sum + spec.shape.reduce((a, b) => a * b, 1), 0)
}
