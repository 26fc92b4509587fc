/** The load generator's own truth: what a server does to requests must stand in the report. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createBareServer } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { held, highestRate, median, openLoad } from './load/open-loop.ts'
import { startWireServer } from './load/wire-server.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

async function listen(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`
}

const load = { body: { say: '点' }, perSecond: 100, seconds: 1, seed: 3 }

it('counts what waits behind a stall from when it was due', async () => {
  let asked = 0
  const waiting: (() => void)[] = []
  let over = false
  const url = await listen((_, response) => {
    const reply = () => response.end('{"ok":true}')
    // From the twentieth request on nobody is answered for a while.
    if (++asked < 20 || over) return void reply()
    waiting.push(reply)
    if (waiting.length === 1) {
      setTimeout(() => {
        for (const each of waiting) each()
        over = true
      }, 800)
    }
  })
  const report = await openLoad({ ...load, url, connections: 4 })
  expect(report.answered).toBe(report.asked)
  expect(report.failed).toEqual({})
  // Most of the time nothing moved: a loop of four callers would have seen four slow answers in a hundred.
  expect(report.last.p50).toBeGreaterThan(50)
  expect(report.last.p95).toBeGreaterThan(300)
  expect(report.late.p95).toBeGreaterThan(200)
  expect(held(report, 100)).toBe(false)
})

it('tells apart what is answered, refused, cut, closed and never answered', async () => {
  let asked = 0
  const url = await listen((request, response) => {
    const [what] = [asked++ % 5]
    if (what === 0) response.end('fine [DONE]')
    if (what === 1) response.writeHead(429).end('no')
    if (what === 2) response.end('this is all')
    if (what === 3) request.socket.destroy()
  })
  const report = await openLoad({ ...load, url, timeoutMs: 1500, ends: '[DONE]' })
  const { answered, failed } = report
  expect(answered).toBeGreaterThan(5)
  expect(Object.keys(failed).sort()).toEqual(['429', 'closed', 'cut', 'timeout'])
  expect(answered + Object.values(failed).reduce((sum, each) => sum + each, 0)).toBe(report.asked)
})

it('reads bodies in chunks that are split anywhere', async () => {
  const chunks = '7\r\ndata: a\r\n1;x=y\r\n!\r\nd\r\ndata: [DONE]\n\r\n0\r\n\r\n'
  const raw = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`
  let asked = 0
  const bare = createBareServer((socket) => {
    socket.setNoDelay(true).on('error', () => {})
    socket.on('data', () => {
      const step = 1 + (asked++ % 9)
      const write = (at: number) => {
        if (at < raw.length) socket.write(raw.slice(at, at + step), () => setImmediate(write, at + step))
      }
      write(0)
    })
  })
  await new Promise<void>((done) => bare.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`
  const report = await openLoad({ ...load, perSecond: 30, url, ends: '[DONE]' })
  bare.close()
  expect(report.failed).toEqual({})
  expect(report.answered).toBe(report.asked)
})

it('asks the scripted upstream, whole and streamed', async () => {
  const upstream = await startWireServer({ firstMs: 5, tokens: 4, eachMs: 5 })
  try {
    const url = `${upstream.url}/chat/completions`
    const body = { model: upstream.model, messages: [] }
    const whole = await openLoad({ ...load, url, body })
    const streamed = await openLoad({ ...load, url, body: { ...body, stream: true }, ends: '[DONE]' })
    expect([whole.failed, streamed.failed]).toEqual([{}, {}])
    expect(whole.last.p50).toBeGreaterThanOrEqual(4)
    expect(streamed.last.p50).toBeGreaterThan(streamed.first.p50 + 10)
  } finally {
    await upstream.close()
  }
})

it('finds the highest rate by halving', async () => {
  const tried: number[] = []
  const found = await highestRate([100, 100_000], async (rate) => {
    tried.push(rate)
    return rate <= 730
  })
  expect(found).toBeGreaterThan(730 / 1.2)
  expect(found).toBeLessThanOrEqual(730)
  expect(await highestRate([100, 400], async () => true)).toBe(400)
  expect(await highestRate([100, 400], async () => false)).toBe(0)
  expect(median([3, 1, 2, 10])).toBe(2.5)
})
