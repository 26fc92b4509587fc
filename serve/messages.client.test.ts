/** The official client of Anthropic against our server over real HTTP. */
import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { EngineEvent } from '#serve/engine'
import { ApiError } from '#wire/errors'
import type { Message, MessageEvent } from '#wire/messages'
import { type ScriptedServer, serveScript, until } from './testing/scripted-server.ts'

const hello = { tokens: () => ['Hel', 'lo', ', ', '世', '界'] }
const ask = { model: 'scripted', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }] }
const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'What the weather is.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
}
const piece = (json: string): EngineEvent => ({
  type: 'token',
  choice: 0,
  text: '',
  logprob: null,
  top: [],
  call: { number: 0, id: 'call_0', name: 'weather', arguments: json },
})
const called: EngineEvent[] = [
  { type: 'start', promptTokens: 9, cachedTokens: 4, droppedMessages: 0, echo: [] },
  { type: 'token', choice: 0, text: 'Let me see.', logprob: null, top: [] },
  piece(''),
  piece('{"city"'),
  piece(':"Paris"}'),
  { type: 'end', choice: 0, text: '', finishReason: 'tool_calls', completionTokens: 12 },
]

let server: ScriptedServer
let client: Anthropic
async function serve(script: Parameters<typeof serveScript>[0]) {
  server = await serveScript(script)
  client = new Anthropic({ baseURL: server.url, apiKey: 'any', maxRetries: 0 })
}
afterEach(() => server.close())

// Checked with the types: what we send has the client's own.
type Told = Exclude<MessageEvent, { type: 'ping' | 'error' }>
expectTypeOf<Message>().toExtend<Anthropic.Message>()
expectTypeOf<Told>().toExtend<Anthropic.RawMessageStreamEvent>()

describe('messages', () => {
  it('come whole, with the request’s id', async () => {
    await serve(hello)
    const message = await client.messages.create(ask)
    expect(message.content).toEqual([{ type: 'text', text: 'Hello, 世界', citations: null }])
    expect(message).toMatchObject({ role: 'assistant', stop_reason: 'end_turn', usage: { output_tokens: 5 } })
    expect(message._request_id).toMatch(/^req_[0-9a-f]{32}$/)
  })

  it('are put together from a stream', async () => {
    await serve(hello)
    const texts: string[] = []
    const stream = client.messages.stream({ ...ask, stop_sequences: ['界'] }).on('text', (text) => texts.push(text))
    const message = await stream.finalMessage()
    expect(texts).toEqual(['Hel', 'lo', ', ', '世'])
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello, 世' }])
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: '界', usage: { output_tokens: 4 } })
  })

  it('use tools, and go back as they came with the results', async () => {
    await serve({ tokens: () => [], replay: called })
    const wish = { ...ask, tools: [weather] }
    const message = await client.messages.stream(wish).finalMessage()
    expect(message.content[1]).toMatchObject({ type: 'tool_use', id: 'call_0', input: { city: 'Paris' } })
    expect((await client.messages.create(wish)).content).toEqual(message.content)
    server.engine.script = { tokens: () => ['Sunny.'] }
    const result = { type: 'tool_result' as const, tool_use_id: 'call_0', content: 'sun' }
    const last = await client.messages.create({
      ...wish,
      messages: [...ask.messages, { role: 'assistant', content: message.content }, { role: 'user', content: [result] }],
    })
    expect(last.content).toMatchObject([{ text: 'Sunny.' }])
    expect(server.engine.requests[2]).toMatchObject({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', calls: [{ id: 'call_0', name: 'weather', arguments: '{"city":"Paris"}' }] },
        { role: 'tool', content: 'sun', callId: 'call_0' },
      ],
    })
  })

  it('are counted', async () => {
    await serve({ ...hello, promptTokens: 33 })
    const { max_tokens: _, ...counted } = ask
    expect(await client.messages.countTokens({ ...counted, system: 'Be brief.' })).toEqual({ input_tokens: 33 })
  })

  it('stop when the client leaves the loop', async () => {
    await serve({ tokens: () => Array(1000).fill('x '), delayMs: 5 })
    for await (const event of await client.messages.create({ ...ask, max_tokens: 1000, stream: true }))
      if (event.type === 'content_block_delta') break
    await until(() => server.engine.cancelled.length === 1, 2000, 'the engine is cancelled')
  })
})

describe('errors', () => {
  it('have the client’s classes', async () => {
    await serve(hello)
    const bad = await client.messages.create({ ...ask, temperature: 3 }).catch((error) => error)
    expect(bad).toBeInstanceOf(Anthropic.BadRequestError)
    expect(bad.message).toContain("'temperature'")
    expect(bad.requestID).toMatch(/^req_/)
    const none = await client.messages.create({ ...ask, model: 'none' }).catch((error) => error)
    expect(none).toBeInstanceOf(Anthropic.NotFoundError)
  })

  it('end a stream after the text before them', async () => {
    await serve({ ...hello, break: { after: 2, error: new ApiError('overloaded', 'Busy.') } })
    let text = ''
    const read = async () => {
      for await (const event of await client.messages.create({ ...ask, stream: true }))
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
    }
    await expect(read()).rejects.toThrow('Busy.')
    expect(text).toBe('Hello')
  })

  it('that pass are tried again', async () => {
    await serve({ ...hello, refuse: new ApiError('overloaded', 'Busy.', null, 1) })
    const patient = new Anthropic({ baseURL: server.url, apiKey: 'any', maxRetries: 1 })
    const message = patient.messages.create(ask)
    await until(() => server.engine.requests.length === 1, 2000, 'the first try')
    server.engine.script = hello
    expect((await message).stop_reason).toBe('end_turn')
  })
})
