/** config.json of a Hugging Face folder → GptConfig. What the decoder cannot compute exactly is refused by name. */
import type { GptConfig } from '../config.ts'
import { type Architecture, modelTypes } from './architecture.ts'
import { ModelFolderError } from './error.ts'
import { Fields, show } from './fields.ts'
import { isJsonObject, type JsonObject } from './json.ts'

/** Far beyond every published model, near enough that a hostile file cannot make us list a billion parameters. */
const most = { vocabulary: 4_000_000, context: 1 << 25, layers: 1024, width: 1 << 17, heads: 1024, hidden: 1 << 20 }

const supported = Object.keys(modelTypes) as Architecture[]

export interface ReadConfig {
  architecture: Architecture
  config: GptConfig
}

/**
 * What the config.json `raw` describes; `file` names it in errors. `auto_map`, the pointer to Python code that some
 * folders carry, is ignored: nothing of a model folder is ever executed. Throws ModelFolderError.
 */
export function readConfig(raw: JsonObject, file: string): ReadConfig {
  const fields = new Fields(file, raw)
  const architecture = architectureOf(fields)
  const config = architecture === 'DotlineForCausalLM' ? readDotline(fields) : readPublic(fields, architecture)
  checkShape(config, fields)
  return { architecture, config }
}

function readPublic(fields: Fields, architecture: Architecture): GptConfig {
  fields.only('quantization_config', null, 'quantised weights; use the full-precision folder')
  fields.only('compression_config', null, 'compressed weights; use the full-precision folder')
  return architecture === 'GPT2LMHeadModel' ? readGpt2(fields) : readLlama(fields, architecture)
}

function architectureOf(fields: Fields): Architecture {
  const named = fields.get('architectures')
  if (Array.isArray(named) && named.length > 0) {
    const found = supported.find((architecture) => architecture === named[0])
    return found ?? fields.fail('architectures', `${show(named[0])} is not supported; only ${supported.join(', ')}`)
  }
  if (named !== undefined && !Array.isArray(named)) fields.fail('architectures', 'not a list')
  const type = fields.get('model_type')
  const found = supported.find((architecture) => modelTypes[architecture] === type)
  return found ?? fields.fail('model_type', type === undefined ? 'missing' : `${show(type)} is not supported`)
}

function readLlama(fields: Fields, architecture: Architecture): GptConfig {
  const qwen3 = architecture === 'Qwen3ForCausalLM'
  refuseLlamaExtras(fields)
  const width = fields.count('hidden_size', most.width)
  const heads = fields.count('num_attention_heads', most.heads)
  return {
    vocabSize: fields.count('vocab_size', most.vocabulary),
    contextLength: fields.count('max_position_embeddings', most.context),
    layers: fields.count('num_hidden_layers', most.layers),
    width,
    heads,
    kvHeads: fields.count('num_key_value_heads', most.heads, heads),
    // The default is transformers' own: Qwen3's is 128, whatever the width.
    headWidth: fields.count('head_dim', most.width, qwen3 ? 128 : width / heads),
    hidden: fields.count('intermediate_size', most.hidden),
    positions: 'rope',
    ropeTheta: ropeTheta(fields),
    norm: 'rmsnorm',
    normPlacement: 'pre',
    normEpsilon: fields.number('rms_norm_eps', 0, 1, 1e-6),
    activation: 'swiglu',
    biases: false,
    qkvBias: architecture === 'Qwen2ForCausalLM',
    qkNorm: qwen3,
    tiedEmbeddings: fields.flag('tie_word_embeddings', false),
    dropout: fields.number('attention_dropout', 0, 1, 0),
  }
}

function refuseLlamaExtras(fields: Fields): void {
  fields.choice('hidden_act', ['silu', 'swish'], 'silu')
  fields.only('attention_bias', false, 'biases on all four attention projections')
  fields.only('mlp_bias', false, 'biases in the feed-forward layer')
  fields.only('partial_rotary_factor', 1, 'rotation of a part of each head')
  for (const field of ['num_local_experts', 'num_experts', 'n_routed_experts'])
    fields.only(field, 0, 'a mixture of experts')
  const sliding = fields.get('use_sliding_window')
  if (sliding !== undefined && sliding !== false)
    fields.fail('use_sliding_window', 'sliding-window attention is not supported')
  // Qwen2 gives the window's width even where use_sliding_window turns it off, and off is its default.
  const qwen = fields.get('model_type') === 'qwen2' || fields.get('model_type') === 'qwen3'
  if (sliding === undefined && !qwen) fields.only('sliding_window', null, 'sliding-window attention')
  const kinds = fields.get('layer_types')
  if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every((kind) => kind === 'full_attention')))
    fields.fail('layer_types', 'only full_attention is supported')
}

/** `rope_theta`, which transformers 5 moved into `rope_parameters`; any scaling of the angles is refused. */
function ropeTheta(fields: Fields): number {
  let holder = fields
  for (const field of ['rope_scaling', 'rope_parameters']) {
    const value = fields.get(field)
    if (value === undefined) continue
    if (!isJsonObject(value)) return fields.fail(field, `${show(value)} is not an object`)
    const nested = new Fields(fields.file, value)
    const type = nested.get('rope_type') ?? nested.get('type') ?? 'default'
    if (type !== 'default') fields.fail(field, `RoPE scaling ${show(type)} is not supported`)
    nested.only('partial_rotary_factor', 1, 'rotation of a part of each head')
    if (nested.get('rope_theta') !== undefined) holder = nested
  }
  return holder.number('rope_theta', 1, 1e12, 10_000)
}

function readGpt2(fields: Fields): GptConfig {
  fields.choice('activation_function', ['gelu_new', 'gelu_pytorch_tanh'], 'gelu_new')
  fields.only('scale_attn_weights', true, 'attention without the 1/sqrt(head width) factor')
  fields.only('scale_attn_by_inverse_layer_idx', false, 'attention scaled by layer')
  fields.only('add_cross_attention', false, 'cross-attention')
  const width = fields.count('n_embd', most.width)
  const heads = fields.count('n_head', most.heads)
  return {
    vocabSize: fields.count('vocab_size', most.vocabulary),
    contextLength: fields.count('n_positions', most.context),
    layers: fields.count('n_layer', most.layers),
    width,
    heads,
    kvHeads: heads,
    headWidth: width / heads,
    hidden: fields.count('n_inner', most.hidden, 4 * width),
    positions: 'learned',
    ropeTheta: 10_000,
    norm: 'layernorm',
    normPlacement: 'pre',
    normEpsilon: fields.number('layer_norm_epsilon', 0, 1, 1e-5),
    activation: 'gelu',
    biases: true,
    qkvBias: false,
    qkNorm: false,
    tiedEmbeddings: fields.flag('tie_word_embeddings', true),
    dropout: fields.number('resid_pdrop', 0, 1, 0.1),
  }
}

function readDotline(fields: Fields): GptConfig {
  const value = fields.get('gpt')
  if (!isJsonObject(value)) throw new ModelFolderError(fields.file, 'gpt', 'missing, or not an object')
  const gpt = new Fields(fields.file, value)
  return {
    vocabSize: gpt.count('vocabSize', most.vocabulary),
    contextLength: gpt.count('contextLength', most.context),
    layers: gpt.count('layers', most.layers),
    width: gpt.count('width', most.width),
    heads: gpt.count('heads', most.heads),
    kvHeads: gpt.count('kvHeads', most.heads),
    headWidth: gpt.count('headWidth', most.width),
    hidden: gpt.count('hidden', most.hidden),
    positions: gpt.choice('positions', ['learned', 'rope']),
    ropeTheta: gpt.number('ropeTheta', 1, 1e12),
    norm: gpt.choice('norm', ['layernorm', 'rmsnorm']),
    normPlacement: gpt.choice('normPlacement', ['pre', 'post']),
    normEpsilon: gpt.number('normEpsilon', 0, 1),
    activation: gpt.choice('activation', ['gelu', 'relu2', 'swiglu']),
    biases: gpt.flag('biases'),
    qkvBias: gpt.flag('qkvBias'),
    qkNorm: gpt.flag('qkNorm'),
    tiedEmbeddings: gpt.flag('tiedEmbeddings'),
    dropout: gpt.number('dropout', 0, 1),
  }
}

function checkShape(config: GptConfig, fields: Fields): void {
  const { heads, kvHeads, headWidth, width, positions } = config
  if (!Number.isInteger(headWidth)) fields.fail('n_head', `the width ${width} is not a multiple of ${heads} heads`)
  if (heads % kvHeads !== 0)
    fields.fail('num_key_value_heads', `${heads} heads are not a multiple of ${kvHeads} key heads`)
  if (positions === 'rope' && headWidth % 2 !== 0) fields.fail('head_dim', `${headWidth} is odd; RoPE rotates pairs`)
}
