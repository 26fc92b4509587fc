/** One answer for one key, whole and streamed, also after a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'
import { serveScript, until } from './testing/scripted-server.ts'

const hello = { tokens: () => ['Hel', 'lo'] }
const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
const endless = { tokens: () => Array.from({ length: 5000 }, () => 'x '), delayMs: 5 }

let folder: string
let server: KeepingServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-idempotency-'))
  server = await serveKeeping(hello, {}, folder)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  server.engine.script = hello
  server.engine.requests.length = 0
})

const post = async (path: string, body: object, key: string) => {
  const reply = await server.post(path, body, { 'idempotency-key': key })
  const again = reply.headers.get('idempotent-replayed') === 'true'
  return { status: reply.status, text: await reply.text(), again, type: reply.headers.get('content-type') }
}
const restart = async () => {
  await server.close()
  server = await serveKeeping(hello, {}, folder)
}

const creating: [string, object][] = [
  ['/v1/chat/completions', chat],
  ['/v1/chat/completions', { ...chat, store: true, metadata: { a: '1' } }],
  ['/v1/chat/completions', { ...chat, stream: true }],
  ['/v1/completions', { model: 'scripted', prompt: 'hi', stream: true }],
  ['/v1/messages', { model: 'scripted', max_tokens: 9, messages: chat.messages, stream: true }],
  ['/v1/messages', { model: 'scripted', max_tokens: 9, messages: chat.messages }],
  ['/infill', { input_prefix: 'a', input_suffix: 'b', stream: true }],
  ['/v1/responses', { model: 'scripted', input: 'hi' }],
  ['/v1/responses', { model: 'scripted', input: 'hi', stream: true }],
  ['/v1/responses', { model: 'scripted', input: 'hi', stream: true, store: false }],
  ['/v1/conversations', { metadata: { a: '1' }, items: [{ role: 'user', content: 'hi' }] }],
]

it('has the same answer for the same request, to the byte, once made, also after a restart', async () => {
  const first = []
  for (const [at, [path, body]] of creating.entries()) first.push(await post(path, body, `k${at}`))
  expect(first.map(({ status, again }) => [status, again])).toEqual(creating.map(() => [200, false]))
  const asked = server.engine.requests.length
  await restart()
  for (const [at, [path, body]] of creating.entries()) {
    expect(await post(path, body, `k${at}`)).toEqual({ ...first[at], again: true })
    // The order of fields says nothing.
    const turned = Object.fromEntries(Object.entries(body).reverse())
    expect((await post(path, turned, `k${at}`)).text).toBe(first[at].text)
  }
  expect([asked, server.engine.requests.length]).toEqual([10, 0])
  const { data } = await (await fetch(`${server.url}/v1/chat/completions`)).json()
  expect(data).toHaveLength(1)
})

it('is a 409 with another body, or at another address', async () => {
  await post('/v1/conversations', {}, 'once')
  for (const [path, body] of [
    ['/v1/conversations', { metadata: { a: '2' } }],
    ['/v1/chat/completions', chat],
  ] as const) {
    const { status, text } = await post(path, body, 'once')
    expect(status).toBe(409)
    expect(JSON.parse(text).error).toMatchObject({ code: 'idempotency_conflict', param: 'Idempotency-Key' })
  }
  expect(server.engine.requests).toEqual([])
})

it('lets a twin wait while the first is at work, then has its answer', async () => {
  server.engine.script = { ...hello, delayMs: 300 }
  const first = post('/v1/chat/completions', chat, 'twin')
  await until(() => server.engine.running === 1, 5000, 'the first begins')
  const twin = await server.post('/v1/chat/completions', chat, { 'idempotency-key': 'twin' })
  expect(twin.status).toBe(409)
  expect(twin.headers.get('retry-after')).toBe('1')
  expect(await twin.json()).toMatchObject({ error: { code: 'request_in_progress' } })
  const { text } = await first
  expect(await post('/v1/chat/completions', chat, 'twin')).toMatchObject({ again: true, text })
  expect(server.engine.requests).toHaveLength(1)
})

it('is free again where nothing was made: refused, failed, or left by its reader', async () => {
  const { ApiError } = await import('#wire/errors')
  expect((await post('/v1/chat/completions', { ...chat, model: 'none' }, 'free')).status).toBe(404)
  server.engine.script = { ...hello, refuse: new ApiError('overloaded', 'busy') }
  expect((await post('/v1/chat/completions', chat, 'free')).status).toBe(503)
  server.engine.script = { ...hello, break: { after: 1, error: new ApiError('engine_failed', 'broke') } }
  expect((await post('/v1/chat/completions', { ...chat, stream: true }, 'free')).text).toContain('engine_failed')
  server.engine.script = endless
  const leave = new AbortController()
  const reading = fetch(`${server.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'free' },
    body: JSON.stringify({ model: 'scripted', input: 'hi', stream: true }),
    signal: leave.signal,
  })
  await (await reading).body?.getReader().read()
  leave.abort()
  await until(() => server.engine.running === 0 && server.inFlight() === 0, 5000, 'the engine stops')
  server.engine.script = hello
  let last = await post('/v1/chat/completions', chat, 'free')
  for (let tries = 0; last.status === 409 && tries < 50; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    last = await post('/v1/chat/completions', chat, 'free')
  }
  expect(last).toMatchObject({ status: 200, again: false })
})

it('of a response in the background leads to that response, whoever left meanwhile', async () => {
  server.engine.script = { tokens: () => Array.from({ length: 30 }, (_, at) => `w${at} `), delayMs: 10 }
  const body = { model: 'scripted', input: 'hi', background: true }
  const first = JSON.parse((await post('/v1/responses', body, 'back')).text)
  const again = await post('/v1/responses', body, 'back')
  expect(again.again).toBe(true)
  expect(JSON.parse(again.text).id).toBe(first.id)
  const streaming = { ...body, stream: true, stream_options: { include_obfuscation: false } }
  const leave = new AbortController()
  const reply = await fetch(`${server.url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'back-stream' },
    body: JSON.stringify(streaming),
    signal: leave.signal,
  })
  const seen = new TextDecoder().decode((await reply.body?.getReader().read())?.value)
  leave.abort()
  const whole = await post('/v1/responses', streaming, 'back-stream')
  expect(whole.text.startsWith(seen)).toBe(true)
  expect(whole.text).toContain('event: response.completed')
  expect(server.engine.requests).toHaveLength(2)
})

it('is refused where it is no key, or where nothing is kept', async () => {
  for (const key of ['', ' ', 'a b', 'é', 'x'.repeat(256)]) {
    const reply = await server.post('/v1/conversations', {}, { 'idempotency-key': key })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { param: 'Idempotency-Key' } })
  }
  const bare = await serveScript(hello)
  const reply = await bare.post('/v1/chat/completions', chat, { 'idempotency-key': 'x' })
  expect(reply.status).toBe(400)
  await bare.close()
})
