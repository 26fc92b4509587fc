/** Absurd bodies: each is refused with a named field before the engine hears of it, or is answered in full. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chatReplySchema } from '#wire/chat'
import { completionReplySchema } from '#wire/completions'
import { errorBodySchema } from '#wire/error-body'
import { type ScriptedServer, serveScript } from './testing/scripted-server.ts'

let server: ScriptedServer
const rejections: unknown[] = []
const remember = (reason: unknown) => rejections.push(reason)
beforeAll(async () => {
  server = await serveScript({ tokens: () => ['a', 'b'] })
  process.on('unhandledRejection', remember)
})
afterAll(async () => {
  process.off('unhandledRejection', remember)
  await server.close()
})

const numbers = [-1, 0, 1, 2, 5, 21, 129, 1e9, 2 ** 53, -(2 ** 53), 0.5, 1.5, -0.0001, 1e-320, 1e308]
const absurd = fc.oneof(
  fc.constantFrom<unknown>(...numbers, null, true, false, '', '1', 'NaN', 'auto', [], {}, [[]], [null], ['a', 'b']),
  fc.constantFrom<unknown>('x'.repeat(10_000), '\u0000', '\ud800', '🙂'.repeat(100), ['', ''], Array(500).fill('s')),
  fc.constantFrom<unknown>({ type: 'text' }, { type: 'json_object' }, { include_usage: 1 }, { 5: 'x' }, { '-1': 3 }),
  fc.constantFrom<unknown>([1, 2, 3], [[1], ['a']], [-1], [1.5], { constructor: 1 }, { length: 3 }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.double(),
  fc.integer(),
)

const sharedFields = [
  'model',
  'stream',
  'stream_options',
  'n',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'stop',
  'seed',
  'repetition_penalty',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'user',
  'logprobs',
]
const chatFields = [
  ...sharedFields,
  'messages',
  'max_completion_tokens',
  'top_logprobs',
  'response_format',
  'tools',
  'tool_choice',
  'functions',
  'store',
  'metadata',
  'modalities',
  'service_tier',
  'toString',
  'temprature',
  'prompt',
]
const completionFields = [...sharedFields, 'prompt', 'suffix', 'echo', 'best_of', 'messages', 'valueOf']

const absurdMessage = fc.oneof(
  absurd,
  fc.record({ role: absurd, content: absurd }, { requiredKeys: [] }),
  fc.record(
    {
      role: fc.constantFrom('user', 'system', 'developer', 'assistant', 'tool', 'admin'),
      content: fc.oneof(absurd, fc.array(fc.record({ type: fc.oneof(fc.constant('text'), absurd), text: absurd }))),
      name: absurd,
    },
    { requiredKeys: ['role'] },
  ),
)

function bodies(base: object, fields: string[], extra: fc.Arbitrary<object>) {
  const changes = fc.array(fc.tuple(fc.constantFrom(...fields), absurd), { maxLength: 3 })
  const changed = fc.tuple(changes, extra).map(([pairs, more]) => ({ ...base, ...more, ...Object.fromEntries(pairs) }))
  return fc.oneof({ weight: 20, arbitrary: changed as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: absurd })
}

const chatBodies = bodies(
  { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] },
  chatFields,
  fc.oneof(
    fc.constant({}),
    fc.array(absurdMessage, { maxLength: 3 }).map((messages) => ({ messages })),
  ),
)
const completionBodies = bodies({ model: 'scripted', prompt: 'hi' }, completionFields, fc.constant({}))

interface Counts {
  refused: number
  answered: number
  slowest: number[]
}

async function tryBody(path: string, body: unknown, counts: Counts): Promise<void> {
  const before = server.engine.requests.length
  const begun = performance.now()
  const reply = await server.post(path, JSON.stringify(body) ?? '')
  const text = await reply.text()
  counts.slowest.push(performance.now() - begun)
  if (reply.status === 200) {
    counts.answered++
    expect(server.engine.requests.length).toBe(before + 1)
    if (reply.headers.get('content-type')?.startsWith('text/event-stream')) expect(text).toMatch(/data: \[DONE\]\n\n$/)
    else (path.includes('chat') ? chatReplySchema : completionReplySchema).strict().parse(JSON.parse(text))
    return
  }
  counts.refused++
  expect([400, 404, 413]).toContain(reply.status)
  const { error } = errorBodySchema.strict().parse(JSON.parse(text))
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (isObject) expect(error.param, text).not.toBeNull()
  expect(error.message.length).toBeLessThan(400)
  expect(server.engine.requests.length, text).toBe(before)
}

it.each([
  ['/v1/chat/completions', chatBodies],
  ['/v1/completions', completionBodies],
])('1,000 generated bodies to %s', async (path, generated) => {
  const counts: Counts = { refused: 0, answered: 0, slowest: [] }
  await fc.assert(
    fc.asyncProperty(generated, (body) => tryBody(path, body, counts)),
    { numRuns: 1000, seed: 20_261_124, endOnFailure: true },
  )
  expect(counts.refused).toBeGreaterThan(500)
  expect(counts.answered).toBeGreaterThan(50)
  counts.slowest.sort((a, b) => a - b)
  expect(counts.slowest[Math.floor(counts.slowest.length / 2)]).toBeLessThan(50)
  expect(server.engine.running).toBe(0)
  expect(server.logged).toEqual([])
  expect(rejections).toEqual([])
})
