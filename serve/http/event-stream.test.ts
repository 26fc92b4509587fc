import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../testing/scripted-server.ts'
import { EventStream } from './event-stream.ts'

const server = createServer()
afterEach(() => {
  server.removeAllListeners('request')
  server.closeAllConnections()
  server.close()
})

/** A raw reply and the socket that asked for it. */
async function replyAndReader() {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1')
  reader.on('error', () => {})
  const asked = once(server, 'request')
  reader.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [, raw] = (await asked) as [unknown, ServerResponse]
  return { raw, reader }
}

describe('a stream of events', () => {
  it('holds at most 64 KB and one event for a reader that stopped, and cuts it', async () => {
    const { raw, reader } = await replyAndReader()
    reader.pause()
    const stream = new EventStream(raw, { pingMs: 10_000, stallMs: 200 })
    stream.open({})
    const event = 'x'.repeat(10_000)
    let most = 0
    const fill = async () => {
      for (;;) {
        const sent = stream.send(event)
        most = Math.max(most, raw.writableLength)
        await sent
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: 'slow_consumer' })
    expect(most).toBeGreaterThan(10_000)
    expect(most).toBeLessThanOrEqual(65_536 + 10_100)
    expect(raw.destroyed).toBe(true)
    reader.destroy()
  })

  it('goes on when the reader reads again', async () => {
    const { raw, reader } = await replyAndReader()
    reader.pause()
    const stream = new EventStream(raw, { pingMs: 10_000, stallMs: 5000 })
    stream.open({})
    setTimeout(() => reader.resume(), 100)
    let received = 0
    reader.on('data', (bytes) => (received += bytes.length))
    for (let sent = 0; sent < 2000; sent++) await stream.send('y'.repeat(10_000))
    stream.end()
    // 2,000 events of 10,008 bytes beside headers and chunk lengths.
    await until(() => received > 20_016_000, 10_000, 'all bytes arrive')
    reader.destroy()
  })

  it('tells when the reader is gone, also while it waits', async () => {
    const { raw, reader } = await replyAndReader()
    reader.pause()
    const stream = new EventStream(raw, { pingMs: 10, stallMs: 5000 })
    stream.open({})
    setTimeout(() => reader.destroy(), 100)
    const fill = async () => {
      for (;;) await stream.send('z'.repeat(10_000))
    }
    await expect(fill()).rejects.toMatchObject({ code: 'client_closed_request' })
    await expect(stream.send('more')).rejects.toMatchObject({ code: 'client_closed_request' })
  })
})
