/** What makes vectors in a worker: our own models, and GGUF files behind llama.cpp. */
import type { Embeddings, EmbedRequest } from '#serve/engine'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'

export interface Embedder {
  /** Most tokens of a text. */
  readonly contextLength: number
  readonly vocabSize: number
  /** Numbers of a vector. */
  readonly width: number
  /** The fewest numbers to which a vector may be cut: `width` where its beginning says nothing by itself. */
  readonly shortest: number
  encode(text: string): ArrayLike<number>
  /** Vectors of length 1, of their first `dimensions` numbers. */
  vectors(texts: readonly ArrayLike<number>[], dimensions: number): Promise<Float32Array[]>
  close(): Promise<void>
}

/** @throws ApiError that names the input and the limit */
export async function embedAll(embedder: Embedder, { model, inputs, dimensions }: EmbedRequest): Promise<Embeddings> {
  const length = lengthFor(embedder, model, dimensions)
  const many = inputs.length > 1
  let promptTokens = 0
  const texts = inputs.map((input, at) => {
    const ids = typeof input === 'string' ? embedder.encode(input) : input
    const param = many ? `input[${at}]` : 'input'
    checkTokens(embedder, ids, param)
    promptTokens += ids.length
    if (promptTokens > limits.embeddingTokens) throw tooMany()
    return ids
  })
  return { vectors: await embedder.vectors(texts, length), promptTokens }
}

function lengthFor({ width, shortest }: Embedder, model: string, dimensions: number | null): number {
  if (dimensions === null || dimensions === width) return width
  if (dimensions >= shortest && dimensions < width) return dimensions
  const may = shortest < width ? `from ${shortest} to ${width} numbers` : `${width} numbers and cannot be cut`
  throw new ApiError(
    'invalid_value',
    `The vectors of the model '${model}' have ${may}, not ${dimensions}.`,
    'dimensions',
  )
}

function checkTokens({ contextLength, vocabSize }: Embedder, ids: ArrayLike<number>, param: string): void {
  if (ids.length === 0) throw new ApiError('invalid_value', 'The model reads no token in this text.', param)
  if (ids.length > contextLength) {
    const text = `The model reads ${contextLength} tokens of a text at most, and this one has ${ids.length}. Cut it into parts.`
    throw new ApiError('context_length_exceeded', text, param)
  }
  for (let at = 0; at < ids.length; at++)
    if (ids[at] >= vocabSize)
      throw new ApiError(
        'invalid_value',
        `${ids[at]} is no token of the model, which knows 0 to ${vocabSize - 1}.`,
        param,
      )
}

const tooMany = () =>
  new ApiError(
    'invalid_value',
    `The inputs hold more than ${limits.embeddingTokens} tokens, which is the most of one request. Send fewer at once.`,
    'input',
  )
