/**
 * The part of node-llama-cpp that we stand on: its binding of llama.cpp, below its own batching, which goes from token to
 * token by a hop for each sequence. The package is installed apart, by one command, and pinned to one version.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where `dotline model llama-cpp install` puts the package. */
export const llamaFolder = (): string =>
  process.env.DOTLINE_LLAMA_CPP ?? fileURLToPath(new URL('../../.llama-cpp', import.meta.url))

const packageFolder = () => join(llamaFolder(), 'node_modules', 'node-llama-cpp')

export const llamaInstalled = (): boolean => existsSync(join(packageFolder(), 'package.json'))

/** Whether somebody asked for the packages that know a graphics card; on a Mac the one package does. */
const gpuInstalled = (): boolean =>
  process.platform === 'darwin' ||
  ['cuda', 'vulkan'].some((kind) => {
    const name = `${process.platform === 'win32' ? 'win' : 'linux'}-${process.arch}-${kind}`
    return existsSync(join(llamaFolder(), 'node_modules', '@node-llama-cpp', name, 'bins'))
  })

/** A place in the batch whose logits can be asked for. */
export type LogitPlace = number

export interface AddonSampler {
  applyConfig(config: { temperature: number; topK?: number; topP?: number; minP?: number; seed?: number }): void
  dispose(): void
}

export interface AddonContext {
  init(): Promise<boolean>
  dispose(): Promise<void>
  getContextSize(): number
  initBatch(tokens: number): void
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitsOf: Uint32Array): Uint32Array
  decodeBatch(): Promise<void>
  sampleToken(place: LogitPlace, sampler: AddonSampler): Promise<number>
  sampleToken(
    place: LogitPlace,
    sampler: AddonSampler,
    probabilities: false,
    confidence: false,
    logits: true,
  ): Promise<[token: number, probabilities: undefined, confidence: undefined, logits: number[]]>
  disposeSequence(sequence: number): void
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean
  setLoras(loras: readonly AddonLora[], scales: readonly number[]): void
  getEmbedding(inputTokens: number): Float64Array
}

export interface AddonModel {
  tokenize(text: string, special: boolean): Uint32Array
  loadLora(lora: AddonLora): Promise<void>
  isEogToken(id: number): boolean
  shouldPrependBosToken(): boolean
  tokenBos(): number
  getTrainContextSize(): number
}

export interface AddonLora {
  dispose(): Promise<void>
}

export interface Addon {
  AddonContext: new (
    model: AddonModel,
    options: {
      contextSize: number
      batchSize: number
      sequences: number
      threads: number
      embeddings?: boolean
      kvCacheKeyType?: number
      kvCacheValueType?: number
    },
  ) => AddonContext
  AddonSampler: new (model: AddonModel) => AddonSampler
  AddonModelLora: new (model: AddonModel, path: string) => AddonLora
}

interface Llama {
  _bindings: Addon
  loadModel(options: { modelPath: string }): Promise<{ _model: AddonModel; dispose(): Promise<void> }>
  dispose(): Promise<void>
}

export interface LoadedLlama {
  addon: Addon
  model: AddonModel
  dispose(): Promise<void>
}

/** llama.cpp is not installed; the message says by which command it is. */
export class LlamaMissingError extends Error {
  override readonly name = 'LlamaMissingError'

  constructor() {
    super(
      "GGUF files are served by llama.cpp, which is not installed. Install it with 'dotline model llama-cpp install'",
    )
  }
}

/** Loads a model file, on whatever processor the installed binaries know. @throws LlamaMissingError */
export async function loadLlama(path: string): Promise<LoadedLlama> {
  if (!llamaInstalled()) throw new LlamaMissingError()
  const entry = pathToFileURL(join(packageFolder(), 'dist', 'index.js')).href
  const { getLlama } = (await import(entry)) as {
    getLlama(options: { gpu: 'auto' | false; build: 'never'; logLevel: 'error' }): Promise<Llama>
  }
  const llama = await getLlama({ gpu: gpuInstalled() ? 'auto' : false, build: 'never', logLevel: 'error' })
  const loaded = await llama.loadModel({ modelPath: path })
  // Held to its end: a wrapper that is collected lets go of the model in the background, and the disposal waits for ever.
  const dispose = async () => {
    await loaded.dispose()
    await llama.dispose()
  }
  return { addon: llama._bindings, model: loaded._model, dispose }
}
