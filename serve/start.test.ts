import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { LocalEngine } from '#serve/local-engine'
import { ScriptedEngine } from '#serve/scripted-engine'
import { type EngineOpener, type RunningServer, type StartOptions, startServer } from './start.ts'
import { until } from './testing/scripted-server.ts'

const logged: string[] = []
let folder: string
let running: RunningServer[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-start-'))
  writeFileSync(join(folder, 'config.json'), '{}')
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  await Promise.all(running.map((server) => server.close(0)))
  running = []
  logged.length = 0
})

async function start(more: Partial<StartOptions> = {}, open?: EngineOpener): Promise<RunningServer> {
  const log = (line: string) => logged.push(line)
  const options = { host: '127.0.0.1', port: 0, modelFolder: folder, pageFolder: null, log, ...more }
  const server = await startServer(options, open)
  running.push(server)
  return server
}

const counting: EngineOpener = (options) =>
  new LocalEngine({
    folder: options.modelFolder,
    id: 'counting',
    worker: new URL('./testing/counting-worker.ts', import.meta.url),
  })

const ask = { model: 'counting', messages: [{ role: 'user' as const, content: 'hi' }] }

describe('starting', () => {
  it('answers /health while the model loads; requests wait for it', async () => {
    let ready: { problem: string | null } | null = null
    const server = await start({ onReady: (state) => (ready = state) }, counting)
    const health = await (await fetch(`${server.url}/health`)).json()
    expect(health).toMatchObject({ status: 'loading', model: 'counting' })
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' })
    const reply = await client.chat.completions.create({ ...ask, max_tokens: 2 })
    expect(reply.choices[0].message.content).toBe(' 1 2')
    expect(ready).toEqual({ problem: null })
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({ status: 'ok' })
  })

  it('goes on without a model that cannot be loaded, and says why', async () => {
    const server = await start()
    const health = async () => fetch(`${server.url}/health`)
    await until(() => logged.length > 0, 5000, 'the failure is logged')
    const reply = await health()
    expect(reply.status).toBe(503)
    expect(await reply.json()).toMatchObject({ status: 'failed', problem: expect.any(String) })
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
    await expect(client.chat.completions.create({ ...ask, model: server.model })).rejects.toMatchObject({
      status: 503,
      code: 'model_unavailable',
    })
  })

  it.each(['0.0.0.0', '::', '192.168.1.4', 'model.example.org'])(
    'refuses to listen on %s without leave',
    async (host) => {
      await expect(start({ host })).rejects.toMatchObject({ name: 'StartError', code: 'public_bind' })
    },
  )

  it('listens publicly with leave, for this machine’s names alone', async () => {
    const server = await start({ host: '0.0.0.0', allowPublic: true, allowedHosts: ['Model.LAN'] }, counting)
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  it('says what to do when the port is taken, the model missing, the address not ours', async () => {
    const { url } = await start({}, counting)
    const port = Number(new URL(url).port)
    await expect(start({ port }, counting)).rejects.toMatchObject({ name: 'StartError', code: 'port_in_use' })
    await expect(start({ modelFolder: join(folder, 'none') })).rejects.toMatchObject({ code: 'no_model' })
    await expect(start({ host: '192.0.2.1', allowPublic: true }, counting)).rejects.toMatchObject({
      code: 'host_unknown',
    })
  })
})

describe('closing', () => {
  it('lets answers finish and refuses new ones', async () => {
    const engine = new ScriptedEngine({ tokens: () => ['a', 'b', 'c', 'd'], delayMs: 60 }, 'counting')
    const server = await start({}, () => engine)
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const answer = client.chat.completions.create(ask)
    await until(() => engine.produced > 0, 2000, 'the answer begins')
    const closed = server.close()
    await expect(client.chat.completions.create(ask)).rejects.toMatchObject({ status: 503, code: 'shutting_down' })
    expect((await (await fetch(`${server.url}/health`)).json()).status).toBe('closing')
    expect((await answer).choices[0].message.content).toBe('abcd')
    await closed
    expect(engine.closed).toBe(true)
    await expect(fetch(`${server.url}/health`)).rejects.toThrow()
  })

  it('ends streams that outlast the patience with a typed error', async () => {
    const server = await start({}, counting)
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const stream = await client.chat.completions.create({ ...ask, max_tokens: 60, stream: true })
    const read = (async () => {
      for await (const _ of stream);
    })()
    const ended = expect(read).rejects.toMatchObject({ code: 'shutting_down' })
    await server.close(50)
    await ended
  })

  it('survives a rejection that nobody handles', async () => {
    await start({}, counting)
    const others = process.listeners('unhandledRejection').filter((listener) => !String(listener).includes('log('))
    for (const listener of others) process.off('unhandledRejection', listener)
    void Promise.reject(new Error('nobody handles this'))
    await until(() => logged.some((line) => line.includes('nobody handles this')), 1000, 'the rejection is logged')
    for (const listener of others) process.on('unhandledRejection', listener)
  })
})
