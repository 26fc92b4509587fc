/** Anthropic's dialect over real HTTP: every reply and every event is held against its schema. */
import { afterEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '#serve/engine'
import { ApiError } from '#wire/errors'
import { messageErrorSchema, messageSchema } from '#wire/messages'
import { eventsOf } from './testing/message-stream.ts'
import { type ScriptedServer, serveScript, until } from './testing/scripted-server.ts'

const hello = { tokens: () => ['Hel', 'lo', ', ', '世', '界'] }
const ask = { model: 'scripted', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }
const weather = {
  name: 'weather',
  description: 'What the weather is.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const piece = (number: number, json: string): EngineEvent => ({
  type: 'token',
  choice: 0,
  text: '',
  logprob: null,
  top: [],
  call: { number, id: `call_${number}`, name: 'weather', arguments: json },
})
const start: EngineEvent = { type: 'start', promptTokens: 9, cachedTokens: 4, droppedMessages: 0, echo: [] }
const said: EngineEvent = { type: 'token', choice: 0, text: 'Let me see.', logprob: null, top: [] }
const end = (finishReason: 'tool_calls' | 'length' | 'content_filter'): EngineEvent => ({
  type: 'end',
  choice: 0,
  text: '',
  finishReason,
  completionTokens: 12,
})
const called = [start, said, piece(0, ''), piece(0, '{"city"'), piece(0, ':"Paris"}'), piece(1, ''), piece(1, '{}')]
const replay = (...events: EngineEvent[]) => ({ tokens: () => [], replay: events })

let server: ScriptedServer
afterEach(() => server.close())

const send = (more: object = {}, headers: Record<string, string> = {}) =>
  server.post(
    '/v1/messages',
    { ...ask, ...more },
    { 'x-api-key': 'any', 'anthropic-version': '2023-06-01', ...headers },
  )
const whole = async (more: object = {}) => messageSchema.parse(await (await send(more)).json())

const streamed = async (more: object = {}) => eventsOf(await (await send({ ...more, stream: true })).text())

async function refusal(more: object, path = '/v1/messages') {
  const reply = await server.post(path, { ...ask, ...more })
  const { error, request_id } = messageErrorSchema.parse(await reply.json())
  expect(request_id).toBe(reply.headers.get('request-id'))
  return [reply.status, error.type, error.message] as const
}

describe('a whole message', () => {
  it('has text, a reason and counts', async () => {
    server = await serveScript({ ...hello, promptTokens: 20, cachedTokens: 16, droppedMessages: 2 })
    const reply = await send()
    expect(reply.headers.get('request-id')).toBe(reply.headers.get('x-request-id'))
    expect(reply.headers.get('x-dotline-dropped-messages')).toBe('2')
    const message = messageSchema.parse(await reply.json())
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'Hello, 世界' }],
      model: 'scripted',
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 4, cache_read_input_tokens: 16, output_tokens: 5 },
    })
    expect(message.id).toMatch(/^msg_[\w-]{20}$/)
  })

  it('says what ended it', async () => {
    server = await serveScript(hello)
    expect(await whole({ stop_sequences: ['世', ', '] })).toMatchObject({
      content: [{ text: 'Hello' }],
      stop_reason: 'stop_sequence',
      stop_sequence: ', ',
    })
    expect(await whole({ max_tokens: 2 })).toMatchObject({ content: [{ text: 'Hello' }], stop_reason: 'max_tokens' })
    server.engine.script = replay({ ...start, promptTokens: 1012 }, end('length'))
    expect(await whole()).toMatchObject({ content: [], stop_reason: 'model_context_window_exceeded' })
    server.engine.script = replay(start, end('content_filter'))
    expect((await whole()).stop_reason).toBe('refusal')
  })

  it('uses tools; of an input that was cut it has what was complete', async () => {
    server = await serveScript(replay(...called, end('tool_calls')))
    expect(await whole({ tools: [weather] })).toMatchObject({
      content: [
        { type: 'text', text: 'Let me see.' },
        { type: 'tool_use', id: 'call_0', name: 'weather', input: { city: 'Paris' } },
        { type: 'tool_use', id: 'call_1', name: 'weather', input: {} },
      ],
      stop_reason: 'tool_use',
    })
    server.engine.script = replay(start, piece(0, ''), piece(0, '{"a":[1,{"b":"x,}"},2'), end('length'))
    const [cut] = (await whole({ tools: [weather] })).content
    expect(cut).toMatchObject({ input: { a: [1, { b: 'x,}' }] } })
    server.engine.script = replay(start, piece(0, ''), piece(0, '{"a":1,]'), end('tool_calls'))
    expect(await refusal({ tools: [weather] })).toMatchObject([500, 'api_error', expect.stringContaining('no JSON')])
  })

  it('takes the usage that is known only at the end', async () => {
    const last = { ...end('length'), usage: { promptTokens: 30, cachedTokens: 10 } } as EngineEvent
    server = await serveScript(replay({ ...start, promptTokens: 0, cachedTokens: 0 } as EngineEvent, said, last))
    expect((await whole()).usage).toMatchObject({ input_tokens: 20, cache_read_input_tokens: 10, output_tokens: 12 })
  })
})

describe('what the engine is asked', () => {
  it('is what the request says', async () => {
    server = await serveScript(hello)
    await whole({
      system: [
        { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Be kind.' },
      ],
      messages: [
        { role: 'user', content: 'Paris?' },
        { role: 'user', content: [{ type: 'text', text: 'And Rome?' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me see.', citations: null },
            { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Paris' }, caller: { type: 'direct' } },
            { type: 'tool_use', id: 'b', name: 'weather', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'b', content: 'no city', is_error: true },
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'sunny' }] },
            { type: 'text', text: 'Well?' },
          ],
        },
      ],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['END'],
      tools: [{ ...weather, strict: true }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      metadata: { user_id: 'u' },
      thinking: { type: 'adaptive' },
      output_config: { format: null },
    })
    expect(server.engine.requests[0]).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.\nBe kind.' },
        { role: 'user', content: 'Paris?\nAnd Rome?' },
        {
          role: 'assistant',
          content: 'Let me see.',
          calls: [
            { id: 'a', name: 'weather', arguments: '{"city":"Paris"}' },
            { id: 'b', name: 'weather', arguments: '{}' },
          ],
        },
        { role: 'tool', content: 'Error: no city', callId: 'b' },
        { role: 'tool', content: 'sunny', callId: 'a' },
        { role: 'user', content: 'Well?' },
      ],
      sampling: { temperature: 0.5, topP: 0.9, topK: 5 },
      maxTokens: 100,
      stop: ['END'],
      choices: 1,
      tools: {
        functions: [{ name: 'weather', parameters: weather.input_schema, strict: true }],
        choice: 'required',
        parallel: false,
      },
    })
  })

  it('follows tool_choice and output_config', async () => {
    server = await serveScript(hello)
    const tools = [weather, { ...weather, name: 'other' }]
    for (const tool_choice of [undefined, { type: 'auto' }, { type: 'tool', name: 'other' }, { type: 'none' }])
      await whole({ tools, tool_choice })
    await whole({ output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } })
    const asked = server.engine.requests.map((one) => ('messages' in one ? one : null))
    expect(asked.map((one) => one?.tools?.choice)).toEqual(['auto', 'auto', { name: 'other' }, undefined, undefined])
    expect(asked[4]?.format).toEqual({ type: 'json_schema', schema: { type: 'object' } })
  })
})

describe('a stream', () => {
  it('tells a text event by event', async () => {
    server = await serveScript(hello)
    const events = await streamed({ max_tokens: 4 })
    expect(events.map((event) => event.type)).toEqual([
      'message_start',
      'content_block_start',
      ...Array(4).fill('content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(events[0]).toMatchObject({ message: { content: [], stop_reason: null, usage: { input_tokens: 7 } } })
    expect(events[5]).toEqual({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '世' } })
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 4 } })
  })

  it('gives each call a block and its input in pieces', async () => {
    server = await serveScript(replay(...called, end('tool_calls')))
    const events = await streamed({ tools: [weather] })
    expect(events.flatMap((event) => ('index' in event ? [[event.index, event.type]] : []))).toEqual([
      [0, 'content_block_start'],
      [0, 'content_block_delta'],
      [0, 'content_block_stop'],
      [1, 'content_block_start'],
      [1, 'content_block_delta'],
      [1, 'content_block_delta'],
      [1, 'content_block_stop'],
      [2, 'content_block_start'],
      [2, 'content_block_delta'],
      [2, 'content_block_stop'],
    ])
    const json = events.flatMap((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'input_json_delta' ? [event.delta.partial_json] : [],
    )
    expect(json).toEqual(['{"city"', ':"Paris"}', '{}'])
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' } })
  })

  it('pings while it is idle', async () => {
    server = await serveScript({ ...hello, delayMs: 60 }, { streamTimes: { pingMs: 20, stallMs: 5000 } })
    const events = await streamed()
    expect(events.filter((event) => event.type === 'ping').length).toBeGreaterThan(2)
    expect(events.at(-1)?.type).toBe('message_stop')
  })

  it('tells errors as events, and before its first event as a status', async () => {
    const error = new ApiError('overloaded', 'Busy.', null, 3)
    server = await serveScript({ ...hello, break: { after: 2, error } })
    const events = await streamed()
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { type: 'overloaded_error', message: 'Busy.' } })
    expect(events.some((event) => event.type === 'message_stop')).toBe(false)
    server.engine.script = { ...hello, faults: [{ type: 'cut', after: 1 }] }
    expect((await streamed()).at(-1)?.type).toBe('error')
    server.engine.script = { ...hello, refuse: error }
    const reply = await send({ stream: true })
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([529, '3'])
  })

  it('stops the engine when its reader leaves', async () => {
    server = await serveScript({ tokens: () => Array(1000).fill('x '), delayMs: 5 })
    const controller = new AbortController()
    const reply = await fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask, max_tokens: 1000, stream: true }),
      signal: controller.signal,
    })
    await reply.body?.getReader().read()
    controller.abort()
    await until(() => server.engine.cancelled.length === 1, 2000, 'the engine is cancelled')
    expect(server.engine.running).toBe(0)
  })
})

describe('counting tokens', () => {
  const { max_tokens: _, ...counted } = ask
  const count = async (more: object = {}) =>
    (await server.post('/v1/messages/count_tokens', { ...counted, ...more })).json()

  it('is what the engine says of the prompt, which is not answered', async () => {
    server = await serveScript({ ...hello, promptTokens: 33 })
    expect(await count({ tools: [weather], system: 'x' })).toEqual({ input_tokens: 33 })
    expect(server.engine.produced).toBe(0)
    expect(server.engine.running).toBe(0)
    expect(server.engine.requests[0]).toMatchObject({ messages: [{ role: 'system' }, { role: 'user' }], maxTokens: 1 })
  })

  it('waits for an engine that knows it only at the end', async () => {
    const last = { ...end('length'), usage: { promptTokens: 30, cachedTokens: 10 } } as EngineEvent
    const unknown = { ...start, promptTokens: 0 } as EngineEvent
    server = await serveScript(replay(unknown, said, last))
    expect(await count()).toEqual({ input_tokens: 30 })
    server.engine.script = replay(unknown, said, end('length'))
    expect(messageErrorSchema.parse(await count()).error.message).toContain('does not say how many')
  })

  it('refuses what would be cut, and fields of its own', async () => {
    server = await serveScript({ ...hello, droppedMessages: 3 })
    expect(messageErrorSchema.parse(await count()).error.message).toContain('the oldest 3 of them')
    expect(messageErrorSchema.parse(await count({ max_tokens: 3 })).error.message).toContain("'max_tokens'")
  })
})
