/** Embeddings of GGUF files that say how the states of a text become one vector. */
import { unit } from '../embedder.ts'
import { type GgufHeader, numberOf, textOf } from '../gguf.ts'
import type { AddonContext, LoadedLlama } from './addon.ts'
import { LlamaTokens } from './tokens.ts'

/** llama.cpp's own numbers: the mean, the first or the last state of a text. */
const poolings: readonly (number | undefined)[] = [1, 2, 3]

/** Whether a file is an embedding model: a model that writes says nothing of pooling, and a judge of answers says another kind. */
export const pools = (metadata: GgufHeader['metadata']): boolean =>
  poolings.includes(numberOf(metadata, `${textOf(metadata, 'general.architecture')}.pooling_type`))

export interface LlamaEmbedderOptions {
  threads: number
  /** Most tokens of a text, at which the memory that one takes is bounded. */
  mostTokens: number
}

export class LlamaEmbedder {
  readonly width: number
  /** Most tokens of a text, those around it left out. */
  readonly contextLength: number
  readonly tokens: LlamaTokens
  private readonly context: AddonContext
  private readonly around: Around
  private readonly dispose: () => Promise<void>

  private constructor(context: AddonContext, parts: LlamaEmbedderParts, dispose: () => Promise<void>) {
    this.context = context
    this.width = parts.width
    this.tokens = parts.tokens
    this.around = parts.around
    this.contextLength = parts.window - parts.around.begin.length - parts.around.end.length
    this.dispose = dispose
  }

  static async open(llama: LoadedLlama, metadata: GgufHeader['metadata'], options: LlamaEmbedderOptions) {
    const { addon, model } = llama
    const window = Math.min(model.getTrainContextSize(), options.mostTokens)
    // The states of a text are pooled in one go: the whole of it is one batch.
    const context = new addon.AddonContext(model, {
      contextSize: Math.ceil(window / 256) * 256,
      batchSize: Math.ceil(window / 256) * 256,
      sequences: 1,
      threads: options.threads,
      embeddings: true,
    })
    if (!(await context.init())) throw new Error('llama.cpp has no memory for the model’s states')
    const tokens = new LlamaTokens(metadata, (text) => model.tokenize(text, false))
    const width = numberOf(metadata, `${textOf(metadata, 'general.architecture')}.embedding_length`) ?? 0
    const begin = model.shouldPrependBosToken() ? model.tokenBos() : null
    const parts = { width, window, tokens, around: aroundOf(metadata, begin) }
    return new LlamaEmbedder(context, parts, async () => {
      await context.dispose()
      await llama.dispose()
    })
  }

  /** The unit vector of a text's tokens. */
  async vector(ids: ArrayLike<number>): Promise<Float32Array> {
    const { context, around } = this
    const all = Uint32Array.from([...around.begin, ...Array.from(ids), ...around.end])
    context.initBatch(all.length)
    context.addToBatch(0, 0, all, Uint32Array.of(all.length - 1))
    await context.decodeBatch()
    const vector = context.getEmbedding(all.length)
    context.disposeSequence(0)
    return unit(vector)
  }

  close(): Promise<void> {
    return this.dispose()
  }
}

interface LlamaEmbedderParts {
  width: number
  window: number
  tokens: LlamaTokens
  around: Around
}

/** Tokens that the model was trained to see before and behind a text. */
interface Around {
  begin: readonly number[]
  end: readonly number[]
}

/** As llama.cpp's own tokenizers put them, which its binding's does not. */
function aroundOf(metadata: GgufHeader['metadata'], begin: number | null): Around {
  const id = (name: string) => numberOf(metadata, `tokenizer.ggml.${name}_token_id`)
  const list = (...ids: (number | null | undefined)[]) =>
    ids.filter((each) => each !== null && each !== undefined).slice(0, 1)
  const kind = textOf(metadata, 'tokenizer.ggml.model')
  // The format spells it so.
  if (kind === 'bert') return { begin: list(id('cls'), id('bos'), 101), end: list(id('seperator'), 102) }
  const ends = kind === 't5' || metadata.get('tokenizer.ggml.add_eos_token') === true
  return { begin: kind === 't5' ? [] : list(begin), end: ends ? list(id('eos')) : [] }
}
