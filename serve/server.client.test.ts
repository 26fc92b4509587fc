/** The official client of OpenAI against our server over real HTTP. */
import OpenAI, { APIUserAbortError, BadRequestError, InternalServerError, NotFoundError } from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { ApiError } from '#wire/errors'
import { serveScript as listen, type ScriptedServer, until } from './testing/scripted-server.ts'

const hello = { tokens: () => ['Hel', 'lo', ', ', '世', '界'] }
const ask = { model: 'scripted', messages: [{ role: 'user' as const, content: 'hi' }] }

type ServerWithClient = ScriptedServer & { client: OpenAI }

async function serveScript(script: Parameters<typeof listen>[0]): Promise<ServerWithClient> {
  const listening = await listen(script)
  const client = new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'none', maxRetries: 0 })
  return { ...listening, client }
}

let server: ServerWithClient
afterEach(() => server.close())

describe('whole answers', () => {
  it('answers a conversation with usage and a request id', async () => {
    server = await serveScript(hello)
    const { data, request_id, response } = await server.client.chat.completions.create(ask).withResponse()
    expect(data.object).toBe('chat.completion')
    expect(data.id).toMatch(/^chatcmpl-[\w-]{20}$/)
    expect(data.choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: 'Hello, 世界', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ])
    expect(data.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 })
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/)
    expect(Number(response.headers.get('openai-processing-ms'))).toBeGreaterThanOrEqual(0)
  })

  it('takes its own reply back as history', async () => {
    server = await serveScript(hello)
    const first = await server.client.chat.completions.create(ask)
    const messages = [...ask.messages, first.choices[0].message, { role: 'user' as const, content: 'again' }]
    await server.client.chat.completions.create({ ...ask, messages })
    expect(server.engine.requests[1]).toMatchObject({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'Hello, 世界' },
        { role: 'user', content: 'again' },
      ],
    })
  })

  it('hands every setting to the engine', async () => {
    server = await serveScript(hello)
    const extensions = { top_k: 5, min_p: 0.1, repetition_penalty: 1.2 } as object
    await server.client.chat.completions.create({
      ...ask,
      ...extensions,
      temperature: 0.5,
      top_p: 0.9,
      presence_penalty: 0.25,
      frequency_penalty: -1,
      logit_bias: { 42: -100, 7: 3 },
      seed: -1,
      stop: ['END', '\n'],
      max_completion_tokens: 3,
      n: 2,
    })
    expect(server.engine.requests[0]).toMatchObject({
      sampling: {
        temperature: 0.5,
        topP: 0.9,
        topK: 5,
        minP: 0.1,
        repetitionPenalty: 1.2,
        presencePenalty: 0.25,
        frequencyPenalty: -1,
        logitBias: new Map([
          [42, -100],
          [7, 3],
        ]),
        seed: 2 ** 32 - 1,
      },
      stop: ['END', '\n'],
      maxTokens: 3,
      choices: 2,
    })
  })

  it('gives n answers, each with its own reason', async () => {
    server = await serveScript({ tokens: (_, choice) => ['a', 'b', 'c', 'd'].slice(0, choice + 1) })
    const reply = await server.client.chat.completions.create({ ...ask, n: 3, max_tokens: 2 })
    expect(reply.choices.map((choice) => [choice.index, choice.message.content, choice.finish_reason])).toEqual([
      [0, 'a', 'stop'],
      [1, 'ab', 'stop'],
      [2, 'ab', 'length'],
    ])
    expect(reply.usage?.completion_tokens).toBe(5)
  })

  it('ends before a stop string that straddles tokens', async () => {
    server = await serveScript({ tokens: () => ['one E', 'N', 'D two'] })
    const reply = await server.client.chat.completions.create({ ...ask, stop: 'END' })
    expect(reply.choices[0].message.content).toBe('one ')
    expect(reply.choices[0].finish_reason).toBe('stop')
  })

  it('reports log-probabilities with the bytes of broken characters', async () => {
    const [first, rest] = [Uint8Array.of(0xe4), Uint8Array.of(0xb8, 0x96)]
    server = await serveScript({ tokens: () => ['a', first, rest] })
    const reply = await server.client.chat.completions.create({ ...ask, logprobs: true, top_logprobs: 2 })
    expect(reply.choices[0].message.content).toBe('a世')
    const content = reply.choices[0].logprobs?.content ?? []
    expect(content.map((one) => [one.token, one.bytes, one.top_logprobs.length])).toEqual([
      ['a', [97], 2],
      ['\\xe4', [0xe4], 2],
      ['\\xb8\\x96', [0xb8, 0x96], 2],
    ])
    expect(content[0].logprob).toBeCloseTo(-0.125)
  })

  it('says how many old messages were left out', async () => {
    server = await serveScript({ ...hello, droppedMessages: 4 })
    const { data, response } = await server.client.chat.completions.create(ask).withResponse()
    expect(response.headers.get('x-dotline-dropped-messages')).toBe('4')
    expect((data as unknown as { dotline: object }).dotline).toMatchObject({ dropped_messages: 4 })
  })

  it('lists and finds models', async () => {
    server = await serveScript(hello)
    const models = []
    for await (const model of server.client.models.list()) models.push(model.id)
    expect(models).toEqual(['scripted'])
    expect(await server.client.models.retrieve('scripted')).toMatchObject({ object: 'model', owned_by: 'dotline' })
    await expect(server.client.models.retrieve('gpt-5')).rejects.toBeInstanceOf(NotFoundError)
  })
})

describe('streams', () => {
  it('brings the text piece by piece and the usage last', async () => {
    server = await serveScript(hello)
    const stream = await server.client.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.created} ${chunk.model}`)).size).toBe(1)
    expect(chunks[0].choices[0]).toMatchObject({ delta: { role: 'assistant', content: '' }, finish_reason: null })
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(text).toBe('Hello, 世界')
    expect(chunks.at(-2)?.choices[0]).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' })
    expect(chunks.at(-1)?.choices).toEqual([])
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 })
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
  })

  it('suits the client’s own accumulator, extensions and obfuscation included', async () => {
    server = await serveScript({ ...hello, droppedMessages: 2 })
    const stream = server.client.chat.completions.stream({ ...ask, n: 2, logprobs: true, top_logprobs: 1 })
    const reply = await stream.finalChatCompletion()
    expect(reply.choices.map((choice) => choice.message.content)).toEqual(['Hello, 世界', 'Hello, 世界'])
    expect(reply.choices[1].logprobs?.content).toHaveLength(5)
  })

  it('aborts: breaking the loop stops the engine within 250 ms', async () => {
    server = await serveScript({ tokens: () => Array(1000).fill('x '), delayMs: 5 })
    const stream = await server.client.chat.completions.create({ ...ask, stream: true })
    let left = 0
    for await (const chunk of stream) {
      if (chunk.choices[0].delta.content === '') continue
      left = performance.now()
      break
    }
    await until(() => server.engine.cancelled.length === 1, 1000, 'the engine is cancelled')
    expect(server.engine.cancelled[0] - left).toBeLessThan(250)
    expect(server.engine.running).toBe(0)
    await until(() => server.inFlight() === 0, 1000, 'the reply is closed')
  })

  it('aborts a whole answer within 250 ms', async () => {
    server = await serveScript({ tokens: () => Array(1000).fill('x '), delayMs: 5 })
    const controller = new AbortController()
    const reply = server.client.chat.completions.create(ask, { signal: controller.signal })
    await until(() => server.engine.produced > 3, 2000, 'tokens come')
    const left = performance.now()
    controller.abort()
    await expect(reply).rejects.toBeInstanceOf(APIUserAbortError)
    await until(() => server.engine.cancelled.length === 1, 1000, 'the engine is cancelled')
    expect(server.engine.cancelled[0] - left).toBeLessThan(250)
    expect(server.logged).toEqual([])
  })

  it('raises an error of mid-stream in the client, after the text before it', async () => {
    server = await serveScript({
      ...hello,
      break: { after: 2, error: new ApiError('engine_failed', 'The model failed.') },
    })
    const stream = await server.client.chat.completions.create({ ...ask, stream: true })
    let text = ''
    const read = async () => {
      for await (const chunk of stream) text += chunk.choices[0].delta.content ?? ''
    }
    await expect(read()).rejects.toMatchObject({
      message: 'The model failed.',
      code: 'engine_failed',
      type: 'server_error',
    })
    expect(text).toBe('Hello')
  })

  it('shows nothing of an unforeseen error and logs it under the request’s id', async () => {
    server = await serveScript({ ...hello, refuse: new Error('secret detail') })
    const error: unknown = await server.client.chat.completions.create({ ...ask, stream: true }).then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(InternalServerError)
    expect((error as InternalServerError).message).not.toContain('secret')
    expect(server.logged[0]).toContain('secret detail')
    expect(server.logged[0]).toContain((error as InternalServerError).requestID)
  })
})

describe('completions', () => {
  it('continues several prompts, n answers each, in order', async () => {
    server = await serveScript({ tokens: (_, choice) => [` ${choice}`] })
    const reply = await server.client.completions.create({ model: 'scripted', prompt: ['a', 'b'], n: 2, echo: true })
    expect(reply.object).toBe('text_completion')
    expect(reply.choices.map((choice) => choice.text)).toEqual(['a 0', 'a 1', 'b 2', 'b 3'])
  })

  it('passes token ids and suffixes on', async () => {
    server = await serveScript(hello)
    await server.client.completions.create({ model: 'scripted', prompt: [[1, 2], [3]], max_tokens: 4 })
    await server.client.completions.create({ model: 'scripted', prompt: 'f(', suffix: ')' })
    expect(server.engine.requests[0]).toMatchObject({ prompts: [[1, 2], [3]], suffix: null, maxTokens: 4 })
    expect(server.engine.requests[1]).toMatchObject({ prompts: ['f('], suffix: ')', maxTokens: 16 })
  })

  it('writes log-probabilities in the older form', async () => {
    server = await serveScript({ tokens: () => ['ab', Uint8Array.of(0xe4), Uint8Array.of(0xb8, 0x96), 'c'] })
    const reply = await server.client.completions.create({ model: 'scripted', prompt: 'p', logprobs: 1 })
    expect(reply.choices[0].text).toBe('ab世c')
    expect(reply.choices[0].logprobs?.tokens).toEqual(['ab', 'bytes:\\xe4', 'bytes:\\xb8\\x96', 'c'])
    expect(reply.choices[0].logprobs?.text_offset).toEqual([0, 2, 2, 3])
    expect(reply.choices[0].logprobs?.top_logprobs?.[0]).toEqual({ ab: -0.125 })
  })

  it('streams with the prompt first where echo asks for it', async () => {
    server = await serveScript({ tokens: () => ['b', 'c'] })
    const stream = await server.client.completions.create({ model: 'scripted', prompt: 'a', echo: true, stream: true })
    const texts = []
    for await (const chunk of stream) texts.push([chunk.choices[0].text, chunk.choices[0].finish_reason])
    expect(texts).toEqual([
      ['a', null],
      ['b', null],
      ['c', null],
      ['', 'stop'],
    ])
  })
})

describe('errors in the client’s classes', () => {
  it('400 names the field', async () => {
    server = await serveScript(hello)
    const error = await server.client.chat.completions.create({ ...ask, temperature: 3 }).catch((reason) => reason)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({
      status: 400,
      param: 'temperature',
      code: 'invalid_value',
      type: 'invalid_request_error',
    })
    expect(server.engine.requests).toHaveLength(0)
  })

  it('400 for a picture where the model has no eyes, by its place; names go to the engine', async () => {
    server = await serveScript(hello)
    const text = { type: 'text' as const, text: 'What is it?' }
    const picture = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
    const look = (content: (typeof text | typeof picture)[]) =>
      server.client.chat.completions.create({ ...ask, messages: [{ role: 'user', content, name: 'Ann' }] })
    const error = await look([text, picture]).catch((reason) => reason)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ param: 'messages[0].content[1]', code: 'unsupported_value' })
    expect(server.engine.requests).toHaveLength(0)
    await look([text])
    expect(server.engine.requests[0]).toMatchObject({ messages: [{ content: 'What is it?', name: 'Ann' }] })
  })

  it('404 for an unknown model', async () => {
    server = await serveScript(hello)
    const error = await server.client.chat.completions.create({ ...ask, model: 'gpt-5' }).catch((reason) => reason)
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error).toMatchObject({ param: 'model', code: 'model_not_found' })
  })

  it('503 with retry-after, which the client obeys', async () => {
    server = await serveScript({ ...hello, refuse: new ApiError('overloaded', 'Busy.', null, 1) })
    const error = await server.client.chat.completions.create(ask).catch((reason) => reason)
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error.headers.get('retry-after')).toBe('1')
    const patient = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 1 })
    const begun = performance.now()
    const reply = patient.chat.completions.create(ask)
    await until(() => server.engine.requests.length === 2, 1000, 'the first try')
    server.engine.script = hello
    expect((await reply).choices[0].message.content).toBe('Hello, 世界')
    expect(performance.now() - begun).toBeGreaterThan(900)
  })

  it.each([
    ['functions', [{ name: 'f' }]],
    ['audio', { voice: 'x', format: 'mp3' }],
    ['modalities', ['text', 'audio']],
    ['reasoning_effort', 'low'],
  ])('what this version lacks is a clear 400: %s', async (field, value) => {
    server = await serveScript(hello)
    const error = await server.client.chat.completions.create({ ...ask, [field]: value }).catch((reason) => reason)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error.param).toBe(field)
    expect(error.code).toMatch(/^unsupported_(parameter|value)$/)
    expect(error.message).toContain('not supported by this version')
  })
})
