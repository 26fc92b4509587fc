/** What is supported, a row each, and how a client that people have shows it: each check fails where it does not work. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, Output, streamText, tool } from 'ai'
import OpenAI, { APIError } from 'openai'
import { backgroundResponses, conversations, keptCompletions, organization, uploads } from './conversation-rows.ts'
import { curl } from './curl.ts'
import { keptRows } from './kept-rows.ts'
import type { Row } from './row.ts'
import { document, documentSchema, said, twoCalls, weather, written } from './scripts.ts'
import type { Site } from './site.ts'

const model = 'scripted'
const messages = [{ role: 'user' as const, content: 'Hi' }]
const ask = { model, messages }
const openai = ({ url }: Site) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
const compatible = ({ url }: Site) =>
  createOpenAICompatible({
    name: 'dotline',
    baseURL: `${url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })(model)
const vercel = ({ url }: Site) => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
const chat = '/v1/chat/completions'

/** The text of a stream as curl prints it. */
function streamedText(text: string, of: (event: { [key: string]: never }) => string | undefined): string {
  const events = text.split('\n\n').flatMap((event) => /^data: (\{.*)$/m.exec(event)?.[1] ?? [])
  return events.map((event) => of(JSON.parse(event)) ?? '').join('')
}
interface Chunk {
  choices: { delta?: { content?: string }; text?: string }[]
}
const delta = (chunk: unknown) => (chunk as Chunk).choices[0]?.delta?.content

const weatherTool = tool({
  description: weather.function.description,
  inputSchema: jsonSchema<{ city: string }>(weather.function.parameters as object),
})
const cities = [{ city: '巴黎' }, { city: 'Rome' }]

/** What stands behind the row of the same address, or of the one before it. */
const behind: Record<string, readonly Row[] | undefined> = {
  'POST /v1/responses': [backgroundResponses, conversations],
  'POST /v1/files': [uploads],
}

export const rows: readonly Row[] = [
  {
    endpoint: 'POST /v1/chat/completions',
    english: 'whole answers, with usage',
    chinese: '整条回答，附用量',
    python: 'chat',
    checks: {
      openai: async (site) => {
        const { choices, usage } = await openai(site).chat.completions.create(ask)
        deepEqual([choices[0].message.content, choices[0].finish_reason, usage?.prompt_tokens], [said, 'stop', 7])
      },
      ai: async (site) => {
        for (const each of [compatible(site), vercel(site).chat(model)]) {
          const { text, finishReason, usage } = await generateText({ model: each, prompt: 'Hi', maxRetries: 0 })
          deepEqual([text, finishReason, usage.inputTokens], [said, 'stop', 7])
        }
      },
      curl: async (site) => {
        const { body } = await curl(site, chat, ask)
        equal(JSON.parse(body).choices[0].message.content, said)
      },
    },
  },
  {
    endpoint: 'POST /v1/chat/completions',
    english: 'streams, cut at every byte, with usage at the end',
    chinese: '流式回答，逐字节切开，末尾附用量',
    python: 'stream',
    checks: {
      openai: async (site) => {
        const options = { stream: true, stream_options: { include_usage: true } } as const
        let text = ''
        let tokens = 0
        for await (const chunk of await openai(site).chat.completions.create({ ...ask, ...options })) {
          text += chunk.choices[0]?.delta.content ?? ''
          tokens = chunk.usage?.prompt_tokens ?? tokens
        }
        deepEqual([text, tokens], [said, 7])
      },
      ai: async (site) => {
        for (const each of [compatible(site), vercel(site).chat(model)]) {
          const result = streamText({ model: each, prompt: 'Hi', maxRetries: 0 })
          let text = ''
          for await (const part of result.textStream) text += part
          deepEqual([text, await result.finishReason, (await result.usage).inputTokens], [said, 'stop', 7])
        }
      },
      curl: async (site) => {
        const { body } = await curl(site, chat, { ...ask, stream: true })
        equal(streamedText(body, delta), said)
        ok(body.endsWith('data: [DONE]\n\n'))
      },
    },
  },
  {
    endpoint: 'POST /v1/chat/completions',
    english: 'function calls, several in one answer',
    chinese: '函数调用，一次回答可有多个',
    python: 'tools',
    checks: {
      openai: async (site) => {
        site.play(twoCalls)
        const { choices } = await openai(site).chat.completions.create({ ...ask, tools: [weather] })
        const calls = choices[0].message.tool_calls ?? []
        deepEqual(
          calls.map((call) => call.type === 'function' && JSON.parse(call.function.arguments)),
          cities,
        )
        equal(choices[0].finish_reason, 'tool_calls')
      },
      ai: async (site) => {
        site.play(twoCalls)
        const tools = { weather: weatherTool }
        const { toolCalls } = await generateText({ model: compatible(site), prompt: 'Hi', tools, maxRetries: 0 })
        deepEqual(
          toolCalls.map(({ toolName, input }) => [toolName, input]),
          cities.map((city) => ['weather', city]),
        )
      },
      curl: async (site) => {
        site.play(twoCalls)
        const { body } = await curl(site, chat, { ...ask, tools: [weather] })
        equal(JSON.parse(body).choices[0].message.tool_calls.length, 2)
      },
    },
  },
  {
    endpoint: 'POST /v1/chat/completions',
    english: 'function calls as a stream',
    chinese: '流式函数调用',
    checks: {
      openai: async (site) => {
        site.play(twoCalls)
        const stream = openai(site).chat.completions.stream({ ...ask, tools: [weather] })
        const { choices } = await stream.finalChatCompletion()
        const calls = choices[0].message.tool_calls ?? []
        deepEqual(
          calls.map((call) => call.type === 'function' && JSON.parse(call.function.arguments)),
          cities,
        )
      },
      ai: async (site) => {
        site.play(twoCalls)
        const result = streamText({
          model: compatible(site),
          prompt: 'Hi',
          tools: { weather: weatherTool },
          maxRetries: 0,
        })
        deepEqual(
          (await result.toolCalls).map(({ input }) => input),
          cities,
        )
        equal(await result.finishReason, 'tool-calls')
      },
    },
  },
  {
    endpoint: 'POST /v1/chat/completions',
    english: 'JSON held to a schema',
    chinese: '受 JSON Schema 约束的输出',
    python: 'json',
    checks: {
      openai: async (site) => {
        site.play(written)
        const json_schema = { name: 'person', schema: documentSchema, strict: true }
        const { choices } = await openai(site).chat.completions.create({
          ...ask,
          response_format: { type: 'json_schema', json_schema },
        })
        deepEqual(JSON.parse(choices[0].message.content ?? ''), document)
        deepEqual(site.engine.requests.at(-1), {
          ...site.engine.requests.at(-1),
          format: { type: 'json_schema', schema: documentSchema },
        })
      },
      ai: async (site) => {
        site.play(written)
        const output = Output.object({ schema: jsonSchema<typeof document>(documentSchema as object) })
        const result = await generateText({ model: compatible(site), prompt: 'Hi', output, maxRetries: 0 })
        deepEqual(result.output, document)
        ok('format' in (site.engine.requests.at(-1) ?? {}))
      },
    },
  },
  {
    endpoint: 'POST /v1/chat/completions',
    english: 'several answers, log-probabilities with their bytes',
    chinese: '多个备选回答，附字节的对数概率',
    python: 'logprobs',
    checks: {
      openai: async (site) => {
        const { choices } = await openai(site).chat.completions.create({
          ...ask,
          n: 2,
          logprobs: true,
          top_logprobs: 1,
        })
        equal(choices.length, 2)
        const bytes = (choices[1].logprobs?.content ?? []).flatMap((one) => one.bytes ?? [])
        equal(Buffer.from(bytes).toString(), said)
      },
    },
  },
  {
    endpoint: 'POST /v1/chat/completions',
    english: 'an unknown or unsupported field is a 400 that names it',
    chinese: '未知或不支持的字段返回 400 并指明字段',
    python: 'error',
    checks: {
      openai: async (site) => {
        const failure = await openai(site)
          .chat.completions.create({ ...ask, temprature: 1 } as never)
          .catch((error: unknown) => error)
        ok(failure instanceof APIError)
        deepEqual([failure.status, failure.param, failure.code], [400, 'temprature', 'unknown_parameter'])
      },
      ai: async (site) => {
        const failed = generateText({ model: compatible(site), prompt: 'Hi', temperature: 9, maxRetries: 0 })
        const failure = await failed.then(
          () => null,
          (error: { statusCode?: number; message?: string }) => error,
        )
        equal(failure?.statusCode, 400)
        match(String(failure?.message), /temperature/)
      },
      curl: async (site) => {
        const { status, body } = await curl(site, chat, { ...ask, audio: {} })
        deepEqual([status, JSON.parse(body).error.param], [400, 'audio'])
      },
    },
  },
  keptCompletions,
  {
    endpoint: 'POST /v1/completions',
    english: 'continuation, whole and as a stream',
    chinese: '文本续写，整条与流式',
    python: 'completions',
    checks: {
      openai: async (site) => {
        const asked = { model, prompt: ['a', 'b'], max_tokens: 99, echo: true }
        const { choices } = await openai(site).completions.create(asked)
        deepEqual(
          choices.map(({ text }) => text),
          [`a${said}`, `b${said}`],
        )
      },
      ai: async (site) => {
        const provider = createOpenAICompatible({ name: 'dotline', baseURL: `${site.url}/v1` })
        const { text } = await generateText({
          model: provider.completionModel(model),
          prompt: 'Hi',
          maxRetries: 0,
          maxOutputTokens: 99,
        })
        equal(text, said)
      },
      curl: async (site) => {
        const { body } = await curl(site, '/v1/completions', { model, prompt: 'a', max_tokens: 99, stream: true })
        equal(
          streamedText(body, (chunk) => (chunk as unknown as Chunk).choices[0]?.text),
          said,
        )
      },
    },
  },
  {
    endpoint: 'POST /v1/completions',
    english: 'filling the middle (`suffix`)',
    chinese: '中间填充（`suffix`）',
    checks: {
      openai: async (site) => {
        await openai(site).completions.create({ model, prompt: 'f(', suffix: ')' })
        equal((site.engine.requests.at(-1) as { suffix?: string }).suffix, ')')
      },
    },
  },
  {
    endpoint: 'POST /infill',
    english: 'llama.cpp’s form, for editors, whole and as a stream',
    chinese: 'llama.cpp 的格式，供编辑器使用，整条与流式',
    checks: {
      curl: async (site) => {
        const asked = { input_prefix: 'f(', input_suffix: ')', n_predict: 99 }
        equal(JSON.parse((await curl(site, '/infill', asked)).body).content, said)
        const { body } = await curl(site, '/infill', { ...asked, stream: true })
        equal(
          streamedText(body, ({ content }) => content),
          said,
        )
      },
    },
  },
  {
    endpoint: 'GET /v1/models',
    english: 'the list and one model',
    chinese: '模型列表与单个模型',
    python: 'models',
    checks: {
      openai: async (site) => {
        const client = openai(site)
        deepEqual(
          (await client.models.list()).data.map(({ id }) => id),
          [model],
        )
        equal((await client.models.retrieve(model)).id, model)
      },
      curl: async (site) => {
        equal(JSON.parse((await curl(site, '/v1/models')).body).data[0].id, model)
      },
    },
  },
  {
    endpoint: 'POST /v1/messages',
    english: 'Anthropic’s dialect, whole, as a stream, and its count of tokens',
    chinese: 'Anthropic 的格式：整条、流式与 token 计数',
    checks: {
      curl: async (site) => {
        const asked = { model, messages, max_tokens: 99 }
        equal(JSON.parse((await curl(site, '/v1/messages', asked)).body).content[0].text, said)
        const { body } = await curl(site, '/v1/messages', { ...asked, stream: true })
        equal(
          streamedText(body, ({ delta: more }) => (more as { text?: string } | undefined)?.text),
          said,
        )
        const counted = await curl(site, '/v1/messages/count_tokens', { model, messages })
        equal(JSON.parse(counted.body).input_tokens, 7)
      },
    },
  },
  ...keptRows.flatMap((row) => [row, ...(behind[row.endpoint] ?? [])]),
  organization,
]
