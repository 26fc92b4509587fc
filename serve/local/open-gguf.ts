import { ChatFormat } from '#model/chat'
import { openLlama, openLlamaEmbedder } from '#model/llama-cpp'
import { limits } from '#wire/limits'
import type { Embedder } from './embedder.ts'
import { modelPrompts, type OpenModel } from './open-model.ts'
import type { WorkerSettings } from './protocol.ts'

/** Opens a GGUF file that makes embeddings; null where it is one that writes. */
export async function openGgufEmbedder({ folder: file, threads }: WorkerSettings): Promise<Embedder | null> {
  const model = await openLlamaEmbedder(file, { threads, mostTokens: limits.embeddingTextTokens })
  if (model === null) return null
  const { tokens, width, contextLength } = model
  return {
    contextLength,
    width,
    vocabSize: tokens.vocabSize,
    // Whether the beginning of a vector says something by itself stands in no header.
    shortest: width,
    encode: (text) => tokens.encode(text),
    async vectors(texts) {
      const made: Float32Array[] = []
      for (const ids of texts) made.push(await model.vector(ids))
      return made
    },
    close: () => model.close(),
  }
}

/** Opens a GGUF file behind llama.cpp, ready to decode: its own template and marks, our constraints and texts. */
export async function openGguf({
  folder: file,
  slots,
  threads,
  batchBytes,
  loras,
}: WorkerSettings): Promise<OpenModel> {
  const model = await openLlama(file, { slots, threads, batchBytes, loras })
  const { tokens, template, beginToken, endToken } = model
  const format = new ChatFormat(tokens, template, { beginToken, endToken })
  const settings = { add_bos_token: model.beginId !== null, bos_token: beginToken }
  const generation = { eos_token_id: [...model.stopIds] }
  const prompts = modelPrompts(tokens, format, settings, generation, model.decoder.contextLength)
  return { decoder: model.decoder, prompts }
}
