import { meanVector } from '#model/embedder'
import { loadEmbedder } from '#model/embedder-folder'
import { Tokenizer } from '#model/tokenizer'

export type Vectors = (texts: readonly string[], dimensions?: number) => Float32Array[]

export interface OpenEmbedder {
  width: number
  parameters: number
  dimensions: readonly number[]
  vectors: Vectors
}

/** The embedding model in a folder, as the server reads it. */
export async function openEmbedder(folder: string): Promise<OpenEmbedder> {
  const [{ table, width, dimensions }, tokenizer] = await Promise.all([loadEmbedder(folder), Tokenizer.open(folder)])
  const vectors: Vectors = (texts, length = width) =>
    texts.map((text) => meanVector(table, width, tokenizer.encode(text), length))
  return { width, parameters: table.length, dimensions, vectors }
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at]
  return sum
}
