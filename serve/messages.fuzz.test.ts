/** Absurd bodies in Anthropic's dialect: each is refused in its form before the engine hears of it, or is answered in full. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { messageErrorSchema, messageEventSchema, messageRequestSchema, messageSchema } from '#wire/messages'
import { type ScriptedServer, serveScript } from './testing/scripted-server.ts'

let server: ScriptedServer
beforeAll(async () => {
  server = await serveScript({ tokens: () => ['a', 'b'] })
})
afterAll(() => server.close())

const absurd = fc.oneof(
  fc.constantFrom<unknown>(-1, 0, 1, 2, 1e9, 2 ** 53, 0.5, 1.5, 1e308, null, true, false, '', 'auto', [], {}, [null]),
  fc.constantFrom<unknown>('x'.repeat(10_000), '\ud800', ['', ''], Array(500).fill('s'), { type: 'text' }),
  fc.constantFrom<unknown>({ type: 'any' }, { type: 'disabled' }, { constructor: 1 }, { type: 'ephemeral', ttl: '1h' }),
  fc.jsonValue({ maxDepth: 4 }),
)
const rarely = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: usual as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: absurd })

const id = fc.constantFrom('a', 'b', 'c'.repeat(512))
const text = fc.record({ type: fc.constant('text'), text: rarely(fc.string()) })
const use = fc.record({
  type: fc.constant('tool_use'),
  id,
  name: rarely(fc.constantFrom('weather', 'other')),
  input: rarely(fc.dictionary(fc.string(), fc.jsonValue())),
})
const result = fc.record(
  {
    type: fc.constant('tool_result'),
    tool_use_id: id,
    content: rarely(fc.array(text)),
    is_error: rarely(fc.boolean()),
  },
  { requiredKeys: ['type', 'tool_use_id'] },
)
const turn = fc.record({
  role: rarely(fc.constantFrom('user', 'assistant', 'system')),
  content: rarely(fc.oneof(fc.string(), fc.array(fc.oneof(text, use, result), { maxLength: 3 }))),
})
/** Turns as a client makes them: each use with its result. */
const orderly = fc.array(fc.tuple(fc.string(), fc.boolean(), fc.string()), { maxLength: 4 }).map((rounds) => [
  ...rounds.flatMap(([asked, failed, said], at) => [
    { role: 'user', content: asked },
    { role: 'assistant', content: [{ type: 'tool_use', id: `u${at}`, name: 'weather', input: { said } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: `u${at}`, content: said, is_error: failed }] },
  ]),
  { role: 'user', content: 'Well?' },
])

const changes = fc.array(
  fc.tuple(fc.constantFrom(...Object.keys(messageRequestSchema.shape), 'n', 'stop', 'toString'), absurd),
  { maxLength: 2 },
)
const bodies = fc
  .tuple(rarely(fc.oneof(orderly, fc.array(turn, { maxLength: 4 }))), changes, fc.boolean())
  .map(([messages, pairs, stream]) => ({
    model: 'scripted',
    max_tokens: 10,
    messages,
    stream,
    ...Object.fromEntries(pairs),
  }))

it('600 generated bodies to /v1/messages', async () => {
  const seen = { refused: 0, whole: 0, streamed: 0 }
  const tried = async (body: object) => {
    const before = server.engine.requests.length
    const reply = await server.post('/v1/messages', JSON.stringify(body))
    const said = await reply.text()
    if (reply.status !== 200) {
      seen.refused++
      expect([400, 404]).toContain(reply.status)
      expect(messageErrorSchema.parse(JSON.parse(said)).error.message.length, said).toBeLessThan(400)
      expect(server.engine.requests.length, said).toBe(before)
      return
    }
    expect(server.engine.requests.length).toBe(before + 1)
    if (!reply.headers.get('content-type')?.startsWith('text/event-stream')) {
      seen.whole++
      messageSchema.parse(JSON.parse(said))
      return
    }
    seen.streamed++
    const events = [...said.matchAll(/^data: (.*)$/gm)].map(([, data]) => messageEventSchema.parse(JSON.parse(data)))
    expect(events.at(-1)?.type).toBe('message_stop')
  }
  await fc.assert(fc.asyncProperty(bodies, tried), { numRuns: 600, seed: 20_261_124, endOnFailure: true })
  expect(seen.refused).toBeGreaterThan(200)
  expect(Math.min(seen.whole, seen.streamed)).toBeGreaterThan(30)
  expect(server.engine.running).toBe(0)
  expect(server.logged).toEqual([])
})
