/** What stands in an address and is known to nobody is refused by its name, at every address of the API. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

let server: KeepingServer
beforeAll(async () => {
  server = await serveKeeping({ tokens: () => ['a'] })
})
afterAll(() => server.close())

test('a stray query is a 400 that names it', async () => {
  const described = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: Record<string, object> }
  const all = Object.entries(described.paths).flatMap(([path, methods]) =>
    path.startsWith('/v1/') ? Object.keys(methods).map((method) => [method.toUpperCase(), path] as const) : [],
  )
  expect(all.length).toBeGreaterThan(60)
  const wrong: string[] = []
  for (const [method, path] of all) {
    const address = `${server.url}${path.replace(/\{[^}]+\}/g, 'x')}?zzz=1`
    const body = method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: '{}' } : {}
    const reply = await fetch(address, { method, ...body })
    const text = await reply.text()
    // What lacks something that it needs may be refused for that first; nothing may be done.
    if (reply.status < 400 || (method !== 'POST' && !/zzz|missing_required/.test(text)))
      wrong.push(`${method} ${path}: ${text}`)
  }
  expect(wrong).toEqual([])
})

test('Anthropic’s client may mark what it calls beta', async () => {
  const asked = { model: 'scripted', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }
  expect((await server.post('/v1/messages?beta=true', asked)).status).toBe(200)
  expect((await server.post('/v1/chat/completions?beta=true', asked)).status).toBe(400)
})
