/** Responses that go on without their client: left, cancelled, read on, and lost with their server. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type ResponseEvent, responseEventSchema } from '#wire/response-events'
import { responseSchema } from '#wire/responses'
import { foldEvents } from './responses/fold.ts'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'
import { until } from './testing/scripted-server.ts'

const slow = { tokens: () => Array.from({ length: 40 }, (_, at) => `w${at} `), delayMs: 20 }
const endless = { tokens: () => Array.from({ length: 5000 }, () => 'x '), delayMs: 5 }
const ask = { model: 'scripted', input: 'hi', background: true }

let server: KeepingServer
let client: OpenAI
const clientOf = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
beforeAll(async () => {
  server = await serveKeeping(slow)
  client = clientOf(server.url)
})
afterAll(() => server.close())
beforeEach(() => {
  server.engine.script = slow
})

async function collect(events: AsyncIterable<unknown>): Promise<ResponseEvent[]> {
  const all: ResponseEvent[] = []
  for await (const event of events) all.push(responseEventSchema.parse(event))
  return all
}
const read = async (of: OpenAI, id: string, starting_after?: number) =>
  collect(await of.responses.retrieve(id, { stream: true, starting_after, include_obfuscation: false }))

async function ended(of: OpenAI, id: string) {
  for (let tries = 0; tries < 500; tries++) {
    const response = await of.responses.retrieve(id)
    if (response.status !== 'queued' && response.status !== 'in_progress') return response
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it never ended')
}

it('is described with everything that is kept', async () => {
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: object }
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/v1/responses/{response_id}',
      '/v1/responses/{response_id}/cancel',
      '/v1/responses/{response_id}/input_items',
      '/v1/conversations/{conversation_id}/items/{item_id}',
      '/v1/chat/completions/{completion_id}/messages',
    ]),
  )
})

it('stands in the ledger with all its tokens, although nobody waited for it', async () => {
  const { id } = await client.responses.create({ ...ask, metadata: { ledger: '1' } })
  expect(await ended(client, id)).toMatchObject({ status: 'completed' })
  const kept = async () =>
    (await server.store.usage.entries('org-local', { from: 0, until: Date.now() + 1000 })).data
      .filter(({ kind }) => kind === 'response')
      .map(({ state, output }) => [state, output])
  expect(await kept()).toContainEqual(['settled', 40])
})

it('is answered at once, and made meanwhile', async () => {
  const begun = await client.responses.create(ask)
  expect(begun).toMatchObject({ status: 'queued', background: true, output: [], usage: null })
  const response = await ended(client, begun.id)
  expect(response).toMatchObject({ status: 'completed', usage: { output_tokens: 40 } })
  const events = await read(client, begun.id)
  expect(events.slice(0, 3).map(({ type }) => type)).toEqual([
    'response.created',
    'response.queued',
    'response.in_progress',
  ])
  expect(foldEvents(events.slice(0, -1))?.output).toEqual(response.output)
})

it('survives a client that leaves, and is read on while it is made: no event twice, none left out', async () => {
  const seen: ResponseEvent[] = []
  for await (const event of await client.responses.create({ ...ask, stream: true })) {
    const { obfuscation: _, ...rest } = event as { obfuscation?: string }
    seen.push(responseEventSchema.parse(rest))
    if (seen.length === 12) break
  }
  const { id } = (seen[0] as Extract<ResponseEvent, { response: unknown }>).response
  const [one, other] = await Promise.all([read(client, id, 11), read(client, id, 4)])
  const all = await read(client, id)
  expect([...seen, ...one]).toEqual(all)
  expect(other).toEqual(all.slice(5))
  expect(all.map(({ sequence_number }) => sequence_number)).toEqual(all.map((_, at) => at))
  expect(all.at(-1)).toMatchObject({ type: 'response.completed', response: { usage: { output_tokens: 40 } } })
})

it('is cancelled, which stops the engine, keeps what was written and is said to who reads on', async () => {
  server.engine.script = endless
  const { id } = await client.responses.create(ask)
  await until(() => server.engine.running === 1, 5000, 'it begins')
  const reading = read(client, id)
  const cancelled = await client.responses.cancel(id)
  expect(responseSchema.parse(withoutText(cancelled))).toMatchObject({ status: 'cancelled', background: true })
  expect(server.engine.running).toBe(0)
  const events = await reading
  expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'cancelled' } })
  // Once more changes nothing.
  expect(await client.responses.cancel(id)).toMatchObject(withoutText(cancelled))
  const { id: foreground } = await client.responses.create({ ...ask, background: false, max_output_tokens: 1 })
  await expect(client.responses.cancel(foreground)).rejects.toMatchObject({ status: 400, param: 'response_id' })
})

function withoutText(response: object): object {
  const { output_text: _, _request_id: __, ...rest } = response as { output_text?: string; _request_id?: string }
  return rest
}

it('is cancelled from another node on the same store', async () => {
  server.engine.script = endless
  const beside = await serveKeeping(slow, {}, server.folder)
  const { id } = await client.responses.create(ask)
  await until(() => server.engine.produced > 5 && server.engine.running === 1, 5000, 'it begins')
  expect(await clientOf(beside.url).responses.cancel(id)).toMatchObject({ status: 'cancelled' })
  await until(() => server.engine.running === 0, 5000, 'the engine stops')
  const events = await read(client, id)
  expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'cancelled' } })
  const last = events.at(-1) as Extract<ResponseEvent, { response: unknown }>
  expect(foldEvents(events.slice(0, -1))?.output).toEqual(last.response.output)
  await beside.close()
})

it('is deleted while it is made: the engine stops, and nothing of it is left', async () => {
  server.engine.script = endless
  const { id } = await client.responses.create(ask)
  await until(() => server.engine.running === 1, 5000, 'it begins')
  await client.responses.delete(id)
  await until(() => server.engine.running === 0, 5000, 'the engine stops')
  await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
  await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({ status: 404 })
})

it('of an engine that refuses has failed, with the reason', async () => {
  const { ApiError } = await import('#wire/errors')
  server.engine.script = { ...slow, refuse: new ApiError('context_length_exceeded', '90 of 64 tokens', 'messages') }
  const { id } = await client.responses.create(ask)
  expect(await ended(client, id)).toMatchObject({
    status: 'failed',
    error: { code: 'invalid_prompt', message: '90 of 64 tokens', param: 'input' },
  })
})

it('is marked failed when its server is killed, and its stream ends with that, whoever reads it and when', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-killed-'))
  const script = fileURLToPath(new URL('./testing/response-server.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data).trim())))
  const first = clientOf(url)
  const { id } = await first.responses.create(ask)
  const before: ResponseEvent[] = []
  for await (const event of await first.responses.retrieve(id, { stream: true, include_obfuscation: false })) {
    before.push(responseEventSchema.parse(event))
    if (before.length === 20) break
  }
  child.kill('SIGKILL')
  await gone
  const again = await serveKeeping(slow, {}, folder)
  const second = clientOf(again.url)
  const rest = await read(second, id, 19)
  const all = await read(second, id)
  expect([...before, ...rest]).toEqual(all)
  const last = all.at(-1) as Extract<ResponseEvent, { response: unknown }>
  expect(last).toMatchObject({
    type: 'response.failed',
    sequence_number: all.length - 1,
    response: { status: 'failed', error: { code: 'server_error' } },
  })
  expect(foldEvents(all.slice(0, -1))?.output).toEqual(last.response.output)
  expect(await second.responses.retrieve(id)).toMatchObject({ status: 'failed', output: last.response.output })
  await again.close()
  rmSync(folder, { recursive: true })
}, 60_000)
