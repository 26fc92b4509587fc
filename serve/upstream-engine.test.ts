import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChatRequest, EngineEvent } from '#serve/engine'
import { engineContract } from './engine-contract.ts'
import { chatAsk, completionAsk } from './testing/scripted-requests.ts'
import { serveScript, until } from './testing/scripted-server.ts'
import { chatStream, type ScriptedUpstream, sendError, sendStream, serveUpstream } from './testing/scripted-upstream.ts'
import { Secret, type UpstreamWish, upstreamSchema } from './upstream/settings.ts'
import { UpstreamEngine } from './upstream-engine.ts'

const never = new AbortController().signal
const key = 'tok-0123456789-canary'
const logged: string[] = []
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
  // Whatever a test did: the key is in no line.
  expect(logged.join('\n')).not.toContain(key)
  logged.length = 0
})

function engineOf(urls: readonly string[], more: Partial<UpstreamWish> = {}): UpstreamEngine {
  const settings = upstreamSchema.parse({ urls, model: 'theirs', private: true, coolMs: 60_000, ...more })
  const engine = new UpstreamEngine({ id: 'm', settings, key: new Secret(key), log: (line) => logged.push(line) })
  open.push(engine)
  return engine
}

async function upstream(reply: ScriptedUpstream['reply']): Promise<ScriptedUpstream> {
  const server = await serveUpstream(reply)
  open.push(server)
  return server
}

async function collect(
  engine: UpstreamEngine,
  more: Partial<ChatRequest> = {},
  signal = never,
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = []
  for await (const event of engine.chat(chatAsk(more), signal)) events.push(event)
  return events
}

const textOf = (events: EngineEvent[]) => events.map((event) => (event.type === 'start' ? '' : event.text)).join('')
const failureOf = (engine: UpstreamEngine, more: Partial<ChatRequest> = {}): Promise<Error & { code?: string }> =>
  collect(engine, more).then(
    () => expect.unreachable('it answered'),
    (error: Error) => error,
  )

describe('the contract of engines, over a server of our own', () => {
  it.each(engineContract)('$name', async ({ check }) => {
    const tokens = () => Array.from({ length: 200 }, (_, at) => ` w${at}`)
    const server = await serveScript({ tokens, delayMs: 40 })
    open.push(server)
    const engine = engineOf([`${server.url}/v1`], {
      model: 'scripted',
      capabilities: ['chat', 'completions', 'logprobs'],
    })
    await check({ engine, model: 'm', produced: () => server.engine.produced })
  })
})

describe('a reply', () => {
  const said = ['点', '线 🦆', ' answers', ' "well"\n']

  it('is the same however its bytes are cut', async () => {
    const bytes = Buffer.from(chatStream(said))
    let cut = 0
    const server = await upstream((response) => sendStream(response, bytes.subarray(0, cut), bytes.subarray(cut)))
    const engine = engineOf([server.url])
    const whole = await collect(engine)
    expect(textOf(whole)).toBe(said.join(''))
    expect(whole.at(-1)).toMatchObject({ completionTokens: 4, usage: { promptTokens: 9, cachedTokens: 0 } })
    for (cut = 1; cut < bytes.length; cut += 3) expect([cut, await collect(engine)]).toEqual([cut, whole])
  })

  it('that is torn at any byte is whole or ends with a typed error, never short and well', async () => {
    const bytes = Buffer.from(chatStream(said))
    const last = bytes.indexOf('"finish_reason":"stop"')
    let cut = 0
    const server = await upstream((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(bytes.subarray(0, cut), () => response.destroy())
    })
    const engine = engineOf([server.url], { failures: 1000 })
    for (cut = 1; cut < bytes.length; cut += 7) {
      const events = await collect(engine).catch((error: { code: string }) => error.code)
      if (typeof events === 'string') expect([cut, events]).toEqual([cut, 'upstream_failed'])
      else expect([cut > last, textOf(events)]).toEqual([true, said.join('')])
    }
    expect(engine.stats().failed).toBeGreaterThan(20)
  })

  it('carries calls, thoughts, refusals and log-probabilities', async () => {
    const chunk = (delta: object, more: object = {}) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`
    const call = (index: number, part: object) => chunk({ tool_calls: [{ index, ...part }] })
    const content = [
      { token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [{ token: 'b', logprob: -1, bytes: [98] }] },
    ]
    const server = await upstream((response) =>
      sendStream(
        response,
        chunk({ reasoning_content: 'hm' }),
        chunk({ content: 'a' }, { logprobs: { content } }),
        call(0, { id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q"' } }),
        call(0, { function: { arguments: ':1}' } }),
        call(1, { id: 'call_2', type: 'function', function: { name: 'stop', arguments: '' } }),
        chunk({}, { finish_reason: 'tool_calls' }),
        'data: [DONE]\n\n',
      ),
    )
    const events = await collect(engineOf([server.url], { capabilities: ['chat', 'tools', 'logprobs'] }))
    const calls = events.flatMap((event) => (event.type === 'token' && event.call ? [event.call] : []))
    expect(events.map((event) => (event.type === 'token' ? event.reasoning : undefined)).filter(Boolean)).toEqual([
      'hm',
    ])
    expect(events).toContainEqual(
      expect.objectContaining({
        text: 'a',
        logprob: { id: -1, bytes: Uint8Array.of(97), logprob: -0.5 },
        top: [{ id: -1, bytes: Uint8Array.of(98), logprob: -1 }],
      }),
    )
    expect(calls).toEqual([
      { number: 0, id: 'call_1', name: 'find', arguments: '' },
      { number: 0, id: 'call_1', name: 'find', arguments: '{"q"' },
      { number: 0, id: 'call_1', name: 'find', arguments: ':1}' },
      { number: 1, id: 'call_2', name: 'stop', arguments: '' },
    ])
    expect(events.at(-1)).toMatchObject({ type: 'end', finishReason: 'tool_calls', completionTokens: 6 })
  })

  it.each([
    ['no JSON', 'data: {"choices":\n\n'],
    ['another form', 'data: {"answer":"x"}\n\n'],
    ['a choice nobody asked for', 'data: {"choices":[{"index":7,"delta":{"content":"x"}}]}\n\n'],
    ['an error', 'data: {"error":{"message":"secret internals"}}\n\n'],
    ['an error event', 'event: error\ndata: {"detail":"secret internals"}\n\n'],
    [
      'words behind its end',
      chatStream(['a'], null).replace('data: [DONE]', 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}'),
    ],
    ['an endless event', `data: ${'x'.repeat(1 << 21)}`],
    ['nothing at all', ''],
    ['a page', '<html>hello</html>'],
  ])('with %s ends with upstream_failed', async (_what, text) => {
    const server = await upstream((response) => sendStream(response, text))
    const failure = await failureOf(engineOf([server.url]))
    expect(failure.code).toBe('upstream_failed')
    expect(failure.message).not.toContain('secret internals')
  })

  it.each([
    ['fewer than none', { prompt_tokens: -4, completion_tokens: -1 }, 0, 2],
    ['no numbers', { prompt_tokens: 'many', completion_tokens: null }, 0, 2],
    ['more than were allowed', { prompt_tokens: 5, completion_tokens: 900 }, 5, 2],
    [
      'more cached than there were',
      { prompt_tokens: 5, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 80 } },
      5,
      3,
    ],
  ])('whose usage says %s is counted by what came', async (_what, usage, promptTokens, completionTokens) => {
    const server = await upstream((response) => sendStream(response, chatStream(['a', 'b'], usage)))
    const end = (await collect(engineOf([server.url]), { maxTokens: 10 })).at(-1)
    expect(end).toMatchObject({ completionTokens, usage: { promptTokens } })
    expect(end?.type === 'end' && end.usage && end.usage.cachedTokens <= promptTokens).toBe(true)
  })
})

describe('what the server is asked', () => {
  it('is the request in its own words, with the key', async () => {
    const server = await upstream((response) => sendStream(response, chatStream(['ok'])))
    const engine = engineOf([server.url], { capabilities: ['chat', 'tools', 'json'], extendedSampling: true })
    const calls = [{ id: 'c1', name: 'f', arguments: '{}' }]
    await collect(engine, {
      messages: [
        { role: 'developer', content: 'be brief' },
        { role: 'assistant', content: '', calls },
        { role: 'tool', content: '4', callId: 'c1' },
      ],
      sampling: { ...chatAsk().sampling, temperature: 0.5, topK: 7, logitBias: new Map([[3, -1]]) },
      maxTokens: 30,
      stop: ['x'],
      tools: { functions: [{ name: 'f' }], choice: { name: 'f' }, parallel: false },
      format: { type: 'json_schema', schema: { type: 'object' } },
      owner: 'someone',
    })
    expect(server.asked[0].headers.authorization).toBe(`Bearer ${key}`)
    expect(server.asked[0].body).toEqual({
      model: 'theirs',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'be brief' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', content: '4', tool_call_id: 'c1' },
      ],
      temperature: 0.5,
      top_k: 7,
      seed: 7,
      logit_bias: { 3: -1 },
      stop: ['x'],
      max_tokens: 30,
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
      },
    })
  })

  it('holds names, and pictures for a model that sees', async () => {
    const server = await upstream((response) => sendStream(response, chatStream(['a cat'])))
    const url = 'data:image/png;base64,iVBORw0KGgo='
    const parts = [
      { type: 'text', text: 'What is it?' },
      { type: 'image', url, detail: 'low' },
    ] as const
    const ask = { messages: [{ role: 'user', content: 'What is it?', name: 'Ann', parts }] } as const
    await collect(engineOf([server.url], { capabilities: ['chat', 'vision'] }), ask)
    expect(server.asked[0].body.messages).toEqual([
      {
        role: 'user',
        name: 'Ann',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url, detail: 'low' } },
        ],
      },
    ])
    const blind = await failureOf(engineOf([server.url], { capabilities: ['chat'] }), ask)
    expect(blind).toMatchObject({ code: 'unsupported_value', param: 'messages[0].content[1]' })
    expect(server.asked).toHaveLength(1)
  })

  it('holds no address that a server of the operator’s network would fetch for a stranger', async () => {
    const server = await upstream((response) => sendStream(response, chatStream(['a cat'])))
    const ask = (url: string) => ({
      messages: [{ role: 'user' as const, content: '', parts: [{ type: 'image' as const, url }] }],
    })
    const within = engineOf([server.url], { capabilities: ['chat', 'vision'] })
    expect(await failureOf(within, ask('https://example.com/cat.png'))).toMatchObject({ code: 'unsupported_value' })
    const outside = engineOf(['https://models.example/v1'], { capabilities: ['chat', 'vision'], private: false })
    for (const url of ['http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/x.png', 'http://localhost/x.png'])
      expect(await failureOf(outside, ask(url))).toMatchObject({
        code: 'unsupported_value',
        param: 'messages[0].content[0]',
      })
    expect(server.asked).toHaveLength(0)
  })

  it('is nothing where the model cannot do it: the field is named', async () => {
    const server = await upstream(() => expect.unreachable())
    const engine = engineOf([server.url], { capabilities: ['chat'] })
    const cases: [Partial<ChatRequest>, string][] = [
      [{ tools: { functions: [], choice: 'auto', parallel: true } }, 'tools'],
      [{ format: { type: 'json_object' } }, 'response_format'],
      [{ topLogprobs: 1 }, 'logprobs'],
      [{ sampling: { ...chatAsk().sampling, minP: 0.1 } }, 'min_p'],
    ]
    for (const [more, param] of cases)
      expect(await failureOf(engine, more)).toMatchObject({ code: 'unsupported_parameter', param })
    const plain = engine.complete(completionAsk(), never)[Symbol.asyncIterator]()
    await expect(plain.next()).rejects.toMatchObject({ code: 'unsupported_value', param: 'model' })
    expect(server.asked).toHaveLength(0)
  })

  it('embeds and tokenises where it can', async () => {
    const server = await upstream((response, { path, body }) => {
      const data = [
        { index: 1, embedding: [0, 1] },
        { index: 0, embedding: [1, 0] },
      ]
      if (path === '/tokenize') response.end(JSON.stringify({ tokens: [...Buffer.from(String(body.prompt))] }))
      else response.end(JSON.stringify({ data, usage: { prompt_tokens: 4 } }))
    })
    const engine = engineOf([server.url], { capabilities: ['embeddings', 'tokenize'] })
    const { vectors, promptTokens } = await engine.embed({ model: 'm', inputs: ['a', 'b'], dimensions: 2 }, never)
    expect([vectors.map((each) => [...each]), promptTokens]).toEqual([
      [
        [1, 0],
        [0, 1],
      ],
      4,
    ])
    expect(await engine.tokenize({ model: 'm', texts: ['ab', 'c'] }, never)).toEqual([[97, 98], [99]])
    const three = { model: 'm', inputs: ['a', 'b', 'c'], dimensions: null }
    await expect(engine.embed(three, never)).rejects.toMatchObject({ code: 'upstream_failed' })
  })
})

describe('several servers', () => {
  const well: ScriptedUpstream['reply'] = (response) => sendStream(response, chatStream(['ok']))

  it.each<[string, ScriptedUpstream['reply']]>([
    ['answers 500', (response) => sendError(response, 500, { message: 'no' })],
    ['answers 429', (response) => sendError(response, 429, { message: 'slow' }, { 'retry-after': '7' })],
    ['hangs up', (response) => void response.destroy()],
    [
      'hangs up after its head',
      (response) => void response.writeHead(200).write(': hello\n\n', () => response.destroy()),
    ],
    ['says nothing', () => {}],
    ['stalls before its first word', (response) => void response.writeHead(200).flushHeaders()],
    ['talks nonsense', (response) => sendStream(response, 'data: nonsense\n\n')],
    ['redirects', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ])('answer for one that %s', async (_what, ill) => {
    const [bad, good] = [await upstream(ill), await upstream(well)]
    const engine = engineOf([bad.url, good.url], { firstByteMs: 800, idleMs: 800 })
    await engine.ready()
    expect(textOf(await collect(engine))).toBe('ok')
    expect([bad.asked.length, good.asked.length]).toEqual([1, 1])
  })

  it('do not answer for one that fails in mid-answer: what was said cannot be taken back', async () => {
    const torn = chatStream(['one', 'two']).split('\n\n').slice(0, 2).join('\n\n')
    const [bad, good] = [await upstream((response) => sendStream(response, `${torn}\n\n`)), await upstream(well)]
    const engine = engineOf([bad.url, good.url])
    await engine.ready()
    expect((await failureOf(engine)).code).toBe('upstream_failed')
    expect(good.asked).toHaveLength(0)
  })

  it('leave one alone that keeps failing, and share the rest', async () => {
    const bad = await upstream((response) => sendError(response, 503, { message: 'no' }))
    const good = [await upstream(well), await upstream(well)]
    const engine = engineOf([bad.url, ...good.map(({ url }) => url)], { failures: 2 })
    for (let i = 0; i < 20; i++) await collect(engine)
    expect(bad.asked).toHaveLength(2)
    expect(Math.abs(good[0].asked.length - good[1].asked.length)).toBeLessThanOrEqual(2)
    expect(engine.status().state).toBe('ready')
  })

  it('are refused at once when none is well, and found again by their checks', async () => {
    const only = await upstream((response) => sendError(response, 500, { message: 'no' }))
    only.healthStatus = 500
    const engine = engineOf([only.url], { healthMs: 30 })
    await engine.ready()
    expect(engine.status()).toMatchObject({ state: 'failed', problem: expect.any(String) })
    expect(await failureOf(engine)).toMatchObject({ code: 'model_unavailable', retryAfterSeconds: expect.any(Number) })
    expect(only.asked).toHaveLength(0)
    only.healthStatus = 200
    only.reply = well
    await until(() => engine.status().state === 'ready', 2000, 'the server is found again')
    expect(textOf(await collect(engine))).toBe('ok')
    expect(logged.join('\n')).toMatch(/not well: status 500[\s\S]*well again/)
  })

  it('take the one with the fewest requests in flight', async () => {
    const slow: ScriptedUpstream['reply'] = (response) => void setTimeout(() => well(response, {} as never), 200)
    const [a, b] = [await upstream(slow), await upstream(well)]
    const engine = engineOf([a.url, b.url])
    await engine.ready()
    const first = [collect(engine), collect(engine)]
    await until(() => b.asked.length === 1 && a.asked.length === 1, 1000, 'both are asked')
    await until(() => engine.status().active === 1, 1000, 'the fast one is done')
    await collect(engine)
    expect([a.asked.length, b.asked.length]).toEqual([1, 2])
    await Promise.all(first)
  })
})

describe('what a server says of a request', () => {
  it.each([
    [
      400,
      { message: `too long for ${key}`, code: 'context_length_exceeded', param: 'messages' },
      'context_length_exceeded',
      'too long for [hidden]',
    ],
    [422, { message: 'Bad\u001b[2J value' }, 'bad_request', 'Bad [2J value'],
    [401, { message: `Incorrect API key provided: ${key}` }, 'model_unavailable', "The model 'm' cannot be reached"],
    [404, { message: 'no such model: theirs' }, 'model_unavailable', "The model 'm' cannot be reached"],
    [429, { message: 'slow down' }, 'overloaded', 'Try again in 7 s'],
    [500, { message: `at /srv/secret.py: ${key}` }, 'upstream_failed', "The server of the model 'm' had an error"],
  ])('reaches the client where it is the client’s matter: %i', async (status, error, code, message) => {
    const server = await upstream((response) => sendError(response, status, error, { 'retry-after': '7' }))
    const failure = await failureOf(engineOf([server.url]))
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(message)
    expect(`${failure.message}${JSON.stringify(failure)}${failure.stack}`).not.toContain(key)
  })

  it('keeps the key out of everything that prints it', () => {
    const secret = new Secret(key)
    const all = `${secret} ${JSON.stringify({ secret })} ${inspect({ secret }, { showHidden: true, depth: 9 })}`
    expect(all).not.toContain(key)
    expect(inspect(engineOf(['http://127.0.0.1:9/v1']), { showHidden: true, depth: 9 })).not.toContain(key)
  })

  it('comes too late: the first byte, the next byte, the whole', async () => {
    const silent = await upstream(() => {})
    expect((await failureOf(engineOf([silent.url], { firstByteMs: 60 }))).code).toBe('upstream_timeout')
    const stalling = await upstream((response) => {
      response.writeHead(200).write(`${chatStream(['a', 'b']).split('\n\n').slice(0, 2).join('\n\n')}\n\n`)
    })
    expect((await failureOf(engineOf([stalling.url], { idleMs: 60 }))).code).toBe('upstream_failed')
    expect((await failureOf(engineOf([stalling.url], { totalMs: 60 }))).code).toBe('upstream_timeout')
  })

  it('is heard to its end although nobody says [DONE]', async () => {
    const server = await upstream((response) => {
      response.writeHead(200).write(chatStream(['a']).replace('data: [DONE]\n\n', ''))
    })
    expect(textOf(await collect(engineOf([server.url], { idleMs: 80 })))).toBe('a')
  })
})
