/** Calls and JSON from a real model folder behind HTTP. Its weights are random, so that nothing but the form holds them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import OpenAI, { BadRequestError } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type RunningServer, startServer } from '#serve/start'
import { writeRandomModel } from '../testing/small-model.ts'

let folder: string
let server: RunningServer
let client: OpenAI
const ajv = new Ajv2020({ strict: false })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-structured-'))
  await writeRandomModel(folder, { contextLength: 1024 })
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    modelFolder: folder,
    modelId: 'small',
    pageFolder: null,
    slots: 8,
    threads: 1,
  })
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const messages = [{ role: 'user' as const, content: 'Hello' }]
const tool = (name: string, parameters: Record<string, unknown>) => ({
  type: 'function' as const,
  function: { name, parameters },
})
const place = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 12 }, days: { type: 'integer', minimum: 1, maximum: 9 } },
  required: ['city', 'days'],
  additionalProperties: false,
}
const ask = { model: 'small', messages, temperature: 1.2, max_tokens: 400, seed: 7 }
const tools = [
  tool('weather', place),
  tool('now', { type: 'object', properties: {} }),
  { type: 'function' as const, function: { name: 'bare' } },
]

describe('a forced call', () => {
  it('has arguments that fit the schema, whole and streamed', async () => {
    const named = { type: 'function' as const, function: { name: 'weather' } }
    for (let seed = 0; seed < 4; seed++) {
      const body = { ...ask, tools, tool_choice: named, seed }
      const reply = await client.chat.completions.create(body)
      const [choice] = reply.choices
      expect(choice.finish_reason).toBe('tool_calls')
      expect(choice.message).toMatchObject({
        content: null,
        tool_calls: [{ type: 'function', function: { name: 'weather' } }],
      })
      const [call] = choice.message.tool_calls ?? []
      const json = call.type === 'function' ? call.function.arguments : ''
      expect(ajv.validate(place, JSON.parse(json)), json).toBe(true)
      const streamed = await client.chat.completions.stream(body).finalMessage()
      expect(streamed.tool_calls?.[0]).toMatchObject({ function: { name: 'weather', arguments: json } })
    }
  })

  it('is one of the functions, once or several times, as the request says', async () => {
    for (let seed = 0; seed < 4; seed++)
      for (const parallel_tool_calls of [true, false]) {
        const reply = await client.chat.completions.create({
          ...ask,
          tools,
          tool_choice: 'required',
          parallel_tool_calls,
          seed,
          n: 2,
          max_tokens: 700,
        })
        for (const { message, finish_reason } of reply.choices) {
          if (finish_reason === 'length') continue
          expect(finish_reason).toBe('tool_calls')
          const calls = message.tool_calls ?? []
          expect(calls.length).toBeGreaterThan(0)
          if (!parallel_tool_calls) expect(calls).toHaveLength(1)
          for (const call of calls) if (call.type === 'function') JSON.parse(call.function.arguments)
        }
      }
  })

  it('says when it was cut', async () => {
    const reply = await client.chat.completions.create({
      ...ask,
      tools: tools.slice(0, 1),
      tool_choice: 'required',
      max_tokens: 45,
      seed: 1,
    })
    expect(reply.choices[0].finish_reason).toBe('length')
    expect(reply.usage?.completion_tokens).toBe(45)
  })

  it('comes back as history', async () => {
    const first = await client.chat.completions.create({
      ...ask,
      tools,
      tool_choice: { type: 'function', function: { name: 'weather' } },
    })
    const call = first.choices[0].message.tool_calls?.[0]
    const history = [
      ...messages,
      first.choices[0].message,
      { role: 'tool' as const, tool_call_id: call?.id ?? '', content: '12:00' },
    ]
    const second = await client.chat.completions.create({ ...ask, messages: history, tools, max_tokens: 4 })
    expect(second.usage?.prompt_tokens).toBeGreaterThan(first.usage?.prompt_tokens ?? 0)
  })
})

describe('a free answer with tools', () => {
  it('is text where the model does not call', async () => {
    const plain = await client.chat.completions.create({ ...ask, tools, max_tokens: 20, seed: 3, temperature: 0 })
    expect(plain.choices[0].message.tool_calls).toBeUndefined()
    expect(plain.choices[0].finish_reason).toBe('length')
  })
})

describe('an answer in JSON', () => {
  const person = z.object({
    name: z.string().max(10),
    age: z.int().min(0).max(150),
    kind: z.enum(['a', 'b']),
    more: z.array(z.boolean()).max(3),
  })

  it('fits the client’s zod schema', async () => {
    for (let seed = 0; seed < 4; seed++) {
      const body = { ...ask, response_format: zodResponseFormat(person, 'person'), seed }
      const reply = await client.chat.completions.parse(body)
      expect(reply.choices[0].finish_reason).toBe('stop')
      expect(person.parse(reply.choices[0].message.parsed)).toBeTruthy()
    }
  })

  it('is an object, and says when it was cut', async () => {
    const reply = await client.chat.completions.create({
      ...ask,
      response_format: { type: 'json_object' },
      n: 4,
      max_tokens: 60,
    })
    for (const { message, finish_reason } of reply.choices) {
      expect(message.content).toMatch(/^\{/)
      if (finish_reason === 'stop') JSON.parse(message.content ?? '')
    }
  })

  it('keeps log-probabilities, seeds and counts', async () => {
    const body = {
      ...ask,
      response_format: zodResponseFormat(person, 'person'),
      seed: 5,
      logprobs: true,
      top_logprobs: 2,
    }
    const [one, two] = [await client.chat.completions.create(body), await client.chat.completions.create(body)]
    expect(one.choices[0].message.content).toBe(two.choices[0].message.content)
    const content = one.choices[0].logprobs?.content ?? []
    expect(content.map(({ token }) => token).join('')).toBe(one.choices[0].message.content)
    expect(content).toHaveLength(one.usage?.completion_tokens ?? 0)
  })

  it('is refused by the field that is not supported', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string', contentEncoding: 'base64' } } }
    const format = { type: 'json_schema' as const, json_schema: { name: 'x', schema } }
    const error = await client.chat.completions.create({ ...ask, response_format: format }).catch((reason) => reason)
    expect(error).toBeInstanceOf(BadRequestError)
    expect([error.param, error.code]).toEqual([
      'response_format.json_schema.schema.properties.a.contentEncoding',
      'unsupported_value',
    ])
    const wrong = [tool('a', {}), tool('b', { type: 'object', not: {} })]
    const other = await client.chat.completions.create({ ...ask, tools: wrong }).catch((reason) => reason)
    expect(other.param).toBe('tools[1].function.parameters.not')
  })
})

describe('/infill', () => {
  it('cuts what is far from the cursor to fit the window', async () => {
    const long = 'x = 1\n'.repeat(3000)
    const body = JSON.stringify({ input_prefix: long, input_suffix: long, n_predict: 4 })
    const reply = await fetch(`${server.url}/infill`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(await reply.json()).toMatchObject({ tokens_evaluated: 1020, stop: true })
  })
})
