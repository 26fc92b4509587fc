/** The official client of OpenAI: responses, over real HTTP and a store. */
import OpenAI, { BadRequestError, NotFoundError } from 'openai'
import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChatRequest, EngineEvent } from '#serve/engine'
import { type ResponseEvent, responseEventSchema } from '#wire/response-events'
import { responseSchema } from '#wire/responses'
import { foldEvents } from './responses/fold.ts'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'
import { until } from './testing/scripted-server.ts'

const hello = { tokens: () => ['Hel', 'lo', ', ', '世', '界'] }
const ask = { model: 'scripted', input: 'hi' }

let server: KeepingServer
let client: OpenAI
beforeAll(async () => {
  server = await serveKeeping(hello)
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => server.close())
beforeEach(() => {
  server.engine.script = hello
  server.engine.requests.length = 0
  server.engine.produced = 0
})

async function collect(events: AsyncIterable<ResponseStreamEvent>): Promise<ResponseEvent[]> {
  const all: ResponseEvent[] = []
  // Every event is judged, and none carries what the schema does not know.
  for await (const event of events) all.push(responseEventSchema.parse(event))
  return all
}
const plain = (events: readonly ResponseEvent[]) =>
  events.map((event) => {
    const { obfuscation: _, ...rest } = event as ResponseEvent & { obfuscation?: string }
    return rest
  })
const lastAsk = () => server.engine.requests.at(-1) as ChatRequest

const start: EngineEvent = { type: 'start', promptTokens: 9, cachedTokens: 4, droppedMessages: 0, echo: [] }
const token = (more: object): EngineEvent => ({
  type: 'token',
  choice: 0,
  text: '',
  logprob: null,
  top: [],
  ...more,
})
const call = (number: number, args: string): EngineEvent =>
  token({ call: { number, id: `call_${number}`, name: 'weather', arguments: args } })
const end: EngineEvent = { type: 'end', choice: 0, text: '', finishReason: 'stop', completionTokens: 7 }
const everything: EngineEvent[] = [
  start,
  token({ reasoning: 'Let me' }),
  token({ reasoning: ' think' }),
  token({ text: 'I ' }),
  token({ text: 'see' }),
  token({ text: 'but I will not', refusal: true }),
  call(0, ''),
  call(0, '{"city":'),
  call(0, '"北京"}'),
  call(1, ''),
  call(1, '{}'),
  { ...end, finishReason: 'tool_calls' },
]

describe('a whole response', () => {
  it('has its text, its usage and what was asked', async () => {
    const { data, request_id } = await client.responses
      .create({ ...ask, instructions: 'Be brief.', metadata: { a: '1' }, temperature: 0.5, max_output_tokens: 20 })
      .withResponse()
    const { output_text, ...body } = data as typeof data & { _request_id?: string }
    delete body._request_id
    expect(output_text).toBe('Hello, 世界')
    expect(responseSchema.parse(body)).toMatchObject({
      object: 'response',
      status: 'completed',
      instructions: 'Be brief.',
      metadata: { a: '1' },
      temperature: 0.5,
      max_output_tokens: 20,
      usage: { input_tokens: 7, output_tokens: 5, total_tokens: 12 },
      output: [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text' }] }],
    })
    expect(request_id).toMatch(/^req_/)
    expect(lastAsk()).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
      maxTokens: 20,
      sampling: { temperature: 0.5 },
      truncation: 'disabled',
    })
  })

  it('says why it is incomplete', async () => {
    const response = await client.responses.create({ ...ask, max_output_tokens: 2 })
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    })
  })

  it('is read again, its input listed, and gone once it is deleted', async () => {
    const input = [
      { role: 'user' as const, content: 'one' },
      { role: 'assistant' as const, content: 'two' },
      { role: 'user' as const, content: [{ type: 'input_text' as const, text: 'three' }] },
    ]
    const made = await client.responses.create({ ...ask, input })
    expect(await client.responses.retrieve(made.id)).toEqual(made)
    const items = []
    for await (const item of client.responses.inputItems.list(made.id, { limit: 2, order: 'asc' })) items.push(item)
    expect(items).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'two' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'three' }] },
    ])
    await client.responses.delete(made.id)
    await expect(client.responses.retrieve(made.id)).rejects.toBeInstanceOf(NotFoundError)
    await expect(client.responses.delete(made.id)).rejects.toBeInstanceOf(NotFoundError)
  })

  it('goes on from the one before, unless that was deleted', async () => {
    const first = await client.responses.create({ ...ask, input: 'one', instructions: 'first rules' })
    const second = await client.responses.create({ ...ask, input: 'two', previous_response_id: first.id })
    await client.responses.create({ ...ask, input: 'three', previous_response_id: second.id })
    expect(lastAsk().messages.map(({ content }) => content)).toEqual([
      'one',
      'Hello, 世界',
      'two',
      'Hello, 世界',
      'three',
    ])
    await client.responses.delete(first.id)
    await expect(client.responses.create({ ...ask, previous_response_id: second.id })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    })
  })

  it('is kept nowhere with store: false', async () => {
    const { id, store } = (await client.responses.create({ ...ask, store: false })) as { id: string; store?: boolean }
    expect(store).toBe(false)
    await expect(client.responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError)
  })

  it('counts its prompt without being made', async () => {
    expect(await client.responses.inputTokens.count({ ...ask, instructions: 'x' })).toMatchObject({ input_tokens: 7 })
  })
})

describe('functions and forms', () => {
  const tools = [
    { type: 'function' as const, name: 'weather', description: 'w', parameters: { type: 'object' }, strict: true },
  ]

  it('calls functions, thinks and declines, each in an item of its own', async () => {
    server.engine.script = { ...hello, replay: everything }
    const response = await client.responses.create({
      ...ask,
      tools,
      tool_choice: { type: 'function', name: 'weather' },
    })
    expect(lastAsk().tools).toMatchObject({ choice: { name: 'weather' }, functions: [{ name: 'weather' }] })
    expect(response.output).toMatchObject([
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Let me think' }] },
      {
        type: 'message',
        content: [
          { type: 'output_text', text: 'I see' },
          { type: 'refusal', refusal: 'but I will not' },
        ],
      },
      { type: 'function_call', name: 'weather', call_id: 'call_0', arguments: '{"city":"北京"}', status: 'completed' },
      { type: 'function_call', call_id: 'call_1', arguments: '{}' },
    ])
    expect(response.usage).toMatchObject({
      input_tokens_details: { cached_tokens: 4 },
      output_tokens_details: { reasoning_tokens: 2 },
    })
    // The client's own reply is the next request's history.
    const outputs = [0, 1].map((at) => ({
      type: 'function_call_output' as const,
      call_id: `call_${at}`,
      output: `sunny ${at}`,
    }))
    await client.responses.create({ ...ask, input: [...response.output, ...outputs], tools } as never)
    expect(lastAsk().messages).toEqual([
      {
        role: 'assistant',
        content: 'I seebut I will not',
        calls: [
          { id: 'call_0', name: 'weather', arguments: '{"city":"北京"}' },
          { id: 'call_1', name: 'weather', arguments: '{}' },
        ],
      },
      { role: 'tool', content: 'sunny 0', callId: 'call_0' },
      { role: 'tool', content: 'sunny 1', callId: 'call_1' },
    ])
  })

  it('hands a schema to the engine', async () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' } } }
    await client.responses.create({ ...ask, text: { format: { type: 'json_schema', name: 'x', schema } } })
    expect(lastAsk().format).toEqual({ type: 'json_schema', schema })
  })

  it('reports log-probabilities where they are included', async () => {
    const include = ['message.output_text.logprobs' as const]
    const { output } = await client.responses.create({ ...ask, include, top_logprobs: 2 })
    const [message] = output
    const logprobs =
      message.type === 'message' && message.content[0].type === 'output_text' && message.content[0].logprobs
    expect(logprobs).toHaveLength(5)
    expect(Array.isArray(logprobs) ? logprobs[0] : null).toMatchObject({ token: 'Hel', top_logprobs: [{}, {}] })
  })
})

describe('what is not supported', () => {
  const cases: [object, string][] = [
    [{ input: [{ type: 'item_reference', id: 'x' }] }, 'input[0].type'],
    [{ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'x' }] }] }, 'input[0].content[0].type'],
    [{ input: [{ role: 'user', content: 'x', more: 1 }] }, 'input[0].more'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://x/y.png' }] }] }, 'input'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    [{ strange: 1 }, 'strange'],
    [{ prompt: { id: 'x' } }, 'prompt'],
    [{ max_tool_calls: 3 }, 'max_tool_calls'],
    [{ include: ['reasoning.encrypted_content'] }, 'include[0]'],
    [{ background: true, store: false }, 'background'],
    [{ top_logprobs: 3 }, 'top_logprobs'],
    [{ reasoning: { effort: 'high' } }, 'reasoning'],
    [{ truncation: 'sometimes' }, 'truncation'],
    [{ previous_response_id: 'resp_x', conversation: 'conv_x' }, 'previous_response_id'],
    [{ conversation: 'conv_none' }, 'conversation'],
    [{ text: { format: { type: 'grammar' } } }, 'text.format.type'],
    [{ model: undefined }, 'model'],
  ]
  it.each(cases)('%o is refused by its name', async (more, field) => {
    const error = await client.responses.create({ ...ask, ...more } as never).then(
      () => null,
      (refusal: { status: number; param: string; error: object }) => refusal,
    )
    expect(error?.status).toBe(field === 'conversation' ? 404 : 400)
    expect([error?.param, `${error?.param}.type`]).toContain(field)
    expect(Object.keys(error?.error ?? {}).sort()).toEqual(['code', 'message', 'param', 'type'])
    expect(server.engine.requests).toEqual([])
  })
})

describe('streams', () => {
  it('tell the whole response event by event, numbered from 0', async () => {
    server.engine.script = { ...hello, replay: everything }
    const events = await collect(await client.responses.create({ ...ask, stream: true }))
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at))
    const types = events.map(({ type }) => type.replace('response.', ''))
    expect([...types.slice(0, 2), types.at(-1)]).toEqual(['created', 'in_progress', 'completed'])
    expect(types.filter((type) => /output_item/.test(type))).toHaveLength(8)
    const last = events.at(-1) as Extract<ResponseEvent, { response: unknown }>
    // What the pieces tell is what the end says, at each of them.
    expect(foldEvents(events.slice(0, -1))?.output).toEqual(last.response.output)
    expect(await client.responses.retrieve(last.response.id)).toMatchObject(last.response)
  })

  it('are understood by the client’s own reader of streams', async () => {
    server.engine.script = { ...hello, replay: everything }
    const stream = client.responses.stream({ ...ask })
    const final = await stream.finalResponse()
    expect(final.output_text).toBe('I see')
    expect(final.output).toHaveLength(4)
  })

  it('are read on after any event, with the same events', async () => {
    const events = plain(await collect(await client.responses.create({ ...ask, stream: true })))
    const { id } = (events[0] as Extract<ResponseEvent, { response: unknown }>).response
    for (let after = 0; after < events.length; after++) {
      const rest = await client.responses.retrieve(id, {
        stream: true,
        starting_after: after,
        include_obfuscation: false,
      })
      expect(await collect(rest)).toEqual(events.slice(after + 1))
    }
    const beyond = client.responses.retrieve(id, { stream: true, starting_after: events.length })
    await expect(beyond).rejects.toMatchObject({ status: 400, param: 'starting_after' })
  })

  it('of an error in mid-answer end with it, and keep what was said', async () => {
    const { ApiError } = await import('#wire/errors')
    server.engine.script = { ...hello, break: { after: 2, error: new ApiError('engine_failed', 'The model broke.') } }
    const events = await collect(await client.responses.create({ ...ask, stream: true }))
    const last = events.at(-1) as Extract<ResponseEvent, { response: unknown }>
    expect(last).toMatchObject({
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'server_error', message: 'The model broke.', param: null, type: 'server_error' },
        output: [{ status: 'incomplete', content: [{ text: 'Hello' }] }],
      },
    })
    expect(await client.responses.retrieve(last.response.id)).toMatchObject({ status: 'failed' })
  })

  it.each([true, false])('stop the engine when their reader leaves, kept or not (%s)', async (store) => {
    server.engine.script = { tokens: () => Array.from({ length: 500 }, () => 'x '), delayMs: 5 }
    const stream = await client.responses.create({ ...ask, stream: true, store })
    let id = ''
    let seen = 0
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id
      if (++seen === 8) break
    }
    await until(() => server.engine.running === 0, 5000, 'the engine stops')
    expect(server.engine.produced).toBeLessThan(400)
    if (!store) return
    // What was said stays, and whoever asks learns how it ended.
    const rest = await collect(await client.responses.retrieve(id, { stream: true, starting_after: 3 }))
    expect(rest.at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'cancelled' } })
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'cancelled' })
  })

  it('that were never kept cannot be read on', async () => {
    const { id } = await client.responses.create(ask)
    await expect(client.responses.retrieve(id, { stream: true })).rejects.toBeInstanceOf(BadRequestError)
  })
})
