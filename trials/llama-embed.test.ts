/** llama.cpp and our own layers make the same vectors of a text, by either pooling. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { meanOfStates, unit } from '#model/embedder'
import { exportGguf } from '#model/gguf-export'
import { parameterInputs } from '#model/gpt'
import { llamaInstalled, openLlamaEmbedder } from '#model/llama-cpp'
import { loadModel } from '#model/weights'
import { input } from '#tensor/graph'
import { compile } from '#tensor/program'

const starter = fileURLToPath(new URL('../starter', import.meta.url))

// 117 MB that the default install leaves out: 'dotline model llama-cpp install' brings them, and this test with them.
describe.skipIf(!llamaInstalled())('a text’s vector by llama.cpp', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dotline-llama-vectors-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** What our own layers make of the tokens, pooled the same way. */
  async function expected(ids: ArrayLike<number>, pooling: string): Promise<Float32Array> {
    const { config, parameters } = await loadModel(starter)
    const { length } = ids
    const of = { batch: 1, length, tokens: input('tokens', [length], 'int64') }
    const mean = meanOfStates(config, parameterInputs(config), of, input('shares', [length]))
    const program = await compile({ mean })
    const shares = Float32Array.from({ length }, (_, at) =>
      pooling === 'mean' ? 1 / length : at === length - 1 ? 1 : 0,
    )
    const weights = Object.fromEntries([...parameters].map(([name, { data }]) => [name, data]))
    const made = await program.run({ ...weights, shares, tokens: BigInt64Array.from(Array.from(ids), BigInt) })
    return unit(made.mean as Float32Array)
  }

  it.each(['mean', 'last'] as const)('is that of our own layers: %s', { timeout: 60_000 }, async (pooling) => {
    const file = join(folder, `${pooling}.gguf`)
    await exportGguf(starter, file, { dtype: 'f32', pooling })
    const embedder = await openLlamaEmbedder(file, { threads: 1, mostTokens: 256 })
    if (embedder === null) throw new Error('the file says how its states are pooled')
    try {
      expect(embedder.contextLength).toBe(256)
      for (const text of ['Hello there, how are you?', '你好，今天天气怎么样？', 'a']) {
        const ids = embedder.tokens.encode(text)
        const [vector, right] = [await embedder.vector(ids), await expected(ids, pooling)]
        const cosine = vector.reduce((sum, value, at) => sum + value * right[at], 0)
        expect(cosine).toBeGreaterThan(0.9999)
      }
    } finally {
      await embedder.close()
    }
  })

  it('is not made of a file that says nothing of pooling', async () => {
    const file = join(folder, 'writes.gguf')
    await exportGguf(starter, file, { dtype: 'f32' })
    expect(await openLlamaEmbedder(file, { threads: 1, mostTokens: 256 })).toBeNull()
  })
})
