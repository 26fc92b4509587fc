/**
 * Embedding models of looked-up vectors in and out of folders, in the layout of model2vec (`StaticModel`), so that its
 * Python package reads ours and we read what is published in it.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { openSafetensors, type WeightDtype } from './safetensors.ts'
import { ModelFolderError, WeightFileError } from './weights/error.ts'
import { Fields } from './weights/fields.ts'
import { configFile, findFile, parseJsonObject, readJsonFile, weightFile } from './weights/folder.ts'
import type { JsonObject } from './weights/json.ts'
import { removeOld, writeJson, writeText, writeWeights } from './weights/write.ts'

const architecture = 'StaticModel'
const modelType = 'model2vec'
const stored = 'embeddings'
const torchDtypes: Record<WeightDtype, string> = { f32: 'float32', f16: 'float16', bf16: 'bfloat16' }

export interface EmbedderConfig {
  width: number
  /** Most tokens of a text that are read. */
  contextLength: number
  /** Lengths for which the beginning of a vector was trained to be a vector; empty where that is not said. */
  dimensions: readonly number[]
}

export interface LoadedEmbedder extends EmbedderConfig {
  vocabSize: number
  /** [vocabSize, width]. */
  table: Float32Array
}

const isEmbedder = (raw: JsonObject): boolean => raw.model_type === modelType

/** Whether a folder holds an embedding model. Throws ModelFolderError where its config.json cannot be read. */
export async function holdsEmbedder(folder: string): Promise<boolean> {
  const raw = await readJsonFile(folder, configFile)
  return raw !== null && isEmbedder(raw)
}

/** Reads the embedding model in `folder`. Throws ModelFolderError and WeightFileError. */
export async function loadEmbedder(folder: string): Promise<LoadedEmbedder> {
  const raw = await readJsonFile(folder, configFile)
  if (raw === null) throw new ModelFolderError(folder, null, `no ${configFile}: not a model`)
  const config = readEmbedderConfig(raw, path.join(folder, configFile))
  const place = await findFile(folder, weightFile)
  if (place === null) throw new ModelFolderError(folder, null, `no ${weightFile}`)
  await using file = await openSafetensors(place)
  const info = file.tensors.get(stored)
  if (info === undefined) throw new WeightFileError(place, stored, 'missing')
  const [vocabSize, width] = info.shape
  if (info.shape.length !== 2 || width !== config.width)
    throw new WeightFileError(place, stored, `shape [${info.shape.join(', ')}], but hidden_dim is ${config.width}`)
  const other = [...file.tensors.keys()].find((name) => name !== stored)
  if (other !== undefined)
    throw new WeightFileError(place, other, 'weights of tokens beside their vectors are not supported')
  return { ...config, vocabSize, table: await file.read(stored) }
}

/** The embedding model that the bytes of a config.json describe; `file` names it in errors. Throws ModelFolderError. */
export const parseEmbedderConfig = (bytes: Uint8Array, file: string): EmbedderConfig =>
  readEmbedderConfig(parseJsonObject(bytes, file), file)

function readEmbedderConfig(raw: JsonObject, file: string): EmbedderConfig {
  const fields = new Fields(file, raw)
  if (!isEmbedder(raw)) return fields.fail('model_type', `not an embedding model; only ${modelType} is`)
  const width = fields.count('hidden_dim', 1_000_000)
  const cuts = raw.dimensions ?? []
  const sound = (cut: unknown): cut is number => Number.isSafeInteger(cut) && Number(cut) >= 1 && Number(cut) <= width
  if (!Array.isArray(cuts) || !cuts.every(sound)) return fields.fail('dimensions', 'must list lengths up to hidden_dim')
  return { width, contextLength: fields.count('seq_length', 1_000_000_000, 1_000_000), dimensions: cuts }
}

export interface EmbedderToSave extends EmbedderConfig {
  table: Float32Array
  tokenizerJson: string
  dtype: WeightDtype
  metadata?: Readonly<Record<string, string>>
}

/** Writes the folder of an embedding model; config.json goes first and comes last, as `saveModel` does it. */
export async function saveEmbedder(folder: string, model: EmbedderToSave): Promise<void> {
  const { width, contextLength, dimensions, table, tokenizerJson, dtype, metadata } = model
  const shape = [table.length / width, width]
  await mkdir(folder, { recursive: true })
  await removeOld(folder)
  const parts = [{ name: stored, shape, kind: 'embedding' as const }]
  await writeWeights(folder, [{ stored, shape, transposed: false, parts }], {
    parameters: new Map([[stored, { shape, data: table }]]),
    dtype,
    metadata,
  })
  await writeText(path.join(folder, 'tokenizer.json'), tokenizerJson)
  await writeJson(path.join(folder, configFile), {
    architectures: [architecture],
    model_type: modelType,
    hidden_dim: width,
    seq_length: contextLength,
    normalize: true,
    torch_dtype: torchDtypes[dtype],
    apply_pca: null,
    apply_zipf: null,
    dimensions,
  })
}
