/** Every combination of what a hostile page can make a browser send: the engine hears of none but our own. */
import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ScriptedServer, serveScript } from './testing/scripted-server.ts'

let server: ScriptedServer
beforeAll(async () => {
  server = await serveScript({ tokens: () => ['a'] })
})
afterAll(() => server.close())

const body = JSON.stringify({ model: 'scripted', messages: [{ role: 'user', content: 'hi' }] })

/** Sends a request with exactly these headers; resolves with its status. */
function send(method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { port: server.port, host: '127.0.0.1', path: '/v1/chat/completions', method, headers },
      (reply) => reply.resume().on('end', () => resolve(reply.statusCode ?? 0)),
    )
    sent.on('error', reject)
    sent.end(method === 'POST' ? body : undefined)
  })
}

it('lets in this server’s own page and programs, and nobody else', async () => {
  const own = `127.0.0.1:${server.port}`
  const hosts = [own, `localhost:${server.port}`, 'evil.example', `${own}.evil.example`, `evil.example:${server.port}`]
  const origins = [undefined, `http://${own}`, 'http://evil.example', 'null', `http://127.0.0.1:${server.port + 1}`]
  const sites = [undefined, 'same-origin', 'none', 'same-site', 'cross-site']
  const types = ['application/json', 'text/plain', 'multipart/form-data; boundary=x']
  let tried = 0
  let answered = 0
  for (const host of hosts)
    for (const origin of origins)
      for (const site of sites)
        for (const type of types) {
          const headers: Record<string, string> = { host, 'content-type': type }
          if (origin !== undefined) headers.origin = origin
          if (site !== undefined) headers['sec-fetch-site'] = site
          const ourHost = host === own || host.startsWith('localhost')
          const ourPage = origin === undefined || origin === `http://${host}`
          const ourSite = site === undefined || site === 'same-origin' || site === 'none'
          const status = await send('POST', headers)
          tried++
          if (ourHost && ourPage && ourSite && type === 'application/json') {
            expect(status).toBe(200)
            answered++
          } else expect([403, 415], JSON.stringify(headers)).toContain(status)
        }
  expect(tried).toBe(375)
  expect(server.engine.requests).toHaveLength(answered)
})

it('gives no leave to preflights and takes no upgrade', async () => {
  const preflight = { host: `127.0.0.1:${server.port}`, 'access-control-request-method': 'POST' }
  expect(await send('OPTIONS', { ...preflight, origin: 'http://evil.example' })).toBe(403)
  expect(await send('OPTIONS', preflight)).toBe(405)
  expect(await send('GET', { ...preflight, connection: 'upgrade', upgrade: 'websocket' })).toBe(405)
})
