/** Where llama.cpp wants each parameter of a model: names, shapes, and the order of rows. */
import { type GptConfig, type ParameterSpec, parameterSpecs } from '../config.ts'
import type { PublicArchitecture } from '../weights/architecture.ts'
import type { GgufDtype } from './encode.ts'
import type { TensorPlan } from './write.ts'

type Values = (name: string) => Float32Array

const names: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.embed_positions': 'position_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
}

const layerNames: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}

/** The tensors of a model in the order of its parameters. `values` gives a parameter's values by its name. */
export function tensorPlans(
  architecture: PublicArchitecture,
  config: GptConfig,
  dtype: GgufDtype,
  values: Values,
): TensorPlan[] {
  const stacks = Map.groupBy(parameterSpecs(config), ({ name }) => ggufName(name, architecture === 'GPT2LMHeadModel'))
  return Array.from(stacks, ([name, parts]) => {
    const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0)
    const dimensions = [rows, ...parts[0].shape.slice(1)].reverse()
    return {
      name,
      dimensions,
      dtype: dtypeOf(parts[0], dimensions, dtype),
      values: () => joined(parts.map((part) => arranged(part, architecture, config, values(part.name)))),
    }
  })
}

function ggufName(parameter: string, fused: boolean): string {
  const dot = parameter.lastIndexOf('.')
  const [module, leaf] = [parameter.slice(0, dot), parameter.slice(dot)]
  const layer = /^model\.layers\.(\d+)\.(.+)$/.exec(module)
  if (layer === null) return names[module] + leaf
  // GPT-2 has one matrix for queries, keys and values.
  const name = fused && /self_attn\.[qkv]_proj/.test(layer[2]) ? 'attn_qkv' : layerNames[layer[2]]
  return `blk.${layer[1]}.${name}${leaf}`
}

/** llama.cpp adds vectors, and GPT-2's positions, in 32 bits alone; blocks of q8_0 lie within a row. */
function dtypeOf({ name, shape }: ParameterSpec, dimensions: readonly number[], dtype: GgufDtype): GgufDtype {
  if (shape.length === 1 || name.startsWith('model.embed_positions')) return 'f32'
  return dtype === 'q8_0' && dimensions[0] % 32 !== 0 ? 'f16' : dtype
}

/**
 * llama.cpp's Llama rotates neighbours, where Hugging Face's (and ours) rotates halves of a head: the rows of queries and
 * keys change places. Its Qwens rotate halves as well.
 */
function arranged(
  { name, shape }: ParameterSpec,
  architecture: PublicArchitecture,
  config: GptConfig,
  values: Float32Array,
): Float32Array {
  if (architecture !== 'LlamaForCausalLM' || !/self_attn\.[qk]_proj/.test(name)) return values
  const [rows] = shape
  const row = values.length / rows
  const half = config.headWidth / 2
  const result = new Float32Array(values.length)
  for (let from = 0; from < rows; from++) {
    const head = Math.floor(from / config.headWidth)
    const at = from % config.headWidth
    const to = head * config.headWidth + (at < half ? 2 * at : 2 * (at - half) + 1)
    result.set(values.subarray(from * row, (from + 1) * row), to * row)
  }
  return result
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
