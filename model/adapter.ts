/** LoRA adapters in and out of folders, as PEFT writes them: adapter_config.json and adapter_model.safetensors. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { GptConfig } from './config.ts'
import { type LoraConfig, type LoraTarget, loraSpecs, loraTargets } from './lora.ts'
import { openSafetensors, WeightFileError, writeSafetensors } from './safetensors.ts'
import { publicArchitecture } from './weights/architecture.ts'
import { ModelFolderError } from './weights/error.ts'
import { Fields, show } from './weights/fields.ts'
import { readJsonFile } from './weights/folder.ts'
import { writeJson } from './weights/write.ts'

const settingsFile = 'adapter_config.json'
const weightsFile = 'adapter_model.safetensors'
/** What PEFT puts before a module's name: its own wrapper and the tuner's. */
const prefix = 'base_model.model.'

export interface AdapterToSave {
  config: GptConfig
  lora: LoraConfig
  /** By the names of `loraSpecs`. */
  arrays: ReadonlyMap<string, Float32Array>
  /** The model that it belongs to: a folder or a name on the hub. */
  base: string
}

export interface LoadedAdapter {
  lora: LoraConfig
  arrays: Map<string, Float32Array>
  base: string | null
}

/** Throws ModelFolderError where PEFT could not name what is adapted: GPT-2 keeps three projections in one matrix. */
export function checkAdaptable(config: GptConfig, file: string): void {
  if (publicArchitecture(config, file) === 'GPT2LMHeadModel')
    throw new ModelFolderError(file, 'positions', 'LoRA needs the shape of Llama or Qwen, which have RoPE')
}

/** Writes the adapter, float32; the settings come last, so that a folder without them is no adapter. */
export async function saveAdapter(folder: string, { config, lora, arrays, base }: AdapterToSave): Promise<void> {
  checkAdaptable(config, path.join(folder, settingsFile))
  await mkdir(folder, { recursive: true })
  const tensors = loraSpecs(config, lora).map(({ name, shape }) => {
    const data = arrays.get(name)
    if (!data) throw new WeightFileError(path.join(folder, weightsFile), name, 'missing among the arrays to save')
    return { name: prefix + name, shape, data }
  })
  await writeSafetensors(path.join(folder, weightsFile), tensors, { dtype: 'f32', metadata: { format: 'pt' } })
  await writeJson(path.join(folder, settingsFile), {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    inference_mode: true,
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: 0,
    target_modules: [...lora.targets],
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    use_rslora: false,
    use_dora: false,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: {},
    alpha_pattern: {},
    revision: null,
  })
}

/** Reads an adapter of a model of this configuration. Throws ModelFolderError and WeightFileError. */
export async function loadAdapter(folder: string, config: GptConfig): Promise<LoadedAdapter> {
  const raw = await readJsonFile(folder, settingsFile)
  const file = path.join(folder, settingsFile)
  if (raw === null) throw new ModelFolderError(folder, null, `no ${settingsFile}: not an adapter`)
  const fields = new Fields(file, raw)
  const lora = readSettings(fields)
  await using weights = await openSafetensors(path.join(folder, weightsFile))
  const arrays = new Map<string, Float32Array>()
  const specs = loraSpecs(config, lora)
  for (const { name, shape } of specs) {
    const found = weights.tensors.get(prefix + name)?.shape
    if (found?.join() !== shape.join())
      throw new WeightFileError(
        weights.path,
        prefix + name,
        found ? `shape [${found.join(', ')}], but the model asks for [${shape.join(', ')}]` : 'missing',
      )
    arrays.set(name, await weights.read(prefix + name))
  }
  const expected = new Set(specs.map(({ name }) => prefix + name))
  for (const name of weights.tensors.keys())
    if (!expected.has(name)) throw new WeightFileError(weights.path, name, 'nothing of this model is adapted by it')
  const base = fields.get('base_model_name_or_path')
  return { lora, arrays, base: typeof base === 'string' ? base : null }
}

function readSettings(fields: Fields): LoraConfig {
  fields.choice('peft_type', ['LORA'])
  fields.only('bias', 'none', 'biases that are learned too')
  for (const field of ['fan_in_fan_out', 'use_rslora', 'use_dora'])
    fields.only(field, false, 'another form of adapter than plain LoRA')
  fields.only('modules_to_save', null, 'whole modules beside the adapter')
  for (const field of ['rank_pattern', 'alpha_pattern'])
    if (JSON.stringify(fields.get(field) ?? {}) !== '{}') fields.fail(field, 'ranks that differ are not supported')
  const targets = fields.get('target_modules')
  if (!Array.isArray(targets) || targets.length === 0) return fields.fail('target_modules', 'not a list of names')
  for (const target of targets)
    if (!loraTargets.includes(target as LoraTarget))
      fields.fail('target_modules', `${show(target)} is not supported; only ${loraTargets.join(', ')}`)
  const rank = fields.count('r', 65_536)
  return { rank, alpha: fields.number('lora_alpha', 0, 1e6), targets: targets as LoraTarget[] }
}
