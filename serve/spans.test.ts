/** Spans as a collector gets them: what they say of a request, and that they never say what was said unless asked to. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Script } from '#serve/scripted-engine'
import { type SpanSettings, Spans } from '#serve/spans'
import { ApiError } from '#wire/errors'
import { type ScriptedServer, serveScript, until } from './testing/scripted-server.ts'

interface Told {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: Record<string, unknown> }[]
  status: { code?: number }
}

const open: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A collector of OTLP over HTTP in JSON. */
async function collector(status = 200) {
  const got: { headers: Record<string, unknown>; url: string; text: string }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    got.push({ headers: request.headers, url: request.url ?? '', text })
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { got, endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` }
}

const spansIn = (text: string): Told[] =>
  JSON.parse(text).resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Told[] }[] }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  )
const valueOf = (span: Told, key: string) => span.attributes.find((each) => each.key === key)?.value

async function serve(script: Script, to: SpanSettings['to'], content = false) {
  const logged: string[] = []
  const spans = new Spans({ to, service: 'test-service', content }, (line) => logged.push(line))
  const server: ScriptedServer = await serveScript(script, { spans })
  open.push(() => server.close())
  const flush = async () => {
    await until(() => server.inFlight() === 0, 10_000, 'replies are complete')
    await spans.close()
  }
  return { server, flush, logged }
}

const secret = 'the-sentence-of-a-user'
const ask = {
  model: 'scripted',
  messages: [{ role: 'user', content: secret }],
  temperature: 0,
  max_tokens: 9,
  n: 2,
  stop: 'stop-word-of-a-user',
}
const chat = '/v1/chat/completions'
const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

it('tells a collector of each request and answer, within the caller’s trace and without content', async () => {
  const { got, endpoint } = await collector()
  const script = { tokens: () => ['answer-', 'of-the-model'], cachedTokens: 3 }
  const { server, flush } = await serve(script, { endpoint, private: true, key: 'collector-key' })
  await (await server.post(chat, { ...ask, stream: true }, parent)).text()
  await (await server.post('/v1/completions', { model: 'scripted', prompt: secret })).text()
  await fetch(`${server.url}/health`)
  await flush()
  expect(got.map(({ url, headers }) => [url, headers['content-type'], headers.authorization])).toEqual([
    ['/v1/traces', 'application/json', 'Bearer collector-key'],
  ])
  const [{ text }] = got
  for (const said of [secret, 'stop-word-of-a-user', 'answer-', 'of-the-model', 'collector-key'])
    expect(text).not.toContain(said)
  expect(text).toContain('"service.name","value":{"stringValue":"test-service"}')
  const spans = spansIn(text)
  const [answer, request] = ['chat scripted', `POST ${chat}`].map((name) => spans.find((each) => each.name === name)!)
  expect([request.traceId, request.parentSpanId, request.kind]).toEqual([
    '0af7651916cd43dd8448eb211c80319c',
    'b7ad6b7169203331',
    2,
  ])
  expect([answer.traceId, answer.parentSpanId, answer.kind]).toEqual([request.traceId, request.spanId, 1])
  expect(BigInt(answer.endTimeUnixNano) >= BigInt(answer.startTimeUnixNano)).toBe(true)
  expect(Math.abs(Number(BigInt(answer.endTimeUnixNano) / 1_000_000n) - Date.now())).toBeLessThan(600_000)
  const values = Object.fromEntries(answer.attributes.map(({ key, value }) => [key, value]))
  expect(values).toMatchObject({
    'gen_ai.operation.name': { stringValue: 'chat' },
    'gen_ai.provider.name': { stringValue: 'dotline' },
    'gen_ai.request.model': { stringValue: 'scripted' },
    'gen_ai.request.stream': { boolValue: true },
    'gen_ai.request.choice.count': { intValue: '2' },
    'gen_ai.request.max_tokens': { intValue: '9' },
    'gen_ai.request.temperature': { doubleValue: 0 },
    'gen_ai.response.finish_reasons': { arrayValue: { values: [{ stringValue: 'stop' }, { stringValue: 'stop' }] } },
    'gen_ai.usage.input_tokens': { intValue: '7' },
    'gen_ai.usage.cache_read.input_tokens': { intValue: '3' },
    'gen_ai.usage.output_tokens': { intValue: '4' },
  })
  expect(values['gen_ai.response.time_to_first_chunk'].doubleValue).toBeGreaterThan(0)
  expect(values).not.toHaveProperty('gen_ai.request.seed')
  // One pair for each request, in traces of their own where nobody named one; health is not told.
  expect(spans.map(({ name }) => name).sort()).toEqual(
    ['POST /v1/chat/completions', 'POST /v1/completions', 'chat scripted', 'text_completion scripted'].sort(),
  )
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2)
})

it('writes content where it is asked for, and to a file where one is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-spans-'))
  open.push(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'spans.jsonl')
  const { server, flush } = await serve({ tokens: () => ['well'] }, { file }, true)
  await (await server.post(chat, { ...ask, n: 1 })).text()
  await flush()
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const answer = lines.flatMap(spansIn).find(({ name }) => name === 'chat scripted')!
  const input = JSON.parse(String(valueOf(answer, 'gen_ai.input.messages')?.stringValue))
  expect(input).toEqual([{ role: 'user', parts: [{ type: 'text', content: secret }] }])
  const output = JSON.parse(String(valueOf(answer, 'gen_ai.output.messages')?.stringValue))
  expect(output).toEqual([{ role: 'assistant', parts: [{ type: 'text', content: 'well' }], finish_reason: 'stop' }])
})

it('names errors by their class, and those who left', async () => {
  const { got, endpoint } = await collector()
  const broken = { after: 1, error: new ApiError('engine_failed', secret) }
  const script: Script = { tokens: () => ['a', 'b'], break: broken }
  const { server, flush } = await serve(script, { endpoint, private: true, key: null })
  await (await server.post(chat, ask)).text()
  server.engine.script = { tokens: () => Array(5000).fill('x'), delayMs: 2 }
  const leave = new AbortController()
  const reading = fetch(server.url + chat, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'scripted', messages: ask.messages, stream: true }),
    signal: leave.signal,
  })
  await (await reading).body?.getReader().read()
  leave.abort()
  await flush()
  const spans = got.flatMap(({ text }) => spansIn(text))
  expect(got.map(({ text }) => text).join()).not.toContain(secret)
  const answers = spans.filter(({ name }) => name === 'chat scripted')
  expect(answers.map((span) => [valueOf(span, 'error.type')?.stringValue, span.status.code])).toEqual([
    ['engine_failed', 2],
    ['client_closed_request', undefined],
  ])
})

it('keeps silent about a trace that its caller does not record', async () => {
  const { got, endpoint } = await collector()
  const { server, flush } = await serve({ tokens: () => ['a'] }, { endpoint, private: true, key: null })
  await (await server.post(chat, ask, { traceparent: parent.traceparent.replace(/01$/, '00') })).text()
  await flush()
  expect(got).toEqual([])
})

it('answers all the same where the collector is away or refuses, and says so once', async () => {
  const { endpoint } = await collector(500)
  const { server, flush, logged } = await serve({ tokens: () => ['a'] }, { endpoint, private: true, key: null })
  expect((await server.post(chat, ask)).status).toBe(200)
  await flush()
  expect(logged).toEqual(['2 spans were dropped: the collector answered 500'])
  // An address of this machine is connected to where the operator said that it stands there, and not otherwise.
  const outside = await serve({ tokens: () => ['a'] }, { endpoint, private: false, key: null })
  expect((await outside.server.post(chat, ask)).status).toBe(200)
  await outside.flush()
  expect(outside.logged[0]).toMatch(/^2 spans were dropped: .*leads to this machine/)
})
