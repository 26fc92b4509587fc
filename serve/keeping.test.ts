import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { routes } from '#guard/routes'
import type { Caller } from '#serve/caller'
import { openKeeping } from '#serve/keeping'
import { ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'
import { startServer } from '#serve/start'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-keeping-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A server over the folder's store, with a route that says who asks. */
async function opened() {
  const keeping = await openKeeping({ folder }, console.error)
  const engine = new ScriptedEngine({ tokens: () => ['a'] })
  const known = { who: 'known', scope: null } as const
  const access = { ...routes, 'GET /whoami': known, 'GET /absent': known }
  const app = createServer({ engine, store: keeping.store, people: keeping.people, access })
  app.after(() => {
    app.get('/whoami', async ({ caller }) => caller)
    app.get('/absent', async ({ caller }) => keeping.store.conversations.get(caller.owner, 'conv_none'))
  })
  const close = () => app.close().then(() => keeping.close())
  const get = async (url: string) => app.inject({ url, headers: { host: 'localhost' } })
  return { app, engine, get, close }
}

it('the local owner is the same after a restart, and engines are asked in its name', async () => {
  const first = await opened()
  const caller: Caller = (await first.get('/whoami')).json()
  expect(caller).toMatchObject({ by: 'local', person: '', memberships: [{ role: 'owner', project: '' }] })
  expect(caller.owner).toMatch(/^own_/)
  const payload = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
  const headers = { host: 'localhost' }
  const reply = await first.app.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload })
  expect(reply.statusCode).toBe(200)
  expect(first.engine.requests.map(({ owner }) => owner)).toEqual([caller.owner])
  await first.close()
  const second = await opened()
  expect((await second.get('/whoami')).json()).toEqual(caller)
  await second.close()
})

it('what the store refuses leaves as an error of the catalogue', async () => {
  const { get, close } = await opened()
  const reply = await get('/absent')
  expect(reply.statusCode).toBe(404)
  expect(reply.json().error).toMatchObject({ code: 'not_found', type: 'invalid_request_error', param: 'conversation' })
  await close()
})

it('a folder that cannot hold a store ends the start with its name', async () => {
  const broken = join(folder, 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'dotline.sqlite'), 'no database '.repeat(1000))
  const engine = new ScriptedEngine({ tokens: () => ['a'] })
  const options = { host: '127.0.0.1', port: 0, modelFolder: folder, pageFolder: null }
  const start = (dataFolder: string) => startServer({ ...options, dataFolder }, () => engine)
  await expect(start(broken)).rejects.toMatchObject({ code: 'store' })
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const message = expect.stringContaining(file)
  await expect(start(join(file, 'below'))).rejects.toMatchObject({ code: 'store', message })
})
