/** `/v1/embeddings`, by OpenAI's own client over real HTTP, also as lines of a batch. */
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { batchAnswerSchema } from '#wire/batches'
import { embeddingReplySchema } from '#wire/embeddings'
import { limits } from '#wire/limits'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

let server: KeepingServer
let client: OpenAI
beforeAll(async () => {
  const batchTimes = { leaseMs: 2000, turnMs: 60_000, pollMs: 50 }
  server = await serveKeeping({ tokens: () => [] }, { batchTimes })
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => server.close())

const model = 'scripted'
const post = async (body: object) => {
  const reply = await server.post('/v1/embeddings', { model, ...body })
  return { status: reply.status, body: await reply.json() }
}

describe('vectors', () => {
  it('come to the official client as it asks for them by default, in base64, to the bit', async () => {
    const usual = await client.embeddings.create({ model, input: 'one' })
    const { body } = await post({ input: 'one' })
    expect(embeddingReplySchema.parse(body)).toEqual(body)
    expect(usual.data[0].embedding).toEqual(body.data[0].embedding)
    expect(usual).toMatchObject({ object: 'list', model, usage: { prompt_tokens: 3, total_tokens: 3 } })
    const packed = (await post({ input: 'one', encoding_format: 'base64' })).body.data[0].embedding
    const bytes = Buffer.from(packed, 'base64')
    const values = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at))
    expect(values).toEqual(body.data[0].embedding)
    expect(Math.hypot(...values)).toBeCloseTo(1, 5)
  })

  it('are as many as the inputs and in their order, of texts and of token ids, in the length that was asked for', async () => {
    const many = await client.embeddings.create({ model, input: ['a', 'b', 'a'], dimensions: 5 })
    expect(many.data.map(({ index }) => index)).toEqual([0, 1, 2])
    expect(many.data[0].embedding).toEqual(many.data[2].embedding)
    expect(many.data[0].embedding).not.toEqual(many.data[1].embedding)
    expect(many.data.map(({ embedding }) => embedding.length)).toEqual([5, 5, 5])
    expect((await client.embeddings.create({ model, input: [1, 2, 3] })).data).toHaveLength(1)
    expect((await client.embeddings.create({ model, input: [[1, 2], [3]] })).data).toHaveLength(2)
  })

  it.each<[object, string, string]>([
    [{}, 'missing_required_parameter', 'input'],
    [{ input: '' }, 'invalid_value', 'input'],
    [{ input: [] }, 'invalid_value', 'input'],
    [{ input: ['a', ''] }, 'invalid_value', 'input[1]'],
    [{ input: [[1], []] }, 'invalid_value', 'input[1]'],
    [{ input: [-1] }, 'invalid_value', 'input[0]'],
    [{ input: Array(2049).fill('a') }, 'invalid_value', 'input'],
    [{ input: 'a', encoding_format: 'int8' }, 'invalid_value', 'encoding_format'],
    [{ input: 'a', dimensions: 0 }, 'invalid_value', 'dimensions'],
    [{ input: 'a', task: 'search' }, 'unknown_parameter', 'task'],
    [{ input: 'a', model: 'none' }, 'model_not_found', 'model'],
    [{ input: Array(3).fill(Array(limits.embeddingTokens / 2).fill(1)) }, 'invalid_value', 'input'],
  ])('%.60j is refused by name', async (body, code, param) => {
    const reply = await post(body)
    expect([reply.body.error.code, reply.body.error.param]).toEqual([code, param])
  })

  it('are made for the lines of a batch', async () => {
    const lines = ['a', 'b'].map((input) => ({
      custom_id: input,
      method: 'POST',
      url: '/v1/embeddings',
      body: { model, input: [input, 'c'] },
    }))
    const text = lines.map((line) => JSON.stringify(line)).join('\n')
    const file = await client.files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose: 'batch' })
    const asked = { input_file_id: file.id, endpoint: '/v1/embeddings', completion_window: '24h' } as const
    let batch = await client.batches.create(asked)
    while (batch.status !== 'completed') batch = await client.batches.retrieve(batch.id)
    expect(batch.usage).toMatchObject({ input_tokens: 4, output_tokens: 0 })
    const output = await (await client.files.content(batch.output_file_id ?? '')).text()
    const answers = output.trim().split('\n')
    const bodies = answers.map((line) => batchAnswerSchema.parse(JSON.parse(line)).response?.body)
    expect(bodies.map((body) => embeddingReplySchema.parse(body).data.length)).toEqual([2, 2])
  })
})
