/** Connections that break at any byte of a streamed response, and bodies that nobody should send. */
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { errorBodySchema } from '#wire/error-body'
import { type ResponseEvent, responseEventSchema } from '#wire/response-events'
import { responseRequestSchema, responseSchema } from '#wire/responses'
import { foldEvents } from './responses/fold.ts'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'
import { until } from './testing/scripted-server.ts'

const script = { tokens: () => ['点', '线', Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0x98, 0x80), ' "\n\\'] }
let server: KeepingServer
beforeAll(async () => {
  server = await serveKeeping(script)
})
afterAll(() => server.close())
beforeEach(() => {
  server.engine.script = script
  server.engine.requests.length = 0
})

const plain = { stream_options: { include_obfuscation: false } }
const post = (body: object) => server.post('/v1/responses', { model: 'scripted', input: 'hi', ...body })

/** What a reader has of a stream that ended after these bytes: the events that are whole. */
function eventsOf(bytes: Uint8Array): ResponseEvent[] {
  const text = new TextDecoder().decode(bytes)
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 2)
  return whole.split('\n\n').flatMap((event) => {
    const lines = event.split('\n')
    const data = lines.find((line) => line.startsWith('data: '))?.slice(6)
    if (data === undefined) return []
    const parsed = responseEventSchema.parse(JSON.parse(data))
    expect(lines[0]).toBe(`event: ${parsed.type}`)
    return [parsed]
  })
}

it('whatever byte a stream was cut at, what was read and what is read on are the whole of it', async () => {
  const bytes = new Uint8Array(await (await post({ ...plain, stream: true })).arrayBuffer())
  const all = eventsOf(bytes)
  const { id } = (all[0] as Extract<ResponseEvent, { response: unknown }>).response
  const rests = new Map<number, ResponseEvent[]>()
  for (let cut = 0; cut <= bytes.length; cut++) {
    const seen = eventsOf(bytes.subarray(0, cut))
    const known = seen.length - 1
    if (!rests.has(known)) {
      const after = known < 0 ? '' : `&starting_after=${known}`
      const address = `${server.url}/v1/responses/${id}?stream=true&include_obfuscation=false${after}`
      rests.set(known, eventsOf(new Uint8Array(await (await fetch(address)).arrayBuffer())))
    }
    if (seen.length + (rests.get(known)?.length ?? 0) !== all.length) expect.unreachable(`cut at byte ${cut}`)
  }
  expect(rests.size).toBe(all.length + 1)
  for (const [known, rest] of rests) expect([...all.slice(0, known + 1), ...rest]).toEqual(all)
  const last = all.at(-1) as Extract<ResponseEvent, { response: unknown }>
  expect(foldEvents(all.slice(0, -1))?.output).toEqual(last.response.output)
  expect(last.response.output).toMatchObject([{ content: [{ text: '点线😀 "\n\\' }] }])
})

it('a reader that breaks off after any number of bytes stops the engine and leaves nothing behind', async () => {
  server.engine.script = { tokens: () => Array.from({ length: 3000 }, (_, at) => `点${at} `), delayMs: 3 }
  for (let bytes = 0; bytes < 6000; bytes += 400) {
    const body = JSON.stringify({ model: 'scripted', input: 'hi', stream: true, store: bytes % 800 === 0 })
    const begun = server.engine.requests.length
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(
          `POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        ),
      )
      let read = 0
      socket.on('error', () => {}).on('close', () => resolve())
      socket.on('data', (data) => {
        read += data.length
        if (read > bytes) socket.destroy()
      })
    })
    expect(server.engine.requests.length).toBe(begun + 1)
    await until(() => server.engine.running === 0 && server.inFlight() === 0, 10_000, `after ${bytes} bytes`)
  }
  expect(server.logged).toEqual([])
})

const absurd = fc.oneof(
  fc.constantFrom<unknown>(-1, 0, 1, 1e9, 2 ** 53, 0.5, 1e308, null, true, false, '', 'auto', [], {}, [null], '\ud800'),
  fc.constantFrom<unknown>('x'.repeat(10_000), Array(300).fill('s'), { type: 'text' }, { constructor: 1 }),
  fc.jsonValue({ maxDepth: 4 }),
)
const part = fc.record({ type: fc.constantFrom('input_text', 'output_text', 'refusal', 'input_image'), text: absurd })
const item = fc.record(
  {
    type: fc.constantFrom('message', 'function_call', 'function_call_output', 'reasoning', 'item_reference'),
    role: fc.constantFrom('user', 'assistant', 'system', 'developer', 'tool'),
    content: fc.oneof(fc.string(), fc.array(part, { maxLength: 2 }), absurd),
    call_id: fc.constant('c'),
    output: absurd,
  },
  { requiredKeys: ['type'] },
)
const fields = Object.keys(responseRequestSchema.shape)
const bodies = fc.record({
  input: fc.oneof(fc.string(), fc.array(item, { maxLength: 3 }), absurd),
  changes: fc.array(fc.tuple(fc.constantFrom(...fields, 'n', 'messages'), absurd), { maxLength: 2 }),
})

it('absurd bodies are refused in the catalogue’s form before the engine hears of them, or are answered in full', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, async ({ input, changes }) => {
      server.engine.requests.length = 0
      const body = { model: 'scripted', input, store: false, ...Object.fromEntries(changes) }
      const reply = await server.post('/v1/responses', body)
      const text = await reply.text()
      if (reply.status >= 400) {
        const { error } = errorBodySchema.parse(JSON.parse(text))
        expect(reply.status).toBeLessThan(500)
        expect(error.message).not.toBe('')
        expect(server.engine.requests).toEqual([])
      } else if (reply.headers.get('content-type')?.startsWith('text/event-stream')) {
        expect(eventsOf(Buffer.from(text)).at(-1)?.type).toMatch(/^response\.(completed|incomplete)$/)
      } else responseSchema.parse(JSON.parse(text))
    }),
    { numRuns: 250 },
  )
  expect(server.logged).toEqual([])
})
