/** Models in and out of Hugging Face folders: config.json, safetensors, tokenizer and generation settings. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { type GptConfig, parameterSpecs } from './config.ts'
import { type TensorToWrite, type WeightDtype, writeSafetensors } from './safetensors.ts'
import { type Architecture, publicArchitecture } from './weights/architecture.ts'
import { syncFolder, writeAll, writeDurably } from './weights/durable.ts'
import { ModelFolderError, WeightFileError } from './weights/error.ts'
import {
  configFile,
  generationFile,
  indexFile,
  modelName,
  parseJsonObject,
  readJsonFile,
  weightFile,
} from './weights/folder.ts'
import { bytesPerElement, firstOverflow } from './weights/halves.ts'
import type { JsonObject } from './weights/json.ts'
import {
  gpt2Prefix,
  isIgnored,
  outputMatrix,
  type Placement,
  placements,
  stack,
  unstack,
} from './weights/placements.ts'
import {
  imposedNormalForm,
  publishConfig,
  publishGeneration,
  publishTokenizer,
  publishTokenizerConfig,
  type SpecialTokens,
  specialTokenFields,
  type TokenIds,
  tokenIds,
} from './weights/publish.ts'
import { type ReadConfig, readConfig } from './weights/read-config.ts'
import { openShards, type Shards } from './weights/shards.ts'

export type { Architecture } from './weights/architecture.ts'
export { ModelFolderError } from './weights/error.ts'
export type { JsonObject } from './weights/json.ts'
export type { SpecialTokens } from './weights/publish.ts'

export interface Parameter {
  shape: readonly number[]
  /** Row-major; linear weights are [out, in]. */
  data: Float32Array
}

export interface LoadedModel {
  config: GptConfig
  /** By the names and in the order of `parameterSpecs(config)`. RoPE rotates halves, as Hugging Face's rotate_half does. */
  parameters: Map<string, Parameter>
  /** generation_config.json as it stands, or null. */
  generation: JsonObject | null
  /** config.json as it stands. */
  rawConfig: JsonObject
  architecture: Architecture
  name: string
  folder: string
}

export interface LoadOptions {
  /** Puts the parameters on SharedArrayBuffers, which worker threads see without copies. */
  shared?: boolean
}

/**
 * Reads the model in `folder`: LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, GPT2LMHeadModel or Dotline's own, f32,
 * f16 or bf16. Every header is checked, and every tensor's name and shape, before the first is allocated; no code of the
 * folder is run. Throws ModelFolderError for its JSON files and WeightFileError for its weights.
 */
export async function loadModel(folder: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const rawConfig = await readJsonFile(folder, configFile)
  if (rawConfig === null)
    throw new ModelFolderError(folder, null, `no ${configFile}: not a model, or one that was not written to the end`)
  const { architecture, config } = readConfig(rawConfig, path.join(folder, configFile))
  await using shards = await openShards(folder)
  const plan = checkTensors(shards, architecture, config)
  const found = new Map<string, Float32Array>()
  for (const placement of plan) {
    const values = unstack(placement, await shards.read(placement.stored, options.shared ?? false))
    placement.parts.forEach((part, index) => {
      found.set(part.name, values[index])
    })
  }
  await checkTie(shards, config, found)
  const parameters = new Map<string, Parameter>()
  for (const { name, shape } of parameterSpecs(config)) {
    const data = found.get(name)
    if (data !== undefined) parameters.set(name, { shape, data })
  }
  const generation = await readJsonFile(folder, generationFile)
  return { config, parameters, generation, rawConfig, architecture, name: modelName(folder), folder }
}

/** The configuration that the bytes of a config.json describe; `file` names it in errors. Throws ModelFolderError. */
export function parseConfig(bytes: Uint8Array, file: string): ReadConfig {
  return readConfig(parseJsonObject(bytes, file), file)
}

/** The placements under the names this checkpoint uses, once names and shapes are all as expected. */
function checkTensors(shards: Shards, architecture: Architecture, config: GptConfig): Placement[] {
  let plan = placements(architecture, config)
  const bare = architecture === 'GPT2LMHeadModel' && shards.info(`${gpt2Prefix}wte.weight`) === undefined
  if (bare)
    plan = plan.map((placement) => ({
      ...placement,
      stored: placement.stored.replace(new RegExp(`^${gpt2Prefix}`), ''),
    }))
  const expected = new Set<string>()
  for (const { stored, shape } of plan) {
    expected.add(stored)
    const info = shards.info(stored)
    if (info === undefined) throw new WeightFileError(shards.fileOf(stored), stored, 'missing')
    if (info.shape.length !== shape.length || info.shape.some((size, axis) => size !== shape[axis]))
      throw new WeightFileError(
        shards.fileOf(stored),
        stored,
        `shape [${info.shape.join(', ')}], but ${configFile} asks for [${shape.join(', ')}]`,
      )
  }
  for (const name of shards.names())
    if (!expected.has(name) && !isIgnored(architecture, name) && !(config.tiedEmbeddings && name === outputMatrix))
      throw new WeightFileError(shards.fileOf(name), name, `not a tensor of a ${architecture} with this ${configFile}`)
  return plan
}

/** A checkpoint may repeat a tied output matrix; a different one would be dropped without a word, so it is refused. */
async function checkTie(shards: Shards, config: GptConfig, found: ReadonlyMap<string, Float32Array>): Promise<void> {
  const embedding = found.get('model.embed_tokens.weight')
  if (!config.tiedEmbeddings || embedding === undefined || shards.info(outputMatrix) === undefined) return
  const output = await shards.read(outputMatrix, false)
  const same = output.length === embedding.length && output.every((value, index) => Object.is(value, embedding[index]))
  if (!same)
    throw new WeightFileError(
      shards.fileOf(outputMatrix),
      outputMatrix,
      `differs from the embedding, although ${configFile} ties them; set tie_word_embeddings to false`,
    )
}

export interface ModelToSave {
  config: GptConfig
  parameters: ReadonlyMap<string, Parameter>
  /** The text of a Hugging Face tokenizer.json; a Qwen2 shape adds NFC to one that does not normalise. */
  tokenizerJson: string
  /** A Jinja template, or null for a model that does not chat. */
  chatTemplate: string | null
  specialTokens: SpecialTokens
  dtype: WeightDtype
  /** More fields of generation_config.json, such as temperature, or a list as eos_token_id. */
  generation?: Readonly<Record<string, unknown>>
  /** Kept in the weight files' headers. */
  metadata?: Readonly<Record<string, string>>
  /** Told from `config` unless given; 'dotline' keeps what no public architecture can, for Dotline alone to read. */
  architecture?: 'dotline'
  /** Largest weight file, in bytes of tensors; a model beyond it is cut into shards with an index. */
  shardBytes?: number
}

/** Hugging Face's own threshold. */
const defaultShardBytes = 5_000_000_000

/**
 * Writes a folder that transformers, vLLM, llama.cpp's converter and `loadModel` read. A config.json that is there is
 * removed first and the new one comes last, each file beside, fsynced and renamed: after a crash the folder either holds
 * the whole model or is refused. Throws ModelFolderError where no public architecture fits, before anything is written,
 * and WeightFileError where parameters do not match the configuration or do not fit the dtype.
 */
export async function saveModel(folder: string, model: ModelToSave): Promise<void> {
  const { config, specialTokens, dtype } = model
  const architecture =
    model.architecture === 'dotline' ? 'DotlineForCausalLM' : publicArchitecture(config, path.join(folder, configFile))
  const tokenizerFile = path.join(folder, 'tokenizer.json')
  const tokenizer = parseJsonObject(Buffer.from(model.tokenizerJson), tokenizerFile)
  const ids = tokenIds(tokenizer, specialTokens, config.vocabSize, tokenizerFile)
  const tokenizerJson = publishTokenizer(architecture, model.tokenizerJson, tokenizer, tokenizerFile)
  checkParameters(folder, model)
  await mkdir(folder, { recursive: true })
  await removeOld(folder)
  await writeWeights(folder, architecture, model)
  await writeText(tokenizerFile, tokenizerJson)
  await writeSettings(folder, model, ids)
  await writeJson(path.join(folder, configFile), publishConfig(architecture, config, ids, dtype))
}

/**
 * The normal form that text is brought into for models of this configuration, once they are saved: a tokenizer should
 * apply it in training already. Throws ModelFolderError where no public architecture fits.
 */
export function normalFormOf(config: GptConfig): 'NFC' | null {
  return imposedNormalForm(publicArchitecture(config, configFile))
}

async function writeSettings(folder: string, model: ModelToSave, ids: TokenIds): Promise<void> {
  const { specialTokens, chatTemplate, config } = model
  const settings = publishTokenizerConfig(specialTokens, config.contextLength, chatTemplate)
  await writeJson(path.join(folder, 'tokenizer_config.json'), settings)
  await writeJson(path.join(folder, 'special_tokens_map.json'), specialTokenFields(specialTokens))
  await writeJson(path.join(folder, generationFile), publishGeneration(ids, model.generation ?? {}))
}

/** Everything that can be wrong with the parameters is found here, while an older model in the folder is still whole. */
function checkParameters(folder: string, { config, parameters, dtype }: ModelToSave): void {
  const specs = parameterSpecs(config)
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
async function removeOld(folder: string): Promise<void> {
  await rm(path.join(folder, configFile), { force: true })
  await syncFolder(folder)
  for (const name of await readdir(folder))
    if (/^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name)) await rm(path.join(folder, name))
}

async function writeWeights(folder: string, architecture: Architecture, model: ModelToSave): Promise<void> {
  const { config, parameters, dtype } = model
  const options = { dtype, metadata: { format: 'pt', ...model.metadata } }
  const tensors = placements(architecture, config).map(
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

async function writeJson(file: string, value: object): Promise<void> {
  await writeText(file, `${JSON.stringify(value, null, 2)}\n`)
}

async function writeText(file: string, text: string): Promise<void> {
  await writeDurably(file, (handle) => writeAll(handle, Buffer.from(text)))
}
