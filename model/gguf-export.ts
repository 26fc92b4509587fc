/** A model folder as one GGUF file, which llama.cpp and all that is built on it read. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fimMiddle, fimPrefix, fimSuffix, messageEnd, messageStart } from './chat.ts'
import { openChatConfig } from './chat-config.ts'
import type { GptConfig } from './config.ts'
import { fileTypes, type GgufDtype } from './gguf/encode.ts'
import { GgufError } from './gguf/error.ts'
import { tensorPlans } from './gguf/tensors.ts'
import { type TokenizerFile, vocabularyEntries } from './gguf/vocabulary.ts'
import { type Entry, writeGguf } from './gguf/write.ts'
import { Tokenizer } from './tokenizer.ts'
import { type JsonObject, type LoadedModel, loadModel } from './weights.ts'

export type { GgufDtype } from './gguf/encode.ts'

export interface GgufOptions {
  dtype: GgufDtype
  /** What the file calls the model; its folder's name by default. */
  name?: string
  /** As the model's card names it. */
  licence?: string | null
  /** How llama.cpp makes one vector of a text's states; none by default: then it makes no embeddings of this file. */
  pooling?: 'mean' | 'last'
}

const architectures = {
  LlamaForCausalLM: 'llama',
  Qwen2ForCausalLM: 'qwen2',
  Qwen3ForCausalLM: 'qwen3',
  GPT2LMHeadModel: 'gpt2',
} as const

/**
 * Writes the model in `folder` to `path`, all or nothing. f32 holds what our engine computes with; f16 and q8_0 are
 * smaller and round. Throws GgufError where llama.cpp has no place for the model, and what `loadModel` throws.
 */
export async function exportGguf(folder: string, path: string, options: GgufOptions): Promise<void> {
  const model = await loadModel(folder)
  const { architecture, config } = model
  if (architecture === 'DotlineForCausalLM')
    throw new GgufError(path, 'architecture', 'llama.cpp has no architecture of this form; only Dotline reads it')
  const tokenizer = await Tokenizer.open(folder)
  const metadata = new Map<string, Entry>([
    ...(await generalEntries(folder, model, options)),
    ...architectureEntries(architectures[architecture], config, options.pooling),
    ...vocabularyEntries(tokenizer.toJson() as TokenizerFile, config.vocabSize, path),
    ...(await specialEntries(folder, tokenizer, model)),
  ])
  const plans = tensorPlans(architecture, config, options.dtype, (name) => {
    const parameter = model.parameters.get(name)
    if (parameter === undefined) throw new GgufError(path, name, 'the model has no such parameter')
    return parameter.data
  })
  await writeGguf(path, metadata, plans)
}

async function generalEntries(folder: string, model: LoadedModel, options: GgufOptions): Promise<[string, Entry][]> {
  const entries: [string, Entry][] = [
    ['general.architecture', { kind: 'string', value: typeName(model) }],
    ['general.type', { kind: 'string', value: 'model' }],
    ['general.name', { kind: 'string', value: options.name ?? model.name }],
    ['general.file_type', { kind: 'u32', value: fileTypes[options.dtype] }],
    ['general.quantization_version', { kind: 'u32', value: 2 }],
  ]
  if (options.licence) entries.push(['general.license', { kind: 'string', value: options.licence }])
  const manifest = await readFile(join(folder, 'manifest.json')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  // What the model learned from stays provable: the file names the manifest by its hash.
  if (manifest !== null) {
    const value = createHash('sha256').update(manifest).digest('hex')
    entries.push(['dotline.manifest.sha256', { kind: 'string', value }])
  }
  return entries
}

const typeName = ({ architecture }: LoadedModel) =>
  architecture === 'DotlineForCausalLM' ? 'dotline' : architectures[architecture]

const poolings = { mean: 1, last: 3 } as const

function architectureEntries(name: string, config: GptConfig, pooling: GgufOptions['pooling']): [string, Entry][] {
  const whole = (key: string, value: number): [string, Entry] => [`${name}.${key}`, { kind: 'u32', value }]
  const real = (key: string, value: number): [string, Entry] => [`${name}.${key}`, { kind: 'f32', value }]
  const common = [
    whole('vocab_size', config.vocabSize),
    whole('context_length', config.contextLength),
    whole('embedding_length', config.width),
    whole('block_count', config.layers),
    whole('feed_forward_length', config.hidden),
    whole('attention.head_count', config.heads),
    whole('attention.head_count_kv', config.kvHeads),
    ...(pooling === undefined ? [] : [whole('pooling_type', poolings[pooling])]),
  ]
  if (name === 'gpt2') return [...common, real('attention.layer_norm_epsilon', config.normEpsilon)]
  return [
    ...common,
    whole('attention.key_length', config.headWidth),
    whole('attention.value_length', config.headWidth),
    whole('rope.dimension_count', config.headWidth),
    real('rope.freq_base', config.ropeTheta),
    real('attention.layer_norm_rms_epsilon', config.normEpsilon),
  ]
}

async function specialEntries(folder: string, tokenizer: Tokenizer, model: LoadedModel): Promise<[string, Entry][]> {
  const { template, beginToken, endToken } = await openChatConfig(folder)
  const entries: [string, Entry][] = []
  const put = (key: string, id: number | undefined) => {
    if (id !== undefined) entries.push([`tokenizer.ggml.${key}_token_id`, { kind: 'u32', value: id }])
  }
  const named = (name: string | undefined) => (name === undefined ? undefined : tokenizer.specialTokens.get(name))
  put('bos', named(beginToken))
  put('eos', named(endToken) ?? firstId(model.generation, 'eos_token_id') ?? firstId(model.rawConfig, 'eos_token_id'))
  put('padding', firstId(model.generation, 'pad_token_id') ?? firstId(model.rawConfig, 'pad_token_id'))
  if (tokenizer.specialTokens.has(messageStart)) put('eot', named(messageEnd))
  put('fim_pre', named(fimPrefix))
  put('fim_suf', named(fimSuffix))
  put('fim_mid', named(fimMiddle))
  entries.push(['tokenizer.ggml.add_bos_token', { kind: 'bool', value: await addsBegin(folder) }])
  if (template !== undefined) entries.push(['tokenizer.chat_template', { kind: 'string', value: template }])
  return entries
}

function firstId(json: JsonObject | null, field: string): number | undefined {
  const value = json?.[field]
  const first = Array.isArray(value) ? value[0] : value
  return typeof first === 'number' && Number.isSafeInteger(first) && first >= 0 ? first : undefined
}

async function addsBegin(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, 'tokenizer_config.json'), 'utf8').catch(() => '{}')
  const config: unknown = JSON.parse(text)
  return typeof config === 'object' && config !== null && 'add_bos_token' in config && config.add_bos_token === true
}
