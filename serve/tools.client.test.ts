/** Calls of functions and answers in JSON, as the official client of OpenAI sees them. */
import OpenAI from 'openai'
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineEvent } from '#serve/engine'
import { dataLines, type ScriptedServer, serveScript } from './testing/scripted-server.ts'

const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'What the weather is.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    strict: true,
  },
}
const ask = { model: 'scripted', messages: [{ role: 'user' as const, content: 'Paris?' }], tools: [weather] }

const piece = (number: number, json: string, choice = 0): EngineEvent => ({
  type: 'token',
  choice,
  text: '',
  logprob: null,
  top: [],
  call: { number, id: `call_${number}`, name: 'weather', arguments: json },
})
const called: EngineEvent[] = [
  { type: 'start', promptTokens: 9, cachedTokens: 4, droppedMessages: 0, echo: [] },
  piece(0, ''),
  piece(0, '{"city"'),
  piece(0, ':"Paris"}'),
  piece(1, ''),
  piece(1, '{"city":"Rom"}'),
  { type: 'end', choice: 0, text: '', finishReason: 'tool_calls', completionTokens: 12 },
]

let server: ScriptedServer & { client: OpenAI }
async function serve(script: Parameters<typeof serveScript>[0]) {
  const listening = await serveScript(script)
  const client = new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'none', maxRetries: 0 })
  server = { ...listening, client }
}
afterEach(() => server.close())

const replay = (events: EngineEvent[]) => ({ tokens: () => [], replay: events })
const calls = [
  { id: 'call_0', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
  { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rom"}' } },
]

describe('calls of functions', () => {
  it('come in a whole reply', async () => {
    await serve(replay(called))
    const reply = await server.client.chat.completions.create(ask)
    expect(reply.choices[0].message).toEqual({ role: 'assistant', content: null, refusal: null, tool_calls: calls })
    expect(reply.choices[0].finish_reason).toBe('tool_calls')
    expect(reply.usage?.prompt_tokens_details?.cached_tokens).toBe(4)
  })

  it('come in fragments, the first of each with index, id, type and name', async () => {
    await serve(replay(called))
    const reply = await server.post('/v1/chat/completions', { ...ask, stream: true })
    const chunks = dataLines(await reply.text())
      .filter((line) => line !== '[DONE]')
      .map((line) => JSON.parse(line).choices[0])
    const fragments = chunks.flatMap((choice) => choice.delta.tool_calls ?? [])
    expect(fragments).toEqual([
      { index: 0, id: 'call_0', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"city"' } },
      { index: 0, function: { arguments: ':"Paris"}' } },
      { index: 1, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 1, function: { arguments: '{"city":"Rom"}' } },
    ])
    expect(chunks.at(-1)).toMatchObject({ delta: {}, finish_reason: 'tool_calls' })
  })

  it('are put together by the client’s streaming helper', async () => {
    await serve(replay(called))
    const deltas: string[] = []
    const stream = server.client.chat.completions
      .stream(ask)
      .on('tool_calls.function.arguments.delta', (event) => deltas.push(`${event.index}${event.arguments_delta}`))
    const message = await stream.finalMessage()
    expect(message.tool_calls).toMatchObject(calls)
    expect(deltas.filter((delta) => delta.length > 1)).toEqual(['0{"city"', '0:"Paris"}', '1{"city":"Rom"}'])
  })

  it('are made by the client’s runner, and their results sent back', async () => {
    await serve(replay(called))
    const asked: string[] = []
    const tool = zodFunction({
      name: 'weather',
      parameters: z.object({ city: z.string() }),
      function: ({ city }) => {
        asked.push(city)
        server.engine.script = { tokens: () => ['Sunny.'] }
        return `sunny in ${city}`
      },
    })
    const runner = server.client.chat.completions.runTools({ model: 'scripted', messages: ask.messages, tools: [tool] })
    expect(await runner.finalContent()).toBe('Sunny.')
    expect(asked).toEqual(['Paris', 'Rom'])
    const second = server.engine.requests[1]
    expect(second).toMatchObject({
      messages: [
        { role: 'user', content: 'Paris?' },
        {
          role: 'assistant',
          content: '',
          calls: [
            { id: 'call_0', name: 'weather', arguments: '{"city":"Paris"}' },
            { id: 'call_1', name: 'weather', arguments: '{"city":"Rom"}' },
          ],
        },
        { role: 'tool', content: 'sunny in Paris', callId: 'call_0' },
        { role: 'tool', content: 'sunny in Rom', callId: 'call_1' },
      ],
    })
  })

  it('are asked of the engine as the request says', async () => {
    await serve({ tokens: () => ['x'] })
    const other = { type: 'function' as const, function: { name: 'other' } }
    const two = { ...ask, tools: [weather, other] }
    const named = { type: 'function' as const, function: { name: 'other' } }
    const allowed = { type: 'allowed_tools' as const, allowed_tools: { mode: 'required' as const, tools: [named] } }
    for (const more of [
      {},
      { tool_choice: 'none' as const },
      { tool_choice: 'required' as const, parallel_tool_calls: false },
      { tool_choice: named },
      { tool_choice: allowed as never },
    ])
      await server.client.chat.completions.create({ ...two, ...more })
    const seen = server.engine.requests.map((request) => ('tools' in request ? request.tools : undefined))
    expect(
      seen.map((tools) => tools && [tools.functions.map(({ name }) => name), tools.choice, tools.parallel]),
    ).toEqual([
      [['weather', 'other'], 'auto', true],
      undefined,
      [['weather', 'other'], 'required', false],
      [['weather', 'other'], { name: 'other' }, true],
      [['other'], 'required', true],
    ])
    expect(seen[0]?.functions[0]).toEqual({
      name: 'weather',
      description: 'What the weather is.',
      parameters: weather.function.parameters,
      strict: true,
    })
  })
})

describe('answers in JSON', () => {
  const person = z.object({ name: z.string(), age: z.int().min(0).max(150), tags: z.array(z.enum(['a', 'b'])) })

  it('are parsed by the client’s own helper', async () => {
    await serve({ tokens: () => ['{"name":"Ada",', '"age":36,"tags":["a"]}'] })
    const format = zodResponseFormat(person, 'person')
    const reply = await server.client.chat.completions.parse({
      model: 'scripted',
      messages: ask.messages,
      response_format: format,
    })
    expect(reply.choices[0].message.parsed).toEqual({ name: 'Ada', age: 36, tags: ['a'] })
    expect(server.engine.requests[0]).toMatchObject({
      format: { type: 'json_schema', schema: format.json_schema.schema },
    })
    const stream = server.client.chat.completions.stream({
      model: 'scripted',
      messages: ask.messages,
      response_format: format,
    })
    expect((await stream.finalChatCompletion()).choices[0].message.parsed).toEqual({
      name: 'Ada',
      age: 36,
      tags: ['a'],
    })
  })

  it('may be any object, or free text', async () => {
    await serve({ tokens: () => ['{}'] })
    const create = (type: 'json_object' | 'text') =>
      server.client.chat.completions.create({ model: 'scripted', messages: ask.messages, response_format: { type } })
    await create('json_object')
    await create('text')
    expect(server.engine.requests.map((request) => ('format' in request ? request.format : 'free'))).toEqual([
      { type: 'json_object' },
      'free',
    ])
  })

  it('carry the metadata of their request', async () => {
    await serve({ tokens: () => ['x'] })
    const reply = await server.client.chat.completions.create({
      model: 'scripted',
      messages: ask.messages,
      metadata: { run: '7' },
    })
    expect(reply).toMatchObject({ metadata: { run: '7' } })
  })
})

describe('/infill', () => {
  const editor = {
    input_prefix: 'def f(',
    input_suffix: '):\n  pass',
    input_extra: [{ filename: 'a.py', text: 'import os', time: [1, 2] }],
    prompt: 'x',
    n_predict: 8,
    n_indent: 2,
    top_k: 40,
    samplers: ['top_k', 'infill'],
    cache_prompt: true,
    t_max_prompt_ms: 500,
    t_max_predict_ms: 1000,
  }

  it('fills in what stands at the cursor, in llama.cpp’s form', async () => {
    await serve({ tokens: () => ['a', ', b'], promptTokens: 20 })
    const reply = await (await server.post('/infill', editor)).json()
    expect(reply).toMatchObject({
      content: 'a, b',
      stop: true,
      tokens_predicted: 2,
      tokens_evaluated: 20,
      stop_type: 'eos',
      model: 'scripted',
    })
    expect(server.engine.requests[0]).toMatchObject({
      prompts: ['import os\n\n--- snippet ---\n\ndef f(x'],
      suffix: '):\n  pass',
      fit: true,
      maxTokens: 8,
      sampling: { topK: 40 },
    })
    const few = await (await server.post('/infill', { ...editor, response_fields: ['content'] })).json()
    expect(few).toEqual({ content: 'a, b' })
    const asked = ['content', 'timings/prompt_n', 'timings/predicted_per_second', 'timings/none', '']
    expect(await (await server.post('/infill', { ...editor, response_fields: asked })).json()).toEqual({
      content: 'a, b',
      'timings/prompt_n': 20,
      'timings/predicted_per_second': expect.any(Number),
    })
  })

  it('streams', async () => {
    await serve({ tokens: () => ['a', ', b'] })
    const events = dataLines(await (await server.post('/infill', { ...editor, stream: true })).text()).map((line) =>
      JSON.parse(line),
    )
    expect(events.map(({ content, stop }) => [content, stop])).toEqual([
      ['a', false],
      [', b', false],
      ['', true],
    ])
  })

  it('ends when its time is over and a line is whole', async () => {
    await serve({ tokens: () => Array.from({ length: 200 }, () => 'x\n'), delayMs: 5 })
    const reply = await (await server.post('/infill', { ...editor, n_predict: -1, t_max_predict_ms: 60 })).json()
    expect(reply.stop_type).toBe('limit')
    expect(reply.tokens_predicted).toBeLessThan(100)
    expect(server.engine.running).toBe(0)
  })

  it('names what is missing or unknown', async () => {
    await serve({ tokens: () => ['x'] })
    const errors = await Promise.all(
      [{ input_prefix: 'a' }, { ...editor, colour: 1 }, { ...editor, model: 'none' }].map(async (body) =>
        (await server.post('/infill', body)).json(),
      ),
    )
    expect(errors.map(({ error }) => [error.param, error.code])).toEqual([
      ['input_suffix', 'missing_required_parameter'],
      ['colour', 'unknown_parameter'],
      ['model', 'model_not_found'],
    ])
  })
})
