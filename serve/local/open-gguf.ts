import { ChatFormat } from '#model/chat'
import { openLlama } from '#model/llama-cpp'
import { modelPrompts, type OpenModel } from './open-model.ts'
import type { WorkerSettings } from './protocol.ts'

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
