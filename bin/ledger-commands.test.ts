import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openStore } from '#store/open'
import { UsageError } from './command.ts'
import { type CommandName, commands } from './commands.ts'

const ground = mkdtempSync(join(tmpdir(), 'dotline-ledger-commands-'))
const folder = join(ground, 'data')
const organisation = 'org-local'
beforeAll(async () => {
  vi.stubEnv('DOTLINE_DATA', folder)
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('LC_ALL', 'en_GB.UTF-8')
  const store = await openStore({ folder })
  await store.organisations.create({ id: organisation, name: 'one' })
  await store.organisations.createProject(organisation, { id: 'proj_a', name: 'a' })
  await store.prices.set(organisation, { model: 'm', since: 0, currency: 'EUR', input: 1e12, cached: 0, output: 2e12 })
  const owner = await store.organisations.owner(organisation, 'proj_a', '')
  const work = {
    project: 'proj_a',
    person: '',
    key: '',
    model: 'm',
    kind: 'chat',
    request: 'r',
    tokens: 1,
    charges: [],
  }
  const { id } = await store.usage.reserve(organisation, work)
  await store.usage.settle(organisation, id, { input: 3, cached: 1, output: 4 })
  expect(owner).not.toBe('')
  await store.close()
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(ground, { recursive: true, force: true })
})

async function dotline(name: CommandName, ...args: string[]) {
  const said = { log: '', error: '' }
  for (const to of ['log', 'error'] as const)
    vi.spyOn(console, to).mockImplementation((text) => void (said[to] += `${text}\n`))
  try {
    const status = await (await commands[name]()).run(args)
    return { status, stdout: said.log, stderr: said.error }
  } catch (error) {
    return { status: error instanceof UsageError ? 2 : 1, stdout: said.log, stderr: String(error) }
  } finally {
    vi.restoreAllMocks()
  }
}
const json = async (name: CommandName, ...args: string[]) => JSON.parse((await dotline(name, ...args, '--json')).stdout)

test('limits are set, listed and removed, and it is on record', async () => {
  expect(await json('limit', 'set', 'key:*', 'money:EUR', 'month', '2.5')).toEqual([
    { subject: 'key:*', metric: 'money:EUR', period: 'month', maximum: 2_500_000_000 },
  ])
  expect((await dotline('limit', 'list')).stdout).toMatch(/key:\* +money:EUR +month +2\.5/)
  expect(await json('limit', 'remove', 'key:*', 'money:EUR', 'month')).toEqual([])
  const wrong = await dotline('limit', 'set', 'everybody', 'tokens', 'day', '5')
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/expected organisation, project:ID/)])
  expect((await json('audit', 'list')).map(({ action }: { action: string }) => action)).toEqual([
    'limit.removed',
    'limit.set',
  ])
  expect((await dotline('audit', 'export')).stdout).toMatch(
    /^seq,at,actor,action,target,detail,hash\r?\n1,.*,command line,limit.set,key:\*/,
  )
  expect(await dotline('audit', 'verify')).toMatchObject({ status: 0, stdout: 'All of it is whole.\n' })
}, 60_000)

test('usage tells tokens and costs, and prices are set', async () => {
  expect(await json('usage', 'report', '--by', 'model')).toMatchObject([
    { model: 'm', requests: 1, input: 3, cached: 1, output: 4, cost: '0.01', currency: 'EUR' },
  ])
  expect((await dotline('usage', 'report', '--csv')).stdout).toMatch(
    /^requests,input,cached,output,cost\r?\n1,3,1,4,0.01 EUR/,
  )
  const [price] = await json('usage', 'price', '*', '--price', 'USD:0.1:0.05:0.4')
  expect(price).toMatchObject({
    model: '*',
    currency: 'USD',
    input: 0.1,
    cached: 0.05,
    output: 0.4,
    by: 'organization',
  })
  expect((await dotline('usage', 'price', '*')).status).toBe(2)
}, 60_000)

test('a backup is made, verified and restored; one changed byte is found', async () => {
  const copy = join(ground, 'copy')
  expect(await json('backup', copy)).toMatchObject({ folder: copy, blobs: 0 })
  expect(await json('verify', copy)).toEqual([])
  expect((await dotline('verify')).status).toBe(0)
  const restored = join(ground, 'restored')
  expect(await json('restore', copy, '--data', restored)).toMatchObject({ folder: restored })
  expect(readdirSync(restored)).toContain('dotline.sqlite')
  expect((await dotline('restore', copy, '--data', restored)).status).toBe(1)
  writeFileSync(join(copy, 'backup.json'), JSON.stringify({ created: 1, database: '0'.repeat(64), blobs: 0 }))
  expect(await dotline('verify', copy)).toMatchObject({ status: 1, stdout: expect.stringMatching(/Damaged places: 1/) })
  const database = new DatabaseSync(join(restored, 'dotline.sqlite'))
  const triggers = database
    .prepare(`select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'`)
    .all()
  for (const { name } of triggers) database.exec(`drop trigger "${name}"`)
  database.exec(`update audit set target = 'key:x' where seq = 1`)
  database.close()
  expect((await dotline('audit', 'verify', '--data', restored)).status).toBe(1)
}, 60_000)
