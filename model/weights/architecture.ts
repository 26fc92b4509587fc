/** The public architectures, told apart by what a GptConfig says. */
import type { GptConfig } from '../config.ts'
import { ModelFolderError } from './error.ts'

export type PublicArchitecture = 'LlamaForCausalLM' | 'Qwen2ForCausalLM' | 'Qwen3ForCausalLM' | 'GPT2LMHeadModel'

/** `DotlineForCausalLM` holds any GptConfig and is read by Dotline alone. */
export type Architecture = PublicArchitecture | 'DotlineForCausalLM'

export const modelTypes: Record<Architecture, string> = {
  LlamaForCausalLM: 'llama',
  Qwen2ForCausalLM: 'qwen2',
  Qwen3ForCausalLM: 'qwen3',
  GPT2LMHeadModel: 'gpt2',
  DotlineForCausalLM: 'dotline',
}

/**
 * The architecture under which transformers, vLLM and llama.cpp run exactly this configuration. Throws ModelFolderError,
 * with the field that stands in the way, where there is none.
 */
export function publicArchitecture(config: GptConfig, file: string): PublicArchitecture {
  const refuse = (field: keyof GptConfig, where: string): never => {
    throw new ModelFolderError(
      file,
      field,
      `${JSON.stringify(config[field])} fits no public architecture (${where}); export with architecture 'dotline', which Dotline alone reads`,
    )
  }
  if (config.normPlacement !== 'pre') refuse('normPlacement', 'all of them normalise before')
  if (config.positions === 'learned') {
    if (config.norm !== 'layernorm') refuse('norm', 'learned positions mean GPT-2, which has layernorm')
    if (config.activation !== 'gelu') refuse('activation', 'learned positions mean GPT-2, which has gelu')
    if (!config.biases) refuse('biases', 'learned positions mean GPT-2, which has biases')
    if (config.qkNorm) refuse('qkNorm', 'learned positions mean GPT-2, which has none')
    if (config.kvHeads !== config.heads) refuse('kvHeads', 'GPT-2 has as many as heads')
    if (config.headWidth * config.heads !== config.width) refuse('headWidth', 'GPT-2 has width / heads')
    return 'GPT2LMHeadModel'
  }
  if (config.norm !== 'rmsnorm') refuse('norm', 'rope means Llama or Qwen, which have rmsnorm')
  if (config.activation !== 'swiglu') refuse('activation', 'rope means Llama or Qwen, which have swiglu')
  if (config.biases) refuse('biases', 'rope means Llama or Qwen, which have none beyond qkvBias')
  if (config.qkvBias && config.qkNorm) refuse('qkNorm', 'Qwen2 has qkvBias, Qwen3 has qkNorm, none has both')
  if (config.qkNorm) return 'Qwen3ForCausalLM'
  if (!config.qkvBias) return 'LlamaForCausalLM'
  if (config.headWidth * config.heads !== config.width) refuse('headWidth', 'Qwen2 has width / heads')
  return 'Qwen2ForCausalLM'
}
