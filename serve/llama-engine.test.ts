import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { exportGguf } from '#model/gguf-export'
import { llamaInstalled } from '#model/llama-cpp'
import type { EngineEvent } from '#serve/engine'
import { engineContract } from './engine-contract.ts'
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
