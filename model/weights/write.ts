/** The files of a model folder, written so that a crash leaves either the whole model or none. */
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { ParameterSpec } from '../config.ts'
import { type TensorToWrite, type WeightDtype, writeSafetensors } from '../safetensors.ts'
import { syncFolder, writeAll, writeDurably } from './durable.ts'
import { WeightFileError } from './error.ts'
import { configFile, generationFile, indexFile, weightFile } from './folder.ts'
import { bytesPerElement, firstOverflow } from './halves.ts'
import { type Placement, stack } from './placements.ts'
import {
  publishGeneration,
  publishTokenizerConfig,
  type SpecialTokens,
  specialTokenFields,
  type TokenIds,
} from './publish.ts'

/** A parameter's values; row-major, linear weights are [out, in]. */
export interface Parameter {
  shape: readonly number[]
  data: Float32Array
}

export interface WeightsToWrite {
  parameters: ReadonlyMap<string, Parameter>
  dtype: WeightDtype
  metadata?: Readonly<Record<string, string>>
  shardBytes?: number
}

/** Hugging Face's own threshold. */
const defaultShardBytes = 5_000_000_000

export interface SettingsToWrite {
  specialTokens: SpecialTokens
  contextLength: number
  chatTemplate: string | null
  generation?: Readonly<Record<string, unknown>>
}

/** The settings of tokenizer and generation. */
export async function writeSettings(folder: string, model: SettingsToWrite, ids: TokenIds): Promise<void> {
  const { specialTokens, chatTemplate, contextLength } = model
  const settings = publishTokenizerConfig(specialTokens, contextLength, chatTemplate)
  await writeJson(path.join(folder, 'tokenizer_config.json'), settings)
  await writeJson(path.join(folder, 'special_tokens_map.json'), specialTokenFields(specialTokens))
  await writeJson(path.join(folder, generationFile), publishGeneration(ids, model.generation ?? {}))
}

/** Everything that can be wrong with the parameters is found here, while an older model in the folder is still whole. */
export function checkParameters(
  folder: string,
  specs: readonly ParameterSpec[],
  { parameters, dtype }: WeightsToWrite,
): void {
  for (const { name, shape } of specs) {
    const fail = (reason: string): never => {
      throw new WeightFileError(folder, name, reason)
    }
    const { shape: given, data } = parameters.get(name) ?? fail('missing among the parameters to save')
    if (given.join() !== shape.join())
      fail(`shape [${given.join(', ')}], but the configuration asks for [${shape.join(', ')}]`)
    if (data.length !== shape.reduce((product, length) => product * length, 1))
      fail(`${data.length} values do not fill the shape [${shape.join(', ')}]`)
    const overflow = firstOverflow(data, dtype)
    if (overflow >= 0) fail(`value ${data[overflow]} at ${overflow} is too large for ${dtype}`)
  }
  const expected = new Set(specs.map((spec) => spec.name))
  for (const name of parameters.keys())
    if (!expected.has(name)) throw new WeightFileError(folder, name, 'not a parameter of this configuration')
}

/** Takes away the old model, config.json first: without it the rest is no model. */
export async function removeOld(folder: string): Promise<void> {
  await rm(path.join(folder, configFile), { force: true })
  await syncFolder(folder)
  for (const name of await readdir(folder))
    if (/^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name)) await rm(path.join(folder, name))
}

/** The weights in the places that an architecture gives them. */
export async function writeWeights(folder: string, plan: readonly Placement[], model: WeightsToWrite): Promise<void> {
  const { parameters, dtype } = model
  const options = { dtype, metadata: { format: 'pt', ...model.metadata } }
  const tensors = plan.map(
    (placement): TensorToWrite => ({
      name: placement.stored,
      shape: placement.shape,
      data: () =>
        stack(
          placement,
          placement.parts.map((part) => parameters.get(part.name)?.data ?? new Float32Array(0)),
        ),
    }),
  )
  const shards = cut(tensors, dtype, model.shardBytes ?? defaultShardBytes)
  if (shards.length === 1) return writeSafetensors(path.join(folder, weightFile), tensors, options)
  const weightMap: Record<string, string> = {}
  for (const [index, shard] of shards.entries()) {
    const name = `model-${place(index + 1)}-of-${place(shards.length)}.safetensors`
    await writeSafetensors(path.join(folder, name), shard, options)
    for (const tensor of shard) weightMap[tensor.name] = name
  }
  const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor, dtype), 0)
  await writeJson(path.join(folder, indexFile), { metadata: { total_size: total }, weight_map: weightMap })
}

/** Consecutive tensors, as many to a shard as fit; one that is larger than a shard stands alone. */
function cut(tensors: readonly TensorToWrite[], dtype: WeightDtype, shardBytes: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [[]]
  let size = 0
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor, dtype)
    if (size > 0 && size + bytes > shardBytes) {
      shards.push([])
      size = 0
    }
    shards[shards.length - 1].push(tensor)
    size += bytes
  }
  return shards
}

function bytesOf(tensor: TensorToWrite, dtype: WeightDtype): number {
  return tensor.shape.reduce((product, length) => product * length, bytesPerElement[dtype])
}

function place(index: number): string {
  return String(index).padStart(5, '0')
}

export async function writeJson(file: string, value: object): Promise<void> {
  await writeText(file, `${JSON.stringify(value, null, 2)}\n`)
}

export async function writeText(file: string, text: string): Promise<void> {
  await writeDurably(file, (handle) => writeAll(handle, Buffer.from(text)))
}
