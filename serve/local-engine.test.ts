import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EngineEvent } from '#serve/engine'
import { engineContract } from './engine-contract.ts'
import { LocalEngine } from './local-engine.ts'
import { chatAsk, completionAsk } from './testing/scripted-requests.ts'
import { until } from './testing/scripted-server.ts'
import { writeRandomModel } from './testing/small-model.ts'

const counting = new URL('./testing/counting-worker.ts', import.meta.url)
const breaking = new URL('./testing/breaking-worker.ts', import.meta.url)
const never = new AbortController().signal

let folder: string
let engine: LocalEngine
const logged: string[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-model-'))
  writeFileSync(join(folder, 'config.json'), '{}')
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  await engine.close()
  logged.length = 0
})

function open(worker: URL | undefined, more: { slots?: number; queue?: number } = {}): LocalEngine {
  engine = new LocalEngine({ folder, id: 'm', worker, log: (line) => logged.push(line), ...more })
  return engine
}

async function text(events: AsyncIterable<EngineEvent>): Promise<string> {
  let all = ''
  for await (const event of events) if (event.type !== 'start') all += event.text
  return all
}

describe('the contract of engines, with a model', () => {
  let model: string
  beforeAll(async () => {
    model = join(folder, 'random')
    // Large enough that a step takes milliseconds: leaving is seen in mid-answer.
    await writeRandomModel(model, { contextLength: 1024, layers: 4 })
  })

  it.each(engineContract)('$name', async ({ check }) => {
    engine = new LocalEngine({ folder: model, id: 'm', slots: 4, threads: 1 })
    await check({ engine, model: 'm', produced: () => engine.stats().computedTokens })
  })
})

describe('the worker thread', () => {
  it('answers requests that came while the model loaded', async () => {
    open(counting)
    expect(engine.status().state).toBe('loading')
    expect(engine.models()).toMatchObject([{ id: 'm', state: 'loading', contextLength: null }])
    expect(await text(engine.chat(chatAsk({ maxTokens: 3 }), never))).toBe(' 1 2 3')
    await engine.ready()
    expect(engine.models()).toMatchObject([{ state: 'ready', contextLength: 64 }])
    expect(engine.status()).toMatchObject({ active: 0, waiting: 0, problem: null })
  })

  it('answers many at once', async () => {
    open(counting, { slots: 16 })
    const answers = Array.from({ length: 40 }, (_, at) =>
      text(engine.chat(chatAsk({ maxTokens: 1 + (at % 5) }), never)),
    )
    const texts = await Promise.all(answers)
    texts.forEach((one, at) => expect(one).toBe(' 1 2 3 4 5'.slice(0, 2 * (1 + (at % 5)))))
  })

  it('refuses at once what the queue does not hold', async () => {
    open(counting, { slots: 2, queue: 2 })
    const first = engine.complete(completionAsk({ prompts: ['a', 'b'], choices: 2 }), never)
    expect(engine.status()).toMatchObject({ active: 2, waiting: 2 })
    expect(() => engine.chat(chatAsk(), never)).toThrow(expect.objectContaining({ code: 'overloaded' }))
    for await (const _ of first) break
    expect(engine.status()).toMatchObject({ active: 0, waiting: 0 })
  })

  it('frees a slot when the client leaves', async () => {
    open(counting, { slots: 1 })
    const controller = new AbortController()
    const endless = text(engine.chat(chatAsk(), controller.signal))
    await engine.ready()
    const next = text(engine.chat(chatAsk({ maxTokens: 1 }), never))
    const left = performance.now()
    controller.abort()
    expect(await next).toBe(' 1')
    expect(performance.now() - left).toBeLessThan(250)
    await endless
  })

  it('brings the model’s refusals as errors of the catalogue', async () => {
    open(counting)
    const long = text(engine.complete(completionAsk({ prompts: ['x'.repeat(64)] }), never))
    await expect(long).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'prompt', status: 400 })
    expect(engine.status().active).toBe(0)
  })

  it('ends open answers with shutting_down when it closes', async () => {
    open(counting)
    const endless = text(engine.chat(chatAsk(), never))
    endless.catch(() => {})
    await engine.ready()
    await engine.close()
    await expect(endless).rejects.toMatchObject({ code: 'shutting_down' })
    expect(() => engine.chat(chatAsk(), never)).toThrow(expect.objectContaining({ code: 'shutting_down' }))
  })
})

describe('a worker that fails', () => {
  it('is replaced, and given up after the fourth time', async () => {
    open(breaking)
    for (let life = 1; life <= 4; life++) {
      await expect(text(engine.chat(chatAsk(), never))).rejects.toMatchObject({ code: 'engine_failed' })
    }
    await until(() => engine.status().state === 'failed', 2000, 'the engine gives up')
    expect(() => engine.chat(chatAsk(), never)).toThrow(
      expect.objectContaining({ code: 'model_unavailable', status: 503 }),
    )
    expect(logged.join('\n')).toContain('the decoder broke')
  })

  it('answers after one failure', async () => {
    open(breaking)
    await expect(text(engine.chat(chatAsk(), never))).rejects.toMatchObject({
      code: 'engine_failed',
      retryAfterSeconds: 2,
    })
    expect(await text(engine.chat(chatAsk({ maxTokens: 1 }), never))).toBe(' 1')
  })

  it('says why a folder holds no model', async () => {
    open(undefined)
    await engine.ready()
    expect(engine.status()).toMatchObject({ state: 'failed' })
    expect(engine.status().problem).toBeTruthy()
    expect(() => engine.chat(chatAsk(), never)).toThrow(expect.objectContaining({ code: 'model_unavailable' }))
  })
})
