import { saveEmbedder } from '#model/embedder-folder'
import { trainTokenizer } from '#model/tokenizer-training'

const corpus = 'Hello there, how are you? I am well. 你好，你是谁？ one two three\n'.repeat(20)

/** Writes an embedding model of 16 numbers with vectors that look random and are always the same. */
export async function writeSmallEmbedder(folder: string, dimensions: readonly number[] = [16, 4]): Promise<void> {
  const tokenizer = trainTokenizer([corpus], { vocabSize: 300, specialTokens: ['<|endoftext|>'] })
  const table = Float32Array.from({ length: tokenizer.vocabSize * 16 }, (_, at) => Math.sin(at * at + at))
  await saveEmbedder(folder, {
    width: 16,
    contextLength: 64,
    dimensions,
    table,
    tokenizerJson: JSON.stringify(tokenizer.toJson()),
    dtype: 'f32',
  })
}
