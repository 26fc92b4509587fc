/** Rows of what a server keeps for those who ask: files, batches; and vectors, which it does not keep. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embedMany, generateText, streamText } from 'ai'
import OpenAI, { toFile } from 'openai'
import { curl } from './curl.ts'
import type { Row } from './row.ts'
import { said } from './scripts.ts'
import type { Site } from './site.ts'

const model = 'scripted'
const openai = ({ url }: Site) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
const input = ['a', 'b']
const messagesOf = ({ engine }: Site) =>
  (engine.requests.at(-1) as unknown as { messages: { content: string }[] }).messages.map(({ content }) => content)

export const keptRows: readonly Row[] = [
  {
    endpoint: 'POST /v1/responses',
    english: 'whole and as typed events; kept, read again, continued, deleted',
    chinese: '整条与带类型的事件流；保存、再次读取、继续、删除',
    python: 'responses',
    checks: {
      openai: async (site) => {
        const { responses } = openai(site)
        const first = await responses.create({ model, input: 'Hi' })
        equal(first.output_text, said)
        equal((await responses.retrieve(first.id)).output_text, said)
        let text = ''
        const asked = { model, input: 'And?', previous_response_id: first.id, stream: true } as const
        for await (const event of await responses.create(asked))
          if (event.type === 'response.output_text.delta') text += event.delta
        equal(text, said)
        deepEqual(messagesOf(site), ['Hi', said, 'And?'])
        await responses.delete(first.id)
      },
      ai: async (site) => {
        const each = createOpenAI({ baseURL: `${site.url}/v1`, apiKey: 'none' }).responses(model)
        equal((await generateText({ model: each, prompt: 'Hi', maxRetries: 0 })).text, said)
        let text = ''
        for await (const part of streamText({ model: each, prompt: 'Hi', maxRetries: 0 }).textStream) text += part
        equal(text, said)
      },
      curl: async (site) => {
        const { body } = await curl(site, '/v1/responses', { model, input: 'Hi' })
        equal(JSON.parse(body).output[0].content[0].text, said)
      },
    },
  },
  {
    endpoint: 'POST /v1/embeddings',
    english: 'vectors, in base64 as the official clients ask for them, and as numbers',
    chinese: '向量：官方客户端所用的 base64，以及数字数组',
    python: 'embeddings',
    checks: {
      openai: async (site) => {
        const client = openai(site)
        const { data } = await client.embeddings.create({ model, input })
        const plain = await client.embeddings.create({ model, input, encoding_format: 'float' })
        deepEqual(
          data.map(({ embedding }) => [...embedding]),
          plain.data.map(({ embedding }) => embedding),
        )
        equal(data[0].embedding.length, 8)
      },
      ai: async (site) => {
        const provider = createOpenAICompatible({ name: 'dotline', baseURL: `${site.url}/v1` })
        const { embeddings } = await embedMany({ model: provider.embeddingModel(model), values: input, maxRetries: 0 })
        deepEqual(
          embeddings.map(({ length }) => length),
          [8, 8],
        )
      },
      curl: async (site) => {
        const { body } = await curl(site, '/v1/embeddings', { model, input })
        equal(JSON.parse(body).data[1].embedding.length, 8)
      },
    },
  },
  {
    endpoint: 'POST /v1/files',
    english: 'upload, list, read, delete',
    chinese: '上传、列出、读取、删除',
    python: 'files',
    checks: {
      openai: async (site) => {
        const { files } = openai(site)
        const made = await files.create({ file: await toFile(Buffer.from(said), 'said.txt'), purpose: 'user_data' })
        equal((await files.retrieve(made.id)).filename, 'said.txt')
        const ids = []
        for await (const each of files.list()) ids.push(each.id)
        ok(ids.includes(made.id))
        equal(await (await files.content(made.id)).text(), said)
        equal((await files.delete(made.id)).deleted, true)
      },
    },
  },
  {
    endpoint: 'POST /v1/batches',
    english: 'a batch from its file to its answers',
    chinese: '批处理：从输入文件到回答',
    checks: {
      openai: async (site) => {
        const { files, batches } = openai(site)
        const body = { model, messages: [{ role: 'user', content: 'Hi' }] }
        const line = JSON.stringify({ custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body })
        const file = await files.create({ file: await toFile(Buffer.from(`${line}\n`), 'in.jsonl'), purpose: 'batch' })
        const endpoint = '/v1/chat/completions'
        let batch = await batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' })
        while (batch.status !== 'completed') {
          ok(!['failed', 'expired', 'cancelled'].includes(batch.status), batch.status)
          await wait(50)
          batch = await batches.retrieve(batch.id)
        }
        const answers = await (await files.content(batch.output_file_id ?? '')).text()
        const { custom_id, response } = JSON.parse(answers)
        deepEqual([custom_id, response.body.choices[0].message.content], ['one', said])
      },
    },
  },
]
