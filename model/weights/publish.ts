/** The JSON files of a model folder, as transformers, vLLM and llama.cpp's converter read them. */
import type { GptConfig } from '../config.ts'
import { type Architecture, modelTypes } from './architecture.ts'
import { ModelFolderError } from './error.ts'
import type { WeightDtype } from './halves.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** The tokens with a part to play, as strings of the tokenizer. */
export interface SpecialTokens {
  bos?: string
  /** Ends an answer. */
  eos: string
  pad: string
}

export interface TokenIds {
  bos?: number
  eos: number
  pad: number
}

const torchDtypes: Record<WeightDtype, string> = { f32: 'float32', f16: 'float16', bf16: 'bfloat16' }

/** Standard deviation of GPT-2's initial weights, which every family's configuration names; only training from scratch uses it. */
const initializerRange = 0.02

/** config.json. */
export function publishConfig(
  architecture: Architecture,
  config: GptConfig,
  ids: TokenIds,
  dtype: WeightDtype,
): object {
  return {
    architectures: [architecture],
    model_type: modelTypes[architecture],
    ...shapeFields(architecture, config),
    bos_token_id: ids.bos ?? null,
    eos_token_id: ids.eos,
    pad_token_id: ids.pad,
    tie_word_embeddings: config.tiedEmbeddings,
    initializer_range: initializerRange,
    use_cache: true,
    torch_dtype: torchDtypes[dtype],
  }
}

function shapeFields(architecture: Architecture, config: GptConfig): object {
  if (architecture === 'DotlineForCausalLM') return { vocab_size: config.vocabSize, gpt: config }
  if (architecture === 'GPT2LMHeadModel') return gpt2Fields(config)
  const fields = llamaFields(config)
  if (architecture === 'LlamaForCausalLM')
    return { ...fields, attention_bias: false, mlp_bias: false, pretraining_tp: 1 }
  const window = { use_sliding_window: false, sliding_window: null, max_window_layers: config.layers }
  return architecture === 'Qwen3ForCausalLM'
    ? { ...fields, attention_bias: false, ...window }
    : { ...fields, ...window }
}

function llamaFields(config: GptConfig): object {
  return {
    vocab_size: config.vocabSize,
    hidden_size: config.width,
    intermediate_size: config.hidden,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headWidth,
    hidden_act: 'silu',
    max_position_embeddings: config.contextLength,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    rope_scaling: null,
    attention_dropout: config.dropout,
  }
}

function gpt2Fields(config: GptConfig): object {
  return {
    vocab_size: config.vocabSize,
    n_positions: config.contextLength,
    n_ctx: config.contextLength,
    n_embd: config.width,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: config.hidden,
    activation_function: 'gelu_new',
    layer_norm_epsilon: config.normEpsilon,
    scale_attn_weights: true,
    scale_attn_by_inverse_layer_idx: false,
    attn_pdrop: config.dropout,
    embd_pdrop: config.dropout,
    resid_pdrop: config.dropout,
  }
}

/** tokenizer_config.json; `contextLength` in tokens. */
export function publishTokenizerConfig(
  tokens: SpecialTokens,
  contextLength: number,
  chatTemplate: string | null,
): object {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...specialTokenFields(tokens),
    model_max_length: contextLength,
    clean_up_tokenization_spaces: false,
    add_bos_token: false,
    add_eos_token: false,
    ...(chatTemplate === null ? {} : { chat_template: chatTemplate }),
  }
}

/**
 * The normal form that transformers (from version 5) brings text into for every folder of this shape, whatever its
 * tokenizer.json says, since Qwen2's own tokenizers do. Null where it goes by the file.
 */
export function imposedNormalForm(architecture: Architecture): 'NFC' | null {
  return architecture === 'Qwen2ForCausalLM' ? 'NFC' : null
}

/**
 * The text of a tokenizer.json that is read alike everywhere: with the normal form that the shape imposes, so that
 * Dotline applies it too. Throws ModelFolderError where the tokenizer normalises in another way.
 */
export function publishTokenizer(architecture: Architecture, json: string, parsed: JsonObject, file: string): string {
  const form = imposedNormalForm(architecture)
  const normalizer = parsed.normalizer ?? null
  if (form === null || (isJsonObject(normalizer) && normalizer.type === form)) return json
  if (normalizer !== null)
    throw new ModelFolderError(
      file,
      'normalizer',
      `transformers brings text into ${form} for a ${architecture} and would not apply this one: give the tokenizer ${form} or none, or choose another shape`,
    )
  return JSON.stringify({ ...parsed, normalizer: { type: form } })
}

/** special_tokens_map.json. */
export function specialTokenFields({ bos, eos, pad }: SpecialTokens): object {
  return { ...(bos === undefined ? {} : { bos_token: bos }), eos_token: eos, pad_token: pad }
}

/** generation_config.json; `extra` wins over what the tokens say. */
export function publishGeneration(ids: TokenIds, extra: Readonly<Record<string, unknown>>): object {
  return {
    ...(ids.bos === undefined ? {} : { bos_token_id: ids.bos }),
    eos_token_id: ids.eos,
    pad_token_id: ids.pad,
    ...extra,
  }
}

/** The special tokens' ids in a parsed tokenizer.json. Throws ModelFolderError where one is missing or beyond the vocabulary. */
export function tokenIds(tokenizer: JsonObject, tokens: SpecialTokens, vocabSize: number, file: string): TokenIds {
  const ids = vocabularyOf(tokenizer)
  for (const [token, id] of ids)
    if (id >= vocabSize)
      throw new ModelFolderError(file, token, `id ${id} is beyond the model's vocabulary of ${vocabSize} tokens`)
  const idOf = (token: string): number => {
    const id = ids.get(token)
    if (id === undefined) throw new ModelFolderError(file, token, 'special token is not in the vocabulary')
    return id
  }
  const bos = tokens.bos === undefined ? {} : { bos: idOf(tokens.bos) }
  return { ...bos, eos: idOf(tokens.eos), pad: idOf(tokens.pad) }
}

function vocabularyOf(tokenizer: JsonObject): Map<string, number> {
  const ids = new Map<string, number>()
  const add = (token: Json | undefined, id: Json | undefined) => {
    if (typeof token === 'string' && typeof id === 'number') ids.set(token, id)
  }
  const model = tokenizer.model
  const vocabulary = isJsonObject(model) ? model.vocab : undefined
  if (isJsonObject(vocabulary)) for (const token in vocabulary) add(token, vocabulary[token])
  const added = tokenizer.added_tokens
  if (Array.isArray(added)) for (const entry of added) if (isJsonObject(entry)) add(entry.content, entry.id)
  return ids
}
