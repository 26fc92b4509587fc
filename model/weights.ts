/** Models in and out of Hugging Face folders: config.json, safetensors, tokenizer and generation settings. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type GptConfig, parameterSpecs } from './config.ts'
import type { WeightDtype } from './safetensors.ts'
import { type Architecture, publicArchitecture } from './weights/architecture.ts'
import { ModelFolderError } from './weights/error.ts'
import { configFile, generationFile, modelName, parseJsonObject, readJsonFile } from './weights/folder.ts'
import type { JsonObject } from './weights/json.ts'
import { placements } from './weights/placements.ts'
import { imposedNormalForm, publishConfig, publishTokenizer, type SpecialTokens, tokenIds } from './weights/publish.ts'
import { readParameters } from './weights/read.ts'
import { type ReadConfig, readConfig } from './weights/read-config.ts'
import {
  checkParameters,
  type Parameter,
  removeOld,
  writeJson,
  writeSettings,
  writeText,
  writeWeights,
} from './weights/write.ts'

export type { Architecture } from './weights/architecture.ts'
export { ModelFolderError } from './weights/error.ts'
export type { JsonObject } from './weights/json.ts'
export type { SpecialTokens } from './weights/publish.ts'
export type { Parameter } from './weights/write.ts'

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
  const parameters = await readParameters(
    folder,
    { architecture, specs: parameterSpecs(config), tied: config.tiedEmbeddings },
    options,
  )
  const generation = await readJsonFile(folder, generationFile)
  return { config, parameters, generation, rawConfig, architecture, name: modelName(folder), folder }
}

/** The configuration that the bytes of a config.json describe; `file` names it in errors. Throws ModelFolderError. */
export function parseConfig(bytes: Uint8Array, file: string): ReadConfig {
  return readConfig(parseJsonObject(bytes, file), file)
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
  const specs = parameterSpecs(config)
  checkParameters(folder, specs, model)
  await mkdir(folder, { recursive: true })
  await removeOld(folder)
  await writeWeights(folder, placements(architecture, specs), model)
  await writeText(tokenizerFile, tokenizerJson)
  await writeSettings(folder, { ...model, contextLength: config.contextLength }, ids)
  await writeJson(path.join(folder, configFile), publishConfig(architecture, config, ids, dtype))
}

/**
 * The normal form that text is brought into for models of this configuration, once they are saved: a tokenizer should
 * apply it in training already. Throws ModelFolderError where no public architecture fits.
 */
export function normalFormOf(config: GptConfig): 'NFC' | null {
  return imposedNormalForm(publicArchitecture(config, configFile))
}
