/** An embedding model of ours behind the engine's port, and over HTTP by OpenAI's client. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { limits } from '#wire/limits'
import { readingContract } from './engine-contract.ts'
import { LocalEngine } from './local-engine.ts'
import { ModelPool } from './model-pool.ts'
import { inspectModel, openRegistered } from './registered-engine.ts'
import { type LocalEntry, writeRegistry } from './registry.ts'
import { type RunningServer, startServer } from './start.ts'
import { chatAsk, completionAsk } from './testing/scripted-requests.ts'
import { writeSmallEmbedder } from './testing/small-embedder.ts'
import { writeRandomModel } from './testing/small-model.ts'

const never = new AbortController().signal
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-embedder-'))
  await writeSmallEmbedder(join(folder, 'small'))
  await writeSmallEmbedder(join(folder, 'whole'), [])
  await writeRandomModel(join(folder, 'talker'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('an embedding model behind the port', () => {
  let engine: LocalEngine
  const open = (name: string) => {
    engine = new LocalEngine({ folder: join(folder, name), id: 'm' })
    return engine
  }
  beforeEach(() => void open('small'))
  afterEach(() => engine.close())
  const embed = (inputs: (string | number[])[], dimensions: number | null = null) =>
    engine.embed({ model: 'm', inputs, dimensions }, never)

  it.each(readingContract)('$name', ({ check }) => check({ engine, model: 'm', produced: () => 0 }))

  it('says what it can do, and is counted', async () => {
    const { promptTokens } = await embed(['Hello there', 'you'])
    const [model] = engine.models()
    expect(model).toMatchObject({ state: 'ready', contextLength: 64, capabilities: ['embeddings', 'tokenize'] })
    expect(engine.stats()).toMatchObject({ requests: 1, failed: 0, promptTokens })
  })

  it('gives vectors of length 1, by texts and by their tokens, cut where it was trained for that', async () => {
    const [ids] = await engine.tokenize({ model: 'm', texts: ['Hello there'] }, never)
    const { vectors, promptTokens } = await embed(['Hello there', ids])
    expect(vectors[0]).toEqual(vectors[1])
    expect(promptTokens).toBe(2 * ids.length)
    const [short] = (await embed(['Hello there'], 5)).vectors
    expect([vectors[0].length, short.length]).toEqual([16, 5])
    expect(Math.hypot(...short)).toBeCloseTo(1, 6)
    const scale = Math.hypot(...vectors[0].subarray(0, 5))
    for (const [at, value] of short.entries()) expect(value).toBeCloseTo(vectors[0][at] / scale, 6)
  })

  it('refuses inputs that are too long, too many, not of its tokens or to be of another length, and goes on', async () => {
    const long = 'x '.repeat(200)
    const cases: [(string | number[])[], number | null, object][] = [
      [['a', long], null, { code: 'context_length_exceeded', param: 'input[1]', status: 400 }],
      [[long], null, { code: 'context_length_exceeded', param: 'input' }],
      [[[1], [99_999]], null, { code: 'invalid_value', param: 'input[1]' }],
      [Array(limits.embeddingTokens / 50 + 1).fill(Array(50).fill(1)), null, { code: 'invalid_value', param: 'input' }],
      [['a'], 17, { code: 'invalid_value', param: 'dimensions' }],
      [['a'], 3, { code: 'invalid_value', param: 'dimensions' }],
    ]
    for (const [inputs, dimensions, refusal] of cases)
      await expect(embed(inputs, dimensions)).rejects.toMatchObject(refusal)
    expect((await embed(['one'])).vectors).toHaveLength(1)
  })

  it('cuts nothing where its folder does not say that it may', async () => {
    await engine.close()
    open('whole')
    await expect(embed(['a'], 4)).rejects.toMatchObject({ code: 'invalid_value', param: 'dimensions' })
    expect((await embed(['a'], 16)).vectors[0]).toHaveLength(16)
  })

  it('refuses to talk by the name of the field, and a model that talks refuses vectors', async () => {
    const wordless = { code: 'unsupported_value', param: 'model' }
    const read = async (events: AsyncIterable<unknown>) => {
      for await (const _ of events);
    }
    await expect(read(engine.chat(chatAsk({}), never))).rejects.toMatchObject(wordless)
    await expect(read(engine.complete(completionAsk({}), never))).rejects.toMatchObject(wordless)
    await engine.close()
    open('talker')
    await expect(embed(['a'])).rejects.toMatchObject(wordless)
  })

  it('answers whoever waits when it closes, and nobody who has left', async () => {
    const left = engine.embed({ model: 'm', inputs: ['a'], dimensions: null }, AbortSignal.abort(new Error('left')))
    await expect(left).rejects.toThrow('left')
    await engine.close()
    await expect(embed(['a'])).rejects.toMatchObject({ code: 'shutting_down' })
  })
})

describe('an embedding model beside one that talks', () => {
  let server: RunningServer
  let client: OpenAI
  beforeAll(async () => {
    const about = { added: 1, price: null }
    const entry = async (name: string): Promise<LocalEntry> => ({
      kind: 'local',
      folder: name,
      ...about,
      ...(await inspectModel(join(folder, name))),
    })
    const models = { talker: await entry('talker'), vectors: await entry('small') }
    expect(models.vectors).toMatchObject({ contextLength: 64, capabilities: ['embeddings', 'tokenize'] })
    writeRegistry(folder, { version: 1, default: 'talker', models, aliases: {} })
    server = await startServer(
      { host: '127.0.0.1', port: 0, modelFolder: folder, pageFolder: null },
      () => new ModelPool({ folder, memoryBytes: 2 ** 30, open: (id, one) => openRegistered(id, one, { folder }) }),
    )
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
  })
  afterAll(() => server.close(0))

  it('serves the official client, which asks for base64', async () => {
    const asked = { model: 'vectors', input: ['Hello there', 'one two', 'Hello there'] }
    const { data, model, usage } = await client.embeddings.create(asked)
    const plain = await client.embeddings.create({ ...asked, encoding_format: 'float' })
    expect(data).toEqual(plain.data)
    expect([model, data.length, data[0].embedding.length]).toEqual(['vectors', 3, 16])
    expect(data[0].embedding).toEqual(data[2].embedding)
    expect(usage.prompt_tokens).toBeGreaterThan(5)
    expect((await client.embeddings.create({ ...asked, dimensions: 4 })).data[0].embedding).toHaveLength(4)
  })

  it('is listed with what it can do, and each refuses what the other is for, naming the models that can', async () => {
    const listed = (await client.models.list()).data as unknown as { id: string; dotline: { capabilities: string[] } }[]
    expect(listed.map(({ id }) => id)).toEqual(['talker', 'vectors'])
    expect(listed[1].dotline.capabilities).toEqual(['embeddings', 'tokenize'])
    const refusal = { status: 400, code: 'unsupported_value', param: 'model' }
    const wrong = client.embeddings.create({ model: 'talker', input: 'a' })
    await expect(wrong).rejects.toMatchObject({ ...refusal, message: expect.stringContaining("'vectors'") })
    const messages = [{ role: 'user' as const, content: 'Hello' }]
    const talk = client.chat.completions.create({ model: 'vectors', messages })
    await expect(talk).rejects.toMatchObject(refusal)
    await expect(client.responses.create({ model: 'vectors', input: 'Hello' })).rejects.toMatchObject(refusal)
  })
})
