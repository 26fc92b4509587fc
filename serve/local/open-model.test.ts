/** A real model folder, decoded by the real worker, asked by OpenAI's client. The weights are random. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { greedy } from '#model/decoding'
import { type RunningServer, startServer } from '#serve/start'
import { parseExposition } from '../testing/exposition-parser.ts'
import { writeRandomModel } from '../testing/small-model.ts'
import { type OpenModel, openModel } from './open-model.ts'

let folder: string
let server: RunningServer
let client: OpenAI
let direct: OpenModel
const logged: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-small-'))
  await writeRandomModel(folder)
  const ready = Promise.withResolvers<{ problem: string | null }>()
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    modelFolder: folder,
    modelId: 'small',
    pageFolder: null,
    slots: 8,
    threads: 1,
    onReady: ready.resolve,
    log: (line) => logged.push(line),
  })
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
  direct = await openModel({ folder, slots: 1, threads: 1, batchBytes: 1 << 30, prefixBytes: 0 })
  expect((await ready.promise).problem).toBeNull()
})
afterAll(async () => {
  await server.close()
  await direct.decoder.close()
  rmSync(folder, { recursive: true })
})

const messages = [{ role: 'user' as const, content: 'Hello there' }]
const ask = { model: 'small', messages, temperature: 0, max_tokens: 12 }

/** The same greedy answer, straight from the decoder. */
async function decoded(promptIds: Uint32Array, maxTokens: number): Promise<string> {
  const { decoder, prompts } = direct
  decoder.add({ promptIds, maxTokens, sampling: greedy, stop: [], stopIds: prompts.stopIds, topLogprobs: null })
  let text = ''
  while (decoder.pending > 0) for (const event of await decoder.step()) text += event.text
  return text
}

describe('our own model behind HTTP', () => {
  it('says what the decoder says', async () => {
    const { ids } = direct.prompts.chat(messages, 12)
    const reply = await client.chat.completions.create(ask)
    expect(reply.choices[0].message.content).toBe(await decoded(ids, 12))
    expect(reply.usage?.prompt_tokens).toBe(ids.length)
    const plain = await client.completions.create({ model: 'small', prompt: 'How are', temperature: 0, max_tokens: 9 })
    expect(plain.choices[0].text).toBe(await decoded(direct.prompts.text('How are'), 9))
    const gap = await client.completions.create({
      model: 'small',
      prompt: 'def f(',
      suffix: '): return x',
      temperature: 0,
    })
    expect(gap.choices[0].text).toBe(await decoded(direct.prompts.gap('def f(', '): return x'), 16))
  })

  it('gives the same answer for the same seed, alone and among others', async () => {
    const wish = { ...ask, temperature: 1.2, seed: 5, n: 2 }
    const texts = (reply: OpenAI.ChatCompletion) => reply.choices.map((choice) => choice.message.content)
    const alone = texts(await client.chat.completions.create(wish))
    const others = Array.from({ length: 12 }, (_, seed) =>
      client.chat.completions.create({ ...wish, seed: seed * 7 + 50 }),
    )
    const among = texts(await client.chat.completions.create(wish))
    await Promise.all(others)
    expect(among).toEqual(alone)
    expect(alone[0]).not.toBe(alone[1])
  })

  it('tells /metrics how many answers its steps went on with together', async () => {
    const batches = async () => {
      const families = parseExposition(await (await fetch(`${server.url}/metrics`)).text())
      const { samples } = families.get('dotline_batch_size') ?? { samples: new Map<string, number>() }
      const value = (key: string) => samples.get(`dotline_batch_size_${key}`) ?? Number.NaN
      return { steps: value('count'), sequences: value('sum'), small: value('bucket{le="2"}') }
    }
    const before = await batches()
    await client.chat.completions.create({ ...ask, n: 5, max_tokens: 6, logit_bias: { 20: 100 } })
    const after = await batches()
    expect(after.sequences - before.sequences).toBe(30)
    expect(after.steps - before.steps).toBeLessThanOrEqual(12)
    expect(after.small).toBeLessThan(after.steps)
  })

  it('reports log-probabilities that are probabilities, best first', async () => {
    const reply = await client.chat.completions.create({ ...ask, logprobs: true, top_logprobs: 20 })
    const tokens = reply.choices[0].logprobs?.content ?? []
    expect(tokens.length).toBeGreaterThan(0)
    for (const token of tokens) {
      expect(token.top_logprobs).toHaveLength(20)
      expect(token.top_logprobs[0].logprob).toBeCloseTo(token.logprob, 5)
      const sum = token.top_logprobs.reduce((total, { logprob }) => total + Math.exp(logprob), 0)
      expect(sum).toBeLessThanOrEqual(1.00001)
    }
  })

  it('obeys a logit bias and a stop string', async () => {
    const prompt = 'Hello'
    const first = await client.completions.create({
      model: 'small',
      prompt,
      temperature: 0,
      max_tokens: 8,
      logprobs: 0,
    })
    const { text } = first.choices[0]
    const stop = text.slice(2, 5)
    const stopped = await client.completions.create({ model: 'small', prompt, temperature: 0, max_tokens: 8, stop })
    expect(stopped.choices[0].text).toBe(text.slice(0, text.indexOf(stop)))
    expect(stopped.choices[0].finish_reason).toBe('stop')
    const id = direct.prompts.text('y')[0]
    const biased = await client.completions.create({ model: 'small', prompt, max_tokens: 5, logit_bias: { [id]: 100 } })
    expect(biased.choices[0].text).toBe('yyyyy')
  })

  it('drops old turns of a long conversation and says so', async () => {
    const long = Array.from({ length: 21 }, (_, at) => ({
      role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: `Message ${at}`,
    }))
    const { data, response } = await client.chat.completions
      .create({ ...ask, messages: long, truncation: 'auto' } as typeof ask)
      .withResponse()
    const dropped = Number(response.headers.get('x-dotline-dropped-messages'))
    expect(dropped).toBeGreaterThan(10)
    expect(data).toMatchObject({ dotline: { dropped_messages: dropped } })
  })

  it('refuses what does not fit the window, and goes on', async () => {
    const huge = [{ role: 'user' as const, content: 'long words '.repeat(500) }]
    await expect(client.chat.completions.create({ ...ask, messages: huge })).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      param: 'messages',
    })
    await expect(client.completions.create({ model: 'small', prompt: [999_999] })).rejects.toMatchObject({
      param: 'prompt',
    })
    await expect(
      client.completions.create({ model: 'small', prompt: 'a', logit_bias: { 5000: 1 } }),
    ).rejects.toMatchObject({
      param: 'logit_bias',
    })
    expect((await client.chat.completions.create(ask)).choices).toHaveLength(1)
    expect(logged).toEqual([])
  })

  it('frees the slots of readers that leave', async () => {
    const leave = async () => {
      const stream = await client.chat.completions.create({ ...ask, max_tokens: 100, stream: true })
      for await (const _ of stream) break
    }
    await Promise.all(Array.from({ length: 30 }, leave))
    const left = performance.now()
    let health = { active: 1 }
    while (health.active > 0 && performance.now() - left < 2000)
      health = await (await fetch(`${server.url}/health`)).json()
    expect(health).toMatchObject({ active: 0, waiting: 0, status: 'ok' })
  })
})
