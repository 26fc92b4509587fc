import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, nobody } from '#serve/caller'
import type { Script } from '#serve/scripted-engine'
import { openStore, type Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { dataLines, type ScriptedServer, serveScript, until } from './testing/scripted-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'dotline-metering-'))
let store: Store
beforeAll(async () => {
  store = await openStore({ folder })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Stage {
  server: ScriptedServer
  caller: Caller
  organisation: string
  entries(): Promise<{ input: number; cached: number; output: number; outcome: string; kind: string; state: string }[]>
}

/** A server whose callers are of a new organisation. */
async function stage(script: Script, run: (stage: Stage) => Promise<void>, more: Partial<Caller> = {}): Promise<void> {
  const { id: organisation } = await store.organisations.create({ name: 'metered' })
  const { id: project } = await store.organisations.createProject(organisation, { name: 'first' })
  const owner = await store.organisations.owner(organisation, project, '')
  const memberships = [{ organisation, project: '', role: 'owner' as const }]
  const caller: Caller = { ...nobody, organisation, project, owner, key: 'key_1', memberships, ...more }
  const server = await serveScript(script, { store, identify: async () => caller })
  const entries = async () => (await store.usage.entries(organisation, { from: 0, until: 2 ** 52 })).data
  try {
    await run({ server, caller, organisation, entries })
  } finally {
    await server.close()
  }
}

const words = ['one ', 'two ', 'three ', 'four ', 'five ']
const script: Script = { tokens: () => words, promptTokens: 9, cachedTokens: 4 }
const chat = (more: object = {}) => ({ model: 'scripted', messages: [{ role: 'user', content: 'Hello' }], ...more })
const tokensIn = (text: string) => dataLines(text).filter((line) => /"content":"[^"]/.test(line)).length

describe('the ledger', () => {
  test.each<[string, string, object]>([
    ['chat', '/v1/chat/completions', chat()],
    ['chat', '/v1/chat/completions', chat({ stream: true })],
    ['completion', '/v1/completions', { model: 'scripted', prompt: 'Hello', max_tokens: 50 }],
    ['completion', '/v1/completions', { model: 'scripted', prompt: 'Hello', max_tokens: 50, stream: true }],
    ['message', '/v1/messages', chat({ max_tokens: 50 })],
    ['message', '/v1/messages', chat({ max_tokens: 50, stream: true })],
    ['infill', '/infill', { input_prefix: 'a', input_suffix: 'b' }],
    ['infill', '/infill', { input_prefix: 'a', input_suffix: 'b', stream: true }],
  ])('holds what %s at %s delivered, before its last byte', (kind, path, body) =>
    stage(script, async ({ server, entries }) => {
      const reply = await server.post(path, body)
      expect(reply.status).toBe(200)
      await reply.text()
      // At once: nothing is waited for.
      expect(await entries()).toMatchObject([
        { kind, state: 'settled', outcome: 'finished', input: 9, cached: 4, output: 5 },
      ])
    }),
  )

  test('counts every answer of a request, and the inputs of embeddings', () =>
    stage(script, async ({ server, entries }) => {
      await (await server.post('/v1/chat/completions', chat({ n: 3 }))).text()
      await (await server.post('/v1/embeddings', { model: 'scripted', input: ['four', 'more'] })).text()
      const rows = await entries()
      expect(rows.map(({ input, output }) => [input, output]).toSorted()).toEqual([
        [8, 0],
        [9, 15],
      ])
    }))

  test('holds of a stream that broke what its reader got', () =>
    stage(
      { ...script, break: { after: 3, error: new ApiError('engine_failed', 'no') } },
      async ({ server, entries }) => {
        const text = await (await server.post('/v1/chat/completions', chat({ stream: true }))).text()
        expect(tokensIn(text)).toBe(3)
        expect(await entries()).toMatchObject([{ outcome: 'failed', input: 9, output: 3 }])
        expect((await server.post('/v1/chat/completions', chat())).status).toBe(500)
        // Nothing of a whole answer was sent.
        expect((await entries())[1]).toMatchObject({ outcome: 'failed', input: 0, output: 0 })
      },
    ))

  test('holds of a reader that leaves what was sent until then', () =>
    stage({ ...script, delayMs: 5, tokens: () => Array.from({ length: 2000 }, () => 'x ') }, async (at) => {
      const received = await readUntil(at.server.port, JSON.stringify(chat({ stream: true })), 20)
      await until(() => at.server.engine.running === 0, 5000, 'the answer ends')
      const settled = async () => (await at.entries()).at(0)?.state === 'settled'
      for (let tries = 0; tries < 500 && !(await settled()); tries++) await new Promise((done) => setTimeout(done, 10))
      const [row] = await at.entries()
      expect(row).toMatchObject({ outcome: 'cancelled', input: 9 })
      expect(row.output).toBe(tokensIn(received))
      expect(row.output).toBeGreaterThanOrEqual(20)
    }))

  test('hears of each token before its reader does', () =>
    stage({ ...script, faults: [{ type: 'stall', after: 2 }] }, async ({ server, organisation, entries }) => {
      const reply = await server.post('/v1/chat/completions', chat({ stream: true }))
      const reader = reply.body!.getReader()
      let text = ''
      while (tokensIn(text) < 2) text += new TextDecoder().decode((await reader.read()).value)
      expect(await entries()).toMatchObject([{ state: 'reserved', output: 2, input: 9 }])
      expect(organisation).not.toBe('')
      await reader.cancel()
    }))

  test('is the cost that a reply tells', () =>
    stage(script, async ({ server, organisation }) => {
      const price = { model: 'scripted', since: 0, currency: 'EUR', input: 2e9, cached: 1e9, output: 4e9 }
      await store.prices.set(organisation, price)
      const whole = (await (await server.post('/v1/chat/completions', chat())).json()) as { dotline: object }
      const told = { cost: (5 * 2 + 4 * 1 + 5 * 4) / 1e6, currency: 'EUR' }
      expect(whole.dotline).toMatchObject(told)
      const text = await (await server.post('/v1/chat/completions', chat({ stream: true }))).text()
      expect(JSON.parse(dataLines(text).at(-2) ?? '').dotline).toMatchObject(told)
    }))
})

describe('a limit', () => {
  const limit = { subject: 'key:*', metric: 'tokens', period: 'day', maximum: 30 }
  test('refuses before the engine with 429, and says what and until when', () =>
    stage(script, async ({ server, organisation }) => {
      await store.limits.set(organisation, limit)
      // 14 tokens each: the third begins with 2 left, and is the one that passes the limit.
      const codes: number[] = []
      for (let at = 0; at < 5; at++) codes.push((await server.post('/v1/chat/completions', chat())).status)
      expect(codes).toEqual([200, 200, 200, 429, 429])
      expect(server.engine.requests).toHaveLength(3)
      const refused = await server.post('/v1/chat/completions', chat({ stream: true }))
      const { error } = (await refused.json()) as { error: { code: string; message: string } }
      expect(error.code).toBe('insufficient_quota')
      expect(error.message).toMatch(/30 tokens a day of each key is reached until \d{4}-\d\d-\d\dT00:00:00Z/)
      expect(refused.headers.get('x-ratelimit-remaining-tokens')).toBe('0')
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    }))

  test('trips within one request, however many come at once', () =>
    stage({ ...script, delayMs: 1 }, async ({ server, organisation, entries }) => {
      await store.limits.set(organisation, { ...limit, maximum: 50 })
      const body = chat({ max_tokens: 5 })
      await Promise.all(
        Array.from({ length: 40 }, async () => (await server.post('/v1/chat/completions', body)).text()),
      )
      for (let at = 0; at < 8; at++) await (await server.post('/v1/chat/completions', body)).text()
      const used = (await entries()).reduce((sum, { input, output }) => sum + input + output, 0)
      expect(used).toBeGreaterThanOrEqual(50)
      expect(used).toBeLessThan(50 + 14)
    }))

  test('on requests at once lets the next one in when one has ended', () =>
    stage({ ...script, faults: [{ type: 'stall', after: 1 }] }, async ({ server, organisation, entries }) => {
      await store.limits.set(organisation, {
        subject: 'organisation',
        metric: 'concurrent',
        period: 'none',
        maximum: 1,
      })
      const abort = new AbortController()
      const first = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(chat({ stream: true })),
        signal: abort.signal,
      })
      expect(first.status).toBe(200)
      expect((await server.post('/v1/chat/completions', chat())).status).toBe(429)
      abort.abort()
      for (let tries = 0; tries < 500 && (await entries())[0].state !== 'settled'; tries++)
        await new Promise((done) => setTimeout(done, 10))
      server.engine.script = script
      expect((await server.post('/v1/chat/completions', chat())).status).toBe(200)
    }))

  test('on money counts what requests cost, in its own currency alone', () =>
    stage(script, async ({ server, organisation }) => {
      const price = { since: 0, cached: 0, output: 1e15, input: 0 }
      await store.prices.set(organisation, { ...price, model: 'scripted', currency: 'EUR' })
      const money = { subject: 'organisation', period: 'month', maximum: 7e9 }
      await store.limits.set(organisation, { ...money, metric: 'money:USD', maximum: 0 })
      await store.limits.set(organisation, { ...money, metric: 'money:EUR' })
      const codes: number[] = []
      for (let at = 0; at < 3; at++) codes.push((await server.post('/v1/chat/completions', chat())).status)
      expect(codes).toEqual([200, 200, 429])
    }))

  test('stands on every reply, whatever was asked', () =>
    stage(script, async ({ server, organisation }) => {
      await store.limits.set(organisation, { ...limit, metric: 'requests', period: 'month', maximum: 9 })
      await (await server.post('/v1/chat/completions', chat({ stream: true }))).text()
      const list = await fetch(`${server.url}/v1/models`)
      expect(list.headers.get('x-ratelimit-limit-requests')).toBe('9')
      expect(list.headers.get('x-ratelimit-remaining-requests')).toBe('8')
      expect(list.headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+h)?\d+m\d+s$/)
      const wrong = await server.post('/v1/chat/completions', { model: 'scripted' })
      expect([wrong.status, wrong.headers.get('x-ratelimit-remaining-requests')]).toEqual([400, '8'])
      const streamed = await server.post('/v1/chat/completions', chat({ stream: true }))
      expect(streamed.headers.get('x-ratelimit-remaining-requests')).toBe('7')
    }))
})

test('a key that is held to models sees and uses those alone', () =>
  stage(
    script,
    async ({ server, entries }) => {
      const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: unknown[] }
      expect(data).toEqual([])
      expect((await server.post('/v1/chat/completions', chat())).status).toBe(404)
      expect(server.engine.requests).toEqual([])
      expect(await entries()).toEqual([])
    },
    { models: ['another'] },
  ))

/** Asks for a stream, says after some tokens that nothing more will be sent, and reads what still comes. */
function readUntil(port: number, body: string, tokens: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('data', (part) => {
      text += part
      if (text.split('"content":"x').length > tokens) socket.end()
    })
    socket.on('end', () => resolve(text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '\n').replaceAll(/\n{3,}/g, '\n\n')))
    socket.on('error', reject)
    const head = ['POST /v1/chat/completions HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Content-Type: application/json']
    socket.write(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  })
}
