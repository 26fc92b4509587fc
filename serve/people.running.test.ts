/** A request that is under way when its credential ends, over real HTTP: the connection is cut and the engine stops. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sessionCookie } from '#guard/credentials'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'
import { until } from './testing/scripted-server.ts'

let server: KeepingServer
let headers: Record<string, string>
beforeAll(async () => {
  // Far longer than the test waits.
  server = await serveKeeping({ tokens: () => new Array(100_000).fill('a '), delayMs: 20 })
  headers = { 'content-type': 'application/json', origin: server.url }
  const body = JSON.stringify({ email: 'owner@example.org', name: 'Owner', password: 'correct horse battery' })
  const made = await fetch(`${server.url}/api/account/first`, { method: 'POST', headers, body })
  expect(made.status).toBe(201)
  const cookie = new RegExp(`${sessionCookie}=[^;]*`).exec(made.headers.get('set-cookie') ?? '')?.[0]
  headers.cookie = cookie ?? ''
})
afterAll(() => server.close())

/** Begins an answer that would go on for half an hour; says how it ended. */
async function begin(credential: Record<string, string>): Promise<{ end: Promise<string> }> {
  const body = JSON.stringify({ model: 'scripted', stream: true, messages: [{ role: 'user', content: 'hi' }] })
  const sent = { ...credential, 'content-type': 'application/json' }
  const reply = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers: sent, body })
  expect(reply.status).toBe(200)
  const end = reply.text().then(
    () => 'whole',
    () => 'cut',
  )
  return { end }
}

it('ends with its session, and with its key', async () => {
  const key = await fetch(`${server.url}/api/keys`, { method: 'POST', headers, body: JSON.stringify({ name: 'k' }) })
  const made = (await key.json()) as { id: string; key: string }
  expect(key.status).toBe(201)
  const [bySession, byKey] = await Promise.all([begin(headers), begin({ authorization: `Bearer ${made.key}` })])
  await until(() => server.engine.running === 2, 10_000, 'both answers are under way')
  expect((await fetch(`${server.url}/api/keys/${made.id}`, { method: 'DELETE', headers })).status).toBe(204)
  expect(await byKey.end).toBe('cut')
  await until(() => server.engine.running === 1, 10_000, 'the engine stops for the key')
  expect((await fetch(`${server.url}/api/session`, { method: 'DELETE', headers })).status).toBe(204)
  expect(await bySession.end).toBe('cut')
  await until(() => server.engine.running === 0, 10_000, 'the engine stops for the session')
})
