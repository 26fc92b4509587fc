/** `/metrics` as Prometheus reads it, after real requests. */
import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { ApiError } from '#wire/errors'
import { Counter, Histogram, single } from './http/exposition.ts'
import { type Family, parseExposition } from './testing/exposition-parser.ts'
import { type ScriptedServer, serveScript, until } from './testing/scripted-server.ts'

const ask = { model: 'scripted', messages: [{ role: 'user' as const, content: 'a secret question' }] }
let server: ScriptedServer
afterEach(() => server?.close())

async function serve(...args: Parameters<typeof serveScript>): Promise<OpenAI> {
  server = await serveScript(...args)
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
}

async function scrape(): Promise<{ text: string; value: (series: string) => number | undefined }> {
  const reply = await fetch(`${server.url}/metrics`)
  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await reply.text()
  const samples = new Map([...parseExposition(text).values()].flatMap((family: Family) => [...family.samples]))
  return { text, value: (series) => samples.get(series) }
}

const requests = (route: string, status: number, method = 'POST') =>
  `dotline_http_requests_total{method="${method}",route="${route}",status="${status}"}`

describe('/metrics', () => {
  it('counts answers, whole and streamed, with their tokens and times', async () => {
    const client = await serve({ tokens: () => ['a', 'b', 'c'], delayMs: 30, cachedTokens: 4 })
    const before = await scrape()
    expect(before.value('dotline_prompt_tokens_total')).toBe(0)
    expect(before.value('dotline_time_to_first_token_seconds_count')).toBe(0)
    await client.chat.completions.create(ask)
    for await (const _ of await client.chat.completions.create({ ...ask, stream: true }));
    await client.completions.create({ model: 'scripted', prompt: 'x', n: 2 })
    await until(() => server.inFlight() === 0, 1000, 'the replies are closed')
    const { value } = await scrape()
    expect(value(requests('/v1/chat/completions', 200))).toBe(2)
    expect(value(requests('/v1/completions', 200))).toBe(1)
    expect(value(requests('/metrics', 200, 'GET'))).toBe(1)
    expect(value('dotline_http_request_duration_seconds_count')).toBe(4)
    expect(value('dotline_answer_requests_total')).toBe(3)
    expect(value('dotline_prompt_tokens_total')).toBe(21)
    expect(value('dotline_cached_tokens_total')).toBe(12)
    expect(value('dotline_completion_tokens_total')).toBe(12)
    expect(value('dotline_time_to_first_token_seconds_count')).toBe(3)
    expect(value('dotline_time_to_first_token_seconds_bucket{le="0.025"}')).toBe(0)
    expect(value('dotline_time_to_first_token_seconds_sum')).toBeGreaterThan(0.085)
    expect(value('dotline_answer_tokens_per_second_count')).toBe(4)
    expect(value('dotline_answer_tokens_per_second_bucket{le="50"}')).toBe(4)
    expect(value('dotline_answer_tokens_per_second_sum')).toBeGreaterThan(4)
  })

  it('tells what is under way and what the process holds', async () => {
    const client = await serve({ tokens: () => Array(500).fill('x'), delayMs: 10 })
    const stream = await client.chat.completions.create({ ...ask, stream: true })
    const { value } = await scrape()
    expect(value('dotline_answers_active')).toBe(1)
    expect(value('dotline_answers_waiting')).toBe(0)
    expect(value('dotline_http_requests_in_flight')).toBe(2)
    expect(value('dotline_model_ready')).toBe(1)
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(value('dotline_uptime_seconds')).toBeGreaterThan(0)
    expect(Math.abs((value('process_start_time_seconds') ?? 0) - Date.now() / 1000)).toBeLessThan(86_400)
    stream.controller.abort()
    await until(() => server.inFlight() === 0, 1000, 'the reply is closed')
    const after = await scrape()
    expect(after.value('dotline_answers_active')).toBe(0)
    expect(after.value('dotline_answer_requests_cancelled_total')).toBe(1)
    expect(after.value('dotline_errors_total{code="client_closed_request"}')).toBe(1)
  })

  it('counts errors by their code, wherever they were met with', async () => {
    const broken = { after: 1, error: new ApiError('engine_failed', 'The model failed.') }
    const client = await serve({ tokens: () => ['a', 'b'], break: broken })
    await client.chat.completions.create({ ...ask, temperature: 9 }).catch(() => {})
    await client.chat.completions.create({ ...ask, model: 'gpt-5' }).catch(() => {})
    const stream = await client.chat.completions.create({ ...ask, stream: true })
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toThrow('The model failed.')
    await fetch(`${server.url}/nowhere/${ask.messages[0].content}`)
    await fetch(`${server.url}/%zz`)
    const socket = server.socket().end('not http\r\n\r\n')
    await new Promise((resolve) => socket.resume().once('close', resolve))
    await until(() => server.inFlight() === 0, 1000, 'the replies are closed')
    const { value } = await scrape()
    for (const code of ['invalid_value', 'model_not_found', 'engine_failed', 'not_found'])
      expect(value(`dotline_errors_total{code="${code}"}`), code).toBe(1)
    expect(value('dotline_errors_total{code="bad_request"}')).toBe(2)
    expect(value(requests('/v1/chat/completions', 400))).toBe(1)
    expect(value(requests('/v1/chat/completions', 404))).toBe(1)
    expect(value(requests('/v1/chat/completions', 200))).toBe(1)
    expect(value(requests('none', 404, 'GET'))).toBe(1)
    expect(value(requests('none', 400, 'GET'))).toBe(1)
    expect(value('dotline_answer_requests_failed_total')).toBe(1)
  })

  it('says nothing of what was asked, of whom, or under which id', async () => {
    const client = await serve({ tokens: () => ['a secret answer'] })
    const { request_id } = await client.chat.completions.create({ ...ask, user: 'someone' }).withResponse()
    await fetch(`${server.url}/v1/models/a%20secret%20model`)
    await fetch(`${server.url}/a%20secret%20place`)
    const { text, value } = await scrape()
    expect(value(requests('/v1/models/:model', 404, 'GET'))).toBe(1)
    expect(text).not.toMatch(/secret|someone|scripted/)
    expect(text).not.toContain(request_id)
  })

  it('is shown to this machine’s names alone, and still while the server closes', async () => {
    let closing = false
    await serve({ tokens: () => ['a'] }, { closing: () => closing })
    const { get } = await import('node:http')
    const stranger = await new Promise<number | undefined>((resolve) =>
      get(`${server.url}/metrics`, { headers: { host: 'evil.example' } }, (reply) =>
        resolve(reply.resume().statusCode),
      ),
    )
    expect(stranger).toBe(403)
    closing = true
    expect((await scrape()).value('dotline_errors_total{code="host_not_allowed"}')).toBe(1)
  })
})

describe('openai-processing-ms', () => {
  it('stands on every reply, streamed ones, errors and refused sockets included', async () => {
    await serve({ tokens: () => ['a'] })
    const fill = { input_prefix: 'f(', input_suffix: ')' }
    const replies = await Promise.all([
      server.post('/v1/chat/completions', { ...ask, stream: true }),
      server.post('/infill', { ...fill, stream: true }),
      server.post('/infill', fill),
      server.post('/v1/chat/completions', '{'),
      ...['/health', '/metrics', '/v1/models', '/', '/none', '/%zz'].map((path) => fetch(server.url + path)),
    ])
    for (const reply of replies) expect(reply.headers.get('openai-processing-ms'), reply.url).toMatch(/^\d+$/)
    await Promise.all(replies.map((reply) => reply.text()))
    const socket = server.socket().end('not http\r\n\r\n')
    let text = ''
    for await (const part of socket) text += part
    expect(text).toMatch(/^openai-processing-ms: \d+\r$/m)
  })
})

describe('the text format', () => {
  it('escapes labels and help, and writes numbers that are none', () => {
    const counter = new Counter('odd_total', 'a \\ and\na line')
    counter.add({ a: 'x"y\\z\n', b: '世' })
    counter.add({ a: 'x"y\\z\n', b: '世' })
    const text = counter.text() + single('odd', 'gauge', 'none', Number.NaN) + single('far', 'gauge', 'far', -Infinity)
    const families = parseExposition(text)
    expect(families.get('odd_total')).toMatchObject({ type: 'counter', help: 'a \\\\ and\\na line' })
    expect([...(families.get('odd_total')?.samples ?? [])]).toEqual([['odd_total{a="x\\"y\\\\z\\n",b="世"}', 2]])
    expect([families.get('odd')?.samples.get('odd'), families.get('far')?.samples.get('far')]).toEqual([
      Number.NaN,
      -Infinity,
    ])
  })

  it('counts a value on a bound below it', () => {
    const histogram = new Histogram('h', 'help', [1, 2])
    for (const value of [0.5, 1, 2, 2.5]) histogram.add(value)
    expect(Object.fromEntries(parseExposition(histogram.text()).get('h')?.samples ?? [])).toEqual({
      'h_bucket{le="1"}': 2,
      'h_bucket{le="2"}': 3,
      'h_bucket{le="+Inf"}': 4,
      h_sum: 6,
      h_count: 4,
    })
  })

  it.each([
    ['no end of line', '# HELP a b\n# TYPE a gauge\na 1'],
    ['a sample without its type', 'a 1\n'],
    ['a label twice', '# HELP a b\n# TYPE a gauge\na{x="1",x="2"} 1\n'],
    ['an unescaped quote', '# HELP a b\n# TYPE a gauge\na{x="1"2"} 1\n'],
    [
      'a falling histogram',
      '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
    ],
    ['a number of JavaScript’s', '# HELP a b\n# TYPE a gauge\na Infinity\n'],
  ])('is read strictly: %s is refused', (_, text) => {
    expect(() => parseExposition(text)).toThrow()
  })
})
