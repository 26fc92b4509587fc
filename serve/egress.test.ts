import type { LookupAddress } from 'node:dns'
import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Egress, EgressError, type EgressOptions } from './egress.ts'
import { sendError, sendStream, serveUpstream } from './testing/scripted-upstream.ts'

const never = new AbortController().signal
const ask = { method: 'POST', body: '{}', headMs: 2000, signal: never } as const

/** Listens on loopback and counts whoever comes: nobody may. */
let canary: Server
let port = 0
let came = 0
beforeAll(async () => {
  canary = createServer((socket) => {
    came++
    socket.destroy()
  })
  await new Promise<void>((done) => canary.listen(0, '127.0.0.1', done))
  const address = canary.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => void canary.close())

const doors: Egress[] = []
afterEach(() => {
  for (const door of doors.splice(0)) door.close()
})

function open(more: Partial<EgressOptions> = {}): Egress {
  const door = new Egress({ private: false, connectMs: 1000, ...more })
  doors.push(door)
  return door
}

const v4 = (address: string): LookupAddress => ({ address, family: 4 })
const v6 = (address: string): LookupAddress => ({ address, family: 6 })

describe('the door to the outside', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.1', 'loopback'],
    ['2130706433', 'loopback'],
    ['0x7f000001', 'loopback'],
    ['0177.0.0.1', 'loopback'],
    ['localhost', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['[::ffff:7f00:1]', 'loopback'],
    ['[::1]', 'loopback'],
    ['127。0。0。1', 'loopback'],
  ])('does not connect to %s', async (host, code) => {
    await expect(open().request(`http://${host}:${port}/`, ask)).rejects.toMatchObject({ code })
    expect(came).toBe(0)
  })

  it.each([
    ['one address within', [v4('127.0.0.1')], 'loopback'],
    ['a public one beside one within', [v4('9.9.9.9'), v4('127.0.0.1')], 'loopback'],
    ['one that IPv6 carries', [v6('::ffff:127.0.0.1')], 'loopback'],
    ['the address of credentials', [v4('169.254.169.254')], 'metadata'],
    ['no address', [], 'connect'],
  ])('does not connect to a name with %s', async (_what, addresses, code) => {
    const door = open({ resolveName: async () => addresses })
    await expect(door.request(`http://name.test:${port}/`, ask)).rejects.toMatchObject({ code })
    expect(came).toBe(0)
  })

  it('connects to the very addresses that it judged: a name that changes its mind changes nothing', async () => {
    const upstream = await serveUpstream((response) => sendStream(response, 'data: x\n\n'))
    let asked = 0
    const resolveName = async () => [v4(asked++ === 0 ? '127.0.0.1' : '169.254.169.254')]
    const door = open({ private: true, resolveName })
    const reply = await door.request(`http://name.test:${upstream.port}/`, ask)
    expect(asked).toBe(1)
    for await (const _ of reply.body);
    // The connection is kept; a new one asks again, and is refused.
    expect((await door.request(`http://name.test:${upstream.port}/`, ask)).status).toBe(200)
    expect(asked).toBe(1)
    await expect(door.request('http://name.test:9/', ask)).rejects.toMatchObject({ code: 'metadata' })
    await upstream.close()
  })

  it('follows no redirect', async () => {
    const upstream = await serveUpstream((response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end()
    })
    await expect(open({ private: true }).request(upstream.url, ask)).rejects.toMatchObject({ code: 'redirect' })
    expect(came).toBe(0)
    await upstream.close()
  })

  it('uses no proxy that the environment names', async () => {
    const upstream = await serveUpstream((response) => sendStream(response, 'data: x\n\n'))
    process.env.HTTP_PROXY = process.env.http_proxy = `http://127.0.0.1:${port}`
    try {
      expect((await open({ private: true }).request(upstream.url, ask)).status).toBe(200)
    } finally {
      delete process.env.HTTP_PROXY
      delete process.env.http_proxy
    }
    expect(came).toBe(0)
    await upstream.close()
  })

  it('sends body and key within the operator’s network, and keeps the connection', async () => {
    const upstream = await serveUpstream((response) => sendStream(response, 'data: x\n\n'))
    const door = open({ private: true })
    for (let i = 0; i < 3; i++) {
      const reply = await door.request(upstream.url, { ...ask, body: '{"点":1}', bearer: 'k-1' })
      for await (const _ of reply.body);
    }
    expect(upstream.asked.map(({ body, headers }) => [body, headers.authorization])).toEqual(
      Array(3).fill([{ 点: 1 }, 'Bearer k-1']),
    )
    expect(upstream.connections).toBe(1)
    await upstream.close()
  })

  it('gives up a server that does not answer, or when it is told to', async () => {
    const upstream = await serveUpstream(() => {})
    const door = open({ private: true })
    await expect(door.request(upstream.url, { ...ask, headMs: 50 })).rejects.toMatchObject({ code: 'timeout' })
    const reason = new Error('enough')
    const signal = AbortSignal.any([never])
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 30)
    await expect(
      door.request(upstream.url, { ...ask, signal: AbortSignal.any([signal, controller.signal]) }),
    ).rejects.toBe(reason)
    await expect(door.request(upstream.url, { ...ask, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await upstream.close()
  })

  it('says whose fault it is without saying a key', async () => {
    const upstream = await serveUpstream((response) => sendError(response, 500, 'no'))
    await upstream.close()
    const failure = await open({ private: true })
      .request(upstream.url, { ...ask, bearer: 'secret-key' })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(EgressError)
    expect(String(failure)).toContain('ECONNREFUSED')
    expect(String(failure)).not.toContain('secret-key')
    await expect(open().request('http://user:secret-key@example.com/', ask)).rejects.toThrow(/^(?!.*secret-key)/)
  })
})
