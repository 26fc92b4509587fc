import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ScriptedEngine } from '#serve/scripted-engine'
import { startServer } from '#serve/start'
import { UsageError } from './command.ts'
import { key } from './commands/key.ts'
import { org } from './commands/org.ts'
import { user } from './commands/user.ts'

/** Each command opens the store anew. */
vi.setConfig({ testTimeout: 240_000 })

let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'dotline-people-command-'))
  vi.stubEnv('LC_ALL', 'en_US.UTF-8')
  vi.stubEnv('DATABASE_URL', '')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(data, { recursive: true })
})

async function run(command: typeof user, ...argv: string[]) {
  let out = ''
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void (out += `${line}\n`))
  try {
    await command.run([...argv, '--data', data, '--json'])
    return JSON.parse(out)
  } finally {
    log.mockRestore()
  }
}

it('an owner that the command line made is what a public address asks for; keys and roles are made and taken', async () => {
  const engine = () => new ScriptedEngine({ tokens: () => ['a'] })
  const options = { host: '0.0.0.0', port: 0, modelFolder: data, pageFolder: null, dataFolder: data, log: () => {} }
  await expect(startServer(options, engine)).rejects.toMatchObject({ code: 'public_bind' })
  const owner = await run(user, 'add', 'Owner@example.org', '--name', 'Owner')
  expect(owner).toMatchObject({ email: 'owner@example.org', role: 'owner', password: expect.stringMatching(/^.{20}$/) })
  const reading = await run(key, 'add', 'owner@example.org', '--scopes', 'read', '--days', '1')
  const service = await run(key, 'add', '--models', 'scripted')
  const server = await startServer(options, engine)
  const port = new URL(server.url).port
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)
  const models = (secret: string) => ask('/v1/models', { headers: { authorization: `Bearer ${secret}` } })
  expect(server.signIn).toBe(true)
  expect((await ask('/v1/models')).status).toBe(401)
  expect((await models(reading.key)).status).toBe(200)
  expect((await models(service.key)).status).toBe(200)
  const body = JSON.stringify({ email: 'owner@example.org', password: owner.password })
  const headers = { 'content-type': 'application/json' }
  expect((await ask('/api/session', { method: 'POST', body, headers })).status).toBe(204)
  await server.close(0)

  await run(key, 'revoke', service.id)
  expect((await run(key, 'list')).map(({ revoked }: { revoked: number | null }) => revoked !== null)).toEqual([
    false,
    true,
  ])
  await expect(run(user, 'disable', 'owner@example.org')).rejects.toThrow('only owner')
  const other = await run(org, 'add', 'Other')
  await run(user, 'add', 'ada@example.org', '--org', other.id)
  await run(org, 'member', other.id, 'ada@example.org', 'auditor', '--project', other.project)
  const roles = (await run(org, 'members', other.id)).map(({ role }: { role: string }) => role)
  expect(roles.sort()).toEqual(['auditor', 'member'])
  expect(await run(user, 'disable', 'ada@example.org')).toMatchObject({ email: 'ada@example.org' })
  expect((await run(user, 'list', '--org', other.id))[0].disabled).toEqual(expect.any(Number))
})

it('says what it cannot do', async () => {
  await expect(run(user, 'add')).rejects.toBeInstanceOf(UsageError)
  await expect(run(user, 'add', 'a@b.c', '--role', 'king')).rejects.toThrow('king')
  await expect(run(key, 'add', '--scopes', 'everything')).rejects.toThrow('everything')
  await expect(run(key, 'add', '--addresses', 'here')).rejects.toThrow('here')
  await expect(run(user, 'disable', 'nobody@example.org')).rejects.toThrow('nobody@example.org')
  await expect(run(org, 'rename')).rejects.toBeInstanceOf(UsageError)
})
