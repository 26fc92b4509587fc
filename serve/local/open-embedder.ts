import { meanVector } from '#model/embedder'
import { loadEmbedder } from '#model/embedder-folder'
import { Tokenizer } from '#model/tokenizer'
import type { Embedder } from './embedder.ts'

/** Opens an embedding model of looked-up vectors. @throws ModelFolderError, WeightFileError, TokenizerError */
export async function openEmbedder(folder: string): Promise<Embedder> {
  const [{ table, width, vocabSize, contextLength, dimensions }, tokenizer] = await Promise.all([
    loadEmbedder(folder),
    Tokenizer.open(folder),
  ])
  if (tokenizer.vocabSize > vocabSize)
    throw new Error(`${folder}: the tokenizer has ${tokenizer.vocabSize} tokens, of which ${vocabSize} have a vector`)
  return {
    contextLength,
    vocabSize,
    width,
    shortest: dimensions.length === 0 ? width : Math.min(...dimensions),
    encode: (text) => tokenizer.encode(text),
    vectors: async (texts, length) => texts.map((ids) => meanVector(table, width, ids, length)),
    close: async () => {},
  }
}
