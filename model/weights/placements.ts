/** Where each of the model's parameters lies in a checkpoint: one table for reading and for writing. */
import type { ParameterSpec } from '../config.ts'
import type { Architecture } from './architecture.ts'

/** One tensor of a checkpoint and the parameters that it holds, stacked along their first dimension. */
export interface Placement {
  stored: string
  /** Shape in the file. */
  shape: readonly number[]
  /** GPT-2's Conv1D keeps matrices as [in, out]; ours are [out, in]. */
  transposed: boolean
  parts: readonly ParameterSpec[]
}

/** The tensors that a checkpoint of `architecture` holds, in the order of the parameters. */
export function placements(architecture: Architecture, specs: readonly ParameterSpec[]): Placement[] {
  if (architecture === 'GPT2LMHeadModel') return gpt2Placements(specs)
  return specs.map((spec) => ({ stored: spec.name, shape: spec.shape, transposed: false, parts: [spec] }))
}

/** Tensors that old checkpoints carry and that can be computed: causal masks and RoPE frequencies. */
export function isIgnored(architecture: Architecture, stored: string): boolean {
  if (architecture === 'GPT2LMHeadModel') return /^(transformer\.)?h\.\d+\.attn\.(masked_)?bias$/.test(stored)
  return /^model\.(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/.test(stored)
}

/** Name of the output matrix that a checkpoint with tied embeddings may still repeat. */
export const outputMatrix = 'lm_head.weight'

/** Prefix that GPT2LMHeadModel gives its tensors and GPT2Model, of which the published files are, does not. */
export const gpt2Prefix = 'transformer.'

const gpt2Names: Record<string, string> = {
  'model.embed_tokens': 'transformer.wte',
  'model.embed_positions': 'transformer.wpe',
  'model.norm': 'transformer.ln_f',
  lm_head: 'lm_head',
  score: 'score',
}

const gpt2LayerNames: Record<string, string> = {
  input_layernorm: 'ln_1',
  'self_attn.q_proj': 'attn.c_attn',
  'self_attn.k_proj': 'attn.c_attn',
  'self_attn.v_proj': 'attn.c_attn',
  'self_attn.o_proj': 'attn.c_proj',
  post_attention_layernorm: 'ln_2',
  'mlp.up_proj': 'mlp.c_fc',
  'mlp.down_proj': 'mlp.c_proj',
}

function gpt2Placements(specs: readonly ParameterSpec[]): Placement[] {
  const stacks = Map.groupBy(specs, (spec) => gpt2Name(spec.name))
  return Array.from(stacks, ([stored, parts]) => {
    const rows = parts.reduce((sum, part) => sum + part.shape[0], 0)
    const rest = parts[0].shape.slice(1)
    const transposed = parts[0].kind === 'matrix'
    return { stored, shape: transposed ? [...rest, rows] : [rows, ...rest], transposed, parts }
  })
}

function gpt2Name(parameter: string): string {
  const dot = parameter.lastIndexOf('.')
  const [module, leaf] = [parameter.slice(0, dot), parameter.slice(dot)]
  const layer = /^model\.layers\.(\d+)\.(.+)$/.exec(module)
  if (layer === null) return gpt2Names[module] + leaf
  return `transformer.h.${layer[1]}.${gpt2LayerNames[layer[2]]}${leaf}`
}

/** Splits a stored tensor's values into its parameters'. The results may be views of `values`. */
export function unstack(placement: Placement, values: Float32Array): Float32Array[] {
  const { shape, transposed, parts } = placement
  const upright = transposed ? transpose(values, shape[0], shape[1]) : values
  if (parts.length === 1) return [upright]
  let at = 0
  return parts.map((part) => {
    const size = part.shape.reduce((product, length) => product * length, 1)
    at += size
    // Copies, of the same kind of memory, so that each parameter has a buffer of its own.
    const own = emptyLike(values, size)
    own.set(upright.subarray(at - size, at))
    return own
  })
}

/** The inverse of `unstack`. */
export function stack(placement: Placement, values: readonly Float32Array[]): Float32Array {
  const { shape, transposed } = placement
  let joined = values[0]
  if (values.length > 1) {
    joined = new Float32Array(values.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of values) {
      joined.set(part, at)
      at += part.length
    }
  }
  return transposed ? transpose(joined, shape[1], shape[0]) : joined
}

function emptyLike(values: Float32Array, length: number): Float32Array {
  const shared = values.buffer instanceof SharedArrayBuffer
  return new Float32Array(shared ? new SharedArrayBuffer(length * 4) : new ArrayBuffer(length * 4))
}

const tile = 32

/** [rows, columns] → [columns, rows], tile by tile so that both sides stay in the cache. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = emptyLike(values, values.length)
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(rows, top + tile)
    for (let left = 0; left < columns; left += tile) {
      const right = Math.min(columns, left + tile)
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) result[column * rows + row] = values[row * columns + column]
    }
  }
  return result
}
