/** Models in GGUF files, decoded by llama.cpp: the same `Decoder` as our own models have. */
import type { Decoder } from './decoding.ts'
import { type GgufHeader, numberOf, readGguf, textOf } from './gguf.ts'
import { type LoadedLlama, loadLlama } from './llama/addon.ts'
import { LlamaDecoder } from './llama/decoder.ts'
import { LlamaEmbedder, type LlamaEmbedderOptions, pools } from './llama/embedder.ts'
import { LlamaTokens } from './llama/tokens.ts'
import type { TokenCodec } from './tokenizer.ts'

export { LlamaMissingError, llamaFolder, llamaInstalled } from './llama/addon.ts'
export type { LlamaEmbedder } from './llama/embedder.ts'

export interface LlamaOptions {
  slots: number
  threads: number
  /** Bytes of keys and values of all sequences: fewer are decoded together, or the window is shorter, where more would be needed. */
  batchBytes: number
  /** Small corrections of the weights, with their strengths. */
  loras?: readonly { file: string; scale: number }[]
  /** Keys and values in 32 bits instead of 16, to compare with our own engine. */
  exact?: boolean
}

export interface LlamaModel {
  decoder: Decoder
  tokens: TokenCodec
  /** The file's chat template. */
  template: string | undefined
  beginToken: string | undefined
  endToken: string | undefined
  /** Put before plain texts. */
  beginId: number | null
  /** Tokens that end an answer. */
  stopIds: readonly number[]
}

const batchTokens = 512

/** Opens a GGUF file. Its header is checked first, by our own reader. @throws GgufError, LlamaMissingError */
export async function openLlama(path: string, options: LlamaOptions): Promise<LlamaModel> {
  const { metadata } = await readGguf(path)
  const llama = await loadLlama(path)
  const tokens = new LlamaTokens(metadata, (text) => llama.model.tokenize(text, false))
  const named = (key: string) => {
    const id = numberOf(metadata, `tokenizer.ggml.${key}_token_id`)
    return [...tokens.specialTokens].find((token) => token[1] === id)?.[0]
  }
  return {
    decoder: await openDecoder(llama, metadata, tokens, options),
    tokens,
    template: textOf(metadata, 'tokenizer.chat_template'),
    beginToken: named('bos'),
    endToken: named('eos'),
    beginId: llama.model.shouldPrependBosToken() ? llama.model.tokenBos() : null,
    stopIds: [...tokens.specialTokens.values()].filter((id) => llama.model.isEogToken(id)),
  }
}

async function openDecoder(
  llama: LoadedLlama,
  metadata: GgufHeader['metadata'],
  tokens: LlamaTokens,
  options: LlamaOptions,
): Promise<Decoder> {
  const { addon, model } = llama
  const tokenBytes = bytesOfToken(metadata) * (options.exact ? 2 : 1)
  const window = Math.min(model.getTrainContextSize(), Math.max(512, Math.floor(options.batchBytes / tokenBytes)))
  const slots = Math.max(1, Math.min(options.slots, Math.floor(options.batchBytes / (tokenBytes * window))))
  const context = new addon.AddonContext(model, {
    // llama.cpp divides it among the sequences, in steps of 256.
    contextSize: Math.ceil(window / 256) * 256 * slots,
    batchSize: Math.max(batchTokens, slots),
    sequences: slots,
    threads: options.threads,
    ...(options.exact ? { kvCacheKeyType: 0, kvCacheValueType: 0 } : {}),
  })
  if (!(await context.init())) throw new Error('llama.cpp has no memory for the model’s keys and values')
  const loras = []
  for (const { file } of options.loras ?? []) {
    const lora = new addon.AddonModelLora(model, file)
    await model.loadLora(lora)
    loras.push(lora)
  }
  if (loras.length > 0) context.setLoras(loras, options.loras?.map(({ scale }) => scale) ?? [])
  const newSampler = () => new addon.AddonSampler(model)
  const dispose = () => llama.dispose()
  return new LlamaDecoder({
    context,
    newSampler,
    tokens,
    slots,
    contextLength: window,
    tokenBytes,
    batchTokens,
    dispose,
  })
}

/** Opens a GGUF file that makes embeddings; null where it is one that writes. @throws GgufError, LlamaMissingError */
export async function openLlamaEmbedder(path: string, options: LlamaEmbedderOptions): Promise<LlamaEmbedder | null> {
  const { metadata } = await readGguf(path)
  return pools(metadata) ? LlamaEmbedder.open(await loadLlama(path), metadata, options) : null
}

/** Bytes of keys and values of one token, in 16 bits. */
function bytesOfToken(metadata: GgufHeader['metadata']): number {
  const of = (key: string) => numberOf(metadata, `${textOf(metadata, 'general.architecture')}.${key}`)
  const heads = of('attention.head_count') ?? 1
  const width = of('embedding_length') ?? 4096
  const head = (key: string) => of(`attention.${key}`) ?? width / heads
  return (
    2 *
    (of('block_count') ?? 32) *
    (of('attention.head_count_kv') ?? heads) *
    (head('key_length') + head('value_length'))
  )
}
