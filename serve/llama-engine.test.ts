import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { exportGguf } from '#model/gguf-export'
import { llamaInstalled } from '#model/llama-cpp'
import type { EngineEvent } from '#serve/engine'
import { engineContract, readingContract } from './engine-contract.ts'
import { LocalEngine } from './local-engine.ts'
import { chatAsk, completionAsk } from './testing/scripted-requests.ts'
import { until } from './testing/scripted-server.ts'
import { writeRandomModel } from './testing/small-model.ts'

const never = new AbortController().signal

// 117 MB that the default install leaves out: 'dotline model llama-cpp install' brings them, and these tests with them.
describe.skipIf(!llamaInstalled())('a GGUF file behind llama.cpp, where it is installed', () => {
  let folder: string
  let file: string
  let engine: LocalEngine
  const logged: string[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dotline-llama-'))
    file = join(folder, 'small.gguf')
    await writeRandomModel(join(folder, 'small'), { contextLength: 1024, layers: 4 })
    await exportGguf(join(folder, 'small'), file, { dtype: 'f32' })
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  afterEach(() => engine.close())
  const open = () => {
    logged.length = 0
    engine = new LocalEngine({ folder: file, id: 'm', slots: 4, threads: 1, log: (line) => logged.push(line) })
    return engine
  }

  it.each(engineContract)('$name', { timeout: 30_000 }, async ({ check }) => {
    open()
    await check({ engine, model: 'm', produced: () => engine.stats().computedTokens })
  })

  async function answer(events: AsyncIterable<EngineEvent>): Promise<{ text: string; cached: number }> {
    let [text, cached] = ['', 0]
    for await (const event of events) {
      if (event.type !== 'start') text += event.text
      if (event.type === 'end') cached = event.usage?.cachedTokens ?? 0
    }
    return { text, cached }
  }

  it('goes on from what was computed for the same owner, and for nobody else', { timeout: 30_000 }, async () => {
    open()
    const ask = (owner: string) =>
      answer(
        engine.complete(
          completionAsk({ prompts: ['Hello there, how are you? I am well.'], maxTokens: 3, owner }),
          never,
        ),
      )
    expect((await ask('ann')).cached).toBe(0)
    expect((await ask('bob')).cached).toBe(0)
    expect((await ask('ann')).cached).toBeGreaterThan(5)
  })

  it('writes JSON by a schema alone, whatever its weights are', { timeout: 30_000 }, async () => {
    open()
    const schema = {
      type: 'object',
      properties: { a: { enum: [1, 2] }, b: { type: 'boolean' } },
      required: ['a', 'b'],
      additionalProperties: false,
    }
    const asked = chatAsk({ format: { type: 'json_schema', schema }, maxTokens: 200 })
    const { text } = await answer(engine.chat(asked, never))
    expect(JSON.parse(text)).toEqual({ a: expect.any(Number), b: expect.any(Boolean) })
  })

  it('dies alone: the next request is answered by another process', { timeout: 30_000 }, async () => {
    open()
    await engine.ready()
    const lost = answer(engine.complete(completionAsk({ prompts: ['Hello'] }), never))
    lost.catch(() => {})
    process.kill(engine.process ?? 0, 'SIGSEGV')
    await expect(lost).rejects.toMatchObject({ code: 'engine_failed' })
    expect((await answer(engine.complete(completionAsk({ prompts: ['Hello'], maxTokens: 3 }), never))).text).not.toBe(
      '',
    )
    await until(() => logged.join().includes('SIGSEGV'), 2000, 'the log says what happened')
  })
})

describe.skipIf(!llamaInstalled())('a GGUF file that makes embeddings', () => {
  let folder: string
  let engine: LocalEngine
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dotline-llama-embed-'))
    await writeRandomModel(join(folder, 'small'), { contextLength: 128 })
    for (const pooling of ['mean', 'last'] as const)
      await exportGguf(join(folder, 'small'), join(folder, `${pooling}.gguf`), { dtype: 'f32', pooling })
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  afterEach(() => engine.close())
  const open = (pooling: string) => {
    engine = new LocalEngine({ folder: join(folder, `${pooling}.gguf`), id: 'm', threads: 1 })
    return engine
  }

  it.each(readingContract)('$name', { timeout: 30_000 }, async ({ check }) => {
    await check({ engine: open('mean'), model: 'm', produced: () => 0 })
  })

  it.each(['mean', 'last'])(
    'makes one vector of a text, or of its tokens, by its own pooling: %s',
    { timeout: 60_000 },
    async (pooling) => {
      open(pooling)
      const text = 'Hello there, how are you? 你好'
      const [ids] = await engine.tokenize({ model: 'm', texts: [text] }, never)
      // Alike at their ends alone.
      const inputs = [text, 'I am well', ids, ids.toSpliced(0, 3)]
      const { vectors, promptTokens } = await engine.embed({ model: 'm', inputs, dimensions: null }, never)
      expect(promptTokens).toBeGreaterThan(3 * ids.length - 3)
      expect(vectors[0]).toEqual(vectors[2])
      expect(vectors[0]).toHaveLength(64)
      for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
      expect(engine.models()[0]).toMatchObject({ capabilities: ['embeddings', 'tokenize'] })
    },
  )

  it('refuses what is too long, to be cut, or to talk', { timeout: 30_000 }, async () => {
    open('mean')
    const embed = (inputs: string[], dimensions: number | null) =>
      engine.embed({ model: 'm', inputs, dimensions }, never)
    await expect(embed(['x '.repeat(400)], null)).rejects.toMatchObject({ code: 'context_length_exceeded' })
    await expect(embed(['a'], 8)).rejects.toMatchObject({ code: 'invalid_value', param: 'dimensions' })
    await expect(answerOf(engine)).rejects.toMatchObject({ code: 'unsupported_value', param: 'model' })
  })

  const answerOf = async (of: LocalEngine) => {
    for await (const _ of of.chat(chatAsk({}), never));
  }
})
