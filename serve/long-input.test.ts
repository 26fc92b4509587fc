/** 25,000 characters of input, end to end over HTTP, on a model with the window of our preset for them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { presets } from '#model/config'
import { type RunningServer, startServer } from '#serve/start'
import { writeRandomModel } from './testing/small-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'dotline-long-'))
const { contextLength, ropeTheta } = presets.long
let server: RunningServer
beforeAll(async () => {
  await writeRandomModel(folder, { contextLength, ropeTheta, layers: 1, width: 32, heads: 2, kvHeads: 1, hidden: 48 })
  const ready = Promise.withResolvers<string | null>()
  const onReady = ({ problem }: { problem: string | null }) => ready.resolve(problem)
  const place = { host: '127.0.0.1', port: 0, pageFolder: null }
  server = await startServer({ ...place, modelFolder: folder, modelId: 'long', slots: 1, threads: 2, onReady })
  expect(await ready.promise).toBeNull()
})
afterAll(async () => {
  await server.close(0)
  rmSync(folder, { recursive: true })
})

const ask = async (content: string) => {
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'long', messages: [{ role: 'user', content }], max_tokens: 3 }),
  })
  return { status: reply.status, body: await reply.json() }
}

it('answers 25,000 characters, and beyond the window says both numbers', async () => {
  // Two or three characters to a token. At one to a token it works as well and takes four times as long.
  const text = 'Hello there, how are you? I am well. '.repeat(700).slice(0, 25_000)
  const { status, body } = await ask(text)
  expect([status, body.choices?.[0].finish_reason]).toEqual([200, expect.stringMatching(/stop|length/)])
  expect(body.usage.prompt_tokens).toBeGreaterThan(5000)
  expect(body.dotline.dropped_messages).toBe(0)
  const refused = await ask(text.repeat(10))
  expect([refused.status, refused.body.error.code]).toEqual([400, 'context_length_exceeded'])
  expect(refused.body.error.message).toMatch(new RegExp(`window is ${contextLength} tokens.* holds \\d{5,6}\\.`))
})
