import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, nobody } from '#serve/caller'
import { csv } from '#serve/csv'
import { openStore, type Store } from '#store/open'
import { type ScriptedServer, serveScript } from './testing/scripted-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'dotline-organization-'))
const day = 86_400
let now = 20_000 * day * 1000 + 1000
let store: Store
let server: ScriptedServer
let caller: Caller
beforeAll(async () => {
  store = await openStore({ folder, clock: () => now })
  const { id: organisation } = await store.organisations.create({ name: 'one' })
  const { id: project } = await store.organisations.createProject(organisation, { name: 'first' })
  const { id: person } = await store.accounts.create({ email: 'ada@example.org', name: '=Ada' })
  await store.organisations.setMember(organisation, person, '', 'owner')
  const owner = await store.organisations.owner(organisation, project, person)
  const memberships = [{ organisation, project: '', role: 'owner' as const }]
  caller = { ...nobody, organisation, project, person, owner, key: 'key_1', by: 'session', memberships }
  server = await serveScript(
    { tokens: () => ['a', 'b'], promptTokens: 5, cachedTokens: 2 },
    { store, identify: async () => caller },
  )
})
afterAll(async () => {
  await server.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const get = async (path: string) => {
  const reply = await fetch(`${server.url}/v1/organization${path}`)
  return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() }
}
// biome-ignore lint/suspicious/noExplicitAny: replies of every shape
const json = async (path: string): Promise<any> => JSON.parse((await get(path)).text)
const ask = async () =>
  (await server.post('/v1/chat/completions', { model: 'scripted', messages: [{ role: 'user', content: 'x' }] })).text()

test('usage and costs stand in buckets of days, the empty ones too, page by page', async () => {
  const price = { model: 'scripted', since: 0, currency: 'EUR', input: 1e12, cached: 0, output: 2e12 }
  await store.prices.set(caller.organisation, price)
  const first = now
  await ask()
  await ask()
  now += 2 * day * 1000
  await ask()
  await (await server.post('/v1/embeddings', { model: 'scripted', input: 'four' })).text()
  const from = Math.floor(first / 1000)
  const times = `start_time=${from}&end_time=${from + 3 * day}`
  const usage = await json(`/usage/completions?${times}&group_by[]=model&group_by[]=project_id&limit=2`)
  expect(usage.data.map(({ results }: { results: object[] }) => results)).toMatchObject([
    [
      {
        input_tokens: 10,
        input_cached_tokens: 4,
        output_tokens: 4,
        num_model_requests: 2,
        model: 'scripted',
        project_id: caller.project,
        user_id: null,
      },
    ],
    [],
  ])
  expect(usage.data[0].end_time - usage.data[0].start_time).toBe(day)
  expect(usage.has_more).toBe(true)
  const rest = await json(`/usage/completions?${times}&limit=2&page=${usage.next_page}`)
  expect(rest).toMatchObject({ has_more: false, next_page: null })
  expect(rest.data.map(({ results }: { results: object[] }) => results)).toMatchObject([
    [{ output_tokens: 2, model: null }],
    [],
  ])
  const costs = await json(`/costs?${times}&group_by=line_item`)
  expect(costs.data[0].results).toMatchObject([{ amount: { value: 0.014, currency: 'eur' }, line_item: 'scripted' }])
  const embeddings = await json(`/usage/embeddings?${times}`)
  expect(embeddings.data[2].results).toMatchObject([{ input_tokens: 4, num_model_requests: 1 }])
  expect(
    (await json(`/usage/completions?${times}&models=other`)).data.every(
      (each: { results: object[] }) => each.results.length === 0,
    ),
  ).toBe(true)
  const table = await get(`/costs?${times}&format=csv`)
  expect(table.type).toBe('text/csv; charset=utf-8')
  expect(table.text.split('\r\n')[0]).toBe('start_time,end_time,line_item,project_id,api_key_id,value,currency')
})

test.each([
  ['/usage/completions', 'start_time'],
  ['/usage/completions?start_time=x', 'start_time'],
  ['/usage/completions?start_time=5&end_time=5', 'end_time'],
  ['/usage/completions?start_time=5&page=7', 'page'],
  ['/usage/completions?start_time=5&bucket_width=2d', 'bucket_width'],
  ['/projects?after=nothing', 'after'],
])('%s is refused by the name of the field', async (path, param) => {
  const { status, text } = await get(path)
  expect([status, JSON.parse(text).error.param]).toEqual([400, param])
})

test('limits and prices are set, shown and removed, hold at once, and are on record', async () => {
  const limit = { subject: `project:${caller.project}`, metric: 'requests', period: 'minute', maximum: 0 }
  expect((await server.post('/v1/organization/limits', limit)).status).toBe(200)
  expect(
    (await server.post('/v1/chat/completions', { model: 'scripted', messages: [{ role: 'user', content: 'x' }] }))
      .status,
  ).toBe(429)
  expect((await json('/limits')).data).toMatchObject([limit])
  const { subject, metric, period } = limit
  const query = new URLSearchParams({ subject, metric, period })
  expect((await fetch(`${server.url}/v1/organization/limits?${query}`, { method: 'DELETE' })).status).toBe(200)
  expect(
    (await server.post('/v1/chat/completions', { model: 'scripted', messages: [{ role: 'user', content: 'x' }] }))
      .status,
  ).toBe(200)
  for (const wrong of [
    { ...limit, subject: 'everybody' },
    { ...limit, metric: 'money' },
    { ...limit, period: 'none' },
    { ...limit, maximum: -1 },
  ])
    expect((await server.post('/v1/organization/limits', wrong)).status).toBe(400)
  const price = { model: '*', currency: 'USD', input: 0.15, cached: 0.075, output: 0.6 }
  expect(await (await server.post('/v1/organization/prices', price)).json()).toMatchObject({
    ...price,
    by: 'organization',
  })
  const { data } = await json('/audit_logs?limit=3')
  expect(data.map(({ type }: { type: string }) => type)).toEqual(['price.set', 'limit.removed', 'limit.set'])
  expect(data[2]['limit.set']).toMatchObject({ id: subject, data: { maximum: 0 } })
  expect((await get('/audit_logs?format=csv')).text.split('\r\n')[1]).toContain('price.set')
})

test('projects, people and keys have OpenAI’s shapes', async () => {
  const made = (await (await server.post('/v1/organization/projects', { name: 'second' })).json()) as { id: string }
  expect(made).toMatchObject({ object: 'organization.project', name: 'second', status: 'active', archived_at: null })
  await server.post(`/v1/organization/projects/${made.id}`, { name: 'other' })
  const key = { project: made.id, person: '', name: 'k', prefix: 'dl-abc', scopes: ['all'], hash: 'h1' }
  const { id } = await store.keys.create(caller.organisation, key)
  await store.keys.create(caller.organisation, { ...key, project: '', hash: 'h2' })
  const list = await json(`/projects/${made.id}/api_keys`)
  expect(list.data).toMatchObject([
    { object: 'organization.project.api_key', id, redacted_value: 'dl-abc…', owner: { type: 'service_account' } },
  ])
  expect((await json('/admin_api_keys')).data).toHaveLength(1)
  const gone = await fetch(`${server.url}/v1/organization/projects/${made.id}/api_keys/${id}`, { method: 'DELETE' })
  expect(await gone.json()).toMatchObject({ deleted: true })
  expect(await store.keys.find('h1')).toBeNull()
  expect((await get(`/projects/${made.id}/api_keys/${id}`)).status).toBe(404)
  const archived = await fetch(`${server.url}/v1/organization/projects/${made.id}/archive`, { method: 'POST' })
  expect(await archived.json()).toMatchObject({ name: 'other', status: 'archived' })
  expect((await json('/projects')).data).toHaveLength(1)
  expect((await json('/projects?include_archived=true&limit=1')).has_more).toBe(true)
  expect((await json('/users')).data).toMatchObject([
    { object: 'organization.user', email: 'ada@example.org', role: 'owner' },
  ])
  expect((await json(`/projects/${made.id}/users`)).data).toHaveLength(1)
})

describe('a table for spreadsheets', () => {
  test('holds no formula, whoever wrote the text', () => {
    for (const evil of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '\n=cmd|x'])
      expect(csv(['h'], [[evil]])).toMatch(/^h\r\n"?'/)
    expect(
      csv(
        ['a', 'b'],
        [
          [-5, 'x,"y"'],
          [null, 'line\nbreak'],
        ],
      ),
    ).toBe('a,b\r\n-5,"x,""y"""\r\n,"line\nbreak"\r\n')
  })

  test('gives every text back, but for the apostrophe', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const written = csv(['h'], [[text, 1]]).slice('h\r\n'.length, -',1\r\n'.length)
        const read = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written
        return read === text || read === `'${text}`
      }),
    )
  })
})
