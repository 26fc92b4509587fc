import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { ScriptedEngine } from '#serve/scripted-engine'
import { type LogFormat, openLog } from './log.ts'
import { type RunningServer, startServer } from './start.ts'
import { until } from './testing/scripted-server.ts'

let server: RunningServer
let lines: string[] = []
afterEach(async () => {
  await server?.close(0)
  lines = []
})

async function serve(logFormat: LogFormat | undefined, refuse?: Error): Promise<OpenAI> {
  const engine = new ScriptedEngine({ tokens: () => ['a secret answer'], refuse })
  const options = { host: '127.0.0.1', port: 0, modelFolder: '.', pageFolder: null, logFormat }
  server = await startServer({ ...options, log: (line) => lines.push(line) }, () => engine)
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'a-secret-key', maxRetries: 0 })
}

const ask = { model: 'scripted', messages: [{ role: 'user' as const, content: 'a secret question' }], user: 'secret' }

describe('the log', () => {
  it('tells in JSON how each request ended, under its id, and nothing of what was said', async () => {
    const client = await serve('json')
    const { request_id } = await client.chat.completions.create(ask).withResponse()
    for await (const _ of await client.chat.completions.create({ ...ask, stream: true }));
    await client.models.retrieve('secret').catch(() => {})
    await fetch(`${server.url}/secret?secret=secret`, { headers: { cookie: 'secret' } })
    await until(() => lines.length === 4, 1000, 'the lines are written')
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    const common = { event: 'request', level: 'info', ms: expect.any(Number), time: expect.stringMatching(/^20\d\d-/) }
    const post = { ...common, method: 'POST', route: '/v1/chat/completions', status: 200, code: null }
    const id = expect.stringMatching(/^req_[0-9a-f]{32}$/)
    expect(told[0]).toEqual({ ...post, id: request_id })
    expect(told[1]).toEqual({ ...post, id })
    expect(told[2]).toEqual({
      ...common,
      id,
      method: 'GET',
      route: '/v1/models/:model',
      status: 404,
      code: 'model_not_found',
    })
    expect(told[3]).toMatchObject({ route: 'none', status: 404, code: 'not_found' })
    expect(lines.join()).not.toContain('secret')
  })

  it('tells the same in text, an error of ours under the id of its request', async () => {
    const client = await serve('text', new Error('the cause'))
    const error = await client.chat.completions.create(ask).catch((reason) => reason)
    await until(() => lines.length === 2, 1000, 'the lines are written')
    expect(lines[0]).toMatch(/^20\S+Z req_[0-9a-f]{32} Error: the cause\n/)
    expect(lines[1]).toMatch(/^20\S+Z req_[0-9a-f]{32} POST \/v1\/chat\/completions 500 \d+ ms internal_error$/)
    for (const line of lines) expect(line).toContain(error.requestID)
  })

  it('tells troubles alone where it is off, which it is unless asked for', async () => {
    const client = await serve(undefined, new Error('the cause'))
    await client.chat.completions.create(ask).catch(() => {})
    await fetch(`${server.url}/health`)
    await server.close(0)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^req_[0-9a-f]{32} Error: the cause/)
  })

  it('marks what failed here as an error, and keeps a trouble of many lines in one', () => {
    const log = openLog(
      'json',
      (line) => lines.push(line),
      () => new Date(0),
    )
    log.request({ id: 'req_1', method: 'GET', route: '/health', status: 503, seconds: 0.0126, code: 'overloaded' })
    log.trouble('one\ntwo')
    const time = '1970-01-01T00:00:00.000Z'
    const request = { id: 'req_1', method: 'GET', route: '/health', status: 503, ms: 13, code: 'overloaded' }
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time, level: 'error', event: 'request', ...request },
      { time, level: 'error', event: 'trouble', message: 'one\ntwo' },
    ])
    expect(lines.join('')).not.toContain('\n')
  })
})
