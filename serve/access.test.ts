import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ruleOf, routes as table } from '#guard/routes'
import { type Keeping, openKeeping } from '#serve/keeping'
import { ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'

const folder = mkdtempSync(join(tmpdir(), 'dotline-access-'))
let keeping: Keeping
beforeAll(async () => {
  keeping = await openKeeping({ folder }, console.error)
})
afterAll(async () => {
  await keeping.close()
  rmSync(folder, { recursive: true })
})

const opened = (more: object = {}) =>
  createServer({ engine: new ScriptedEngine({ tokens: () => ['a'] }), ...keeping, log: () => {}, ...more })

it('every address of the server has its rule in guard/routes.ts, and every rule an address', async () => {
  // Those of the built page stand beside those of a server without it.
  const apps = [opened({ pageFolder: null }), opened({ pageFolder: join(import.meta.dirname, '..', 'web') })]
  await Promise.all(apps.map((app) => app.ready()))
  const addresses = new Set(apps.flatMap((app) => [...app.routeList]))
  const missing = [...addresses].filter((address) => {
    const [method, pattern] = address.split(' ')
    return ruleOf(table, method, pattern) === undefined
  })
  expect(missing, 'Say in guard/routes.ts who may use these addresses, and with which scope of a key').toEqual([])
  const needless = Object.keys(table).filter((address) => !addresses.has(address))
  expect(needless, 'guard/routes.ts has rules for addresses that are not there').toEqual([])
})

it('an address without a rule is closed to everybody, the owner of the machine included', async () => {
  const app = opened({ access: {} })
  const reply = await app.inject({ url: '/v1/models', headers: { host: 'localhost' } })
  expect(reply.statusCode).toBe(403)
  expect(reply.json().error).toMatchObject({ code: 'insufficient_permissions', type: 'permission_error', param: null })
  await app.close()
})
