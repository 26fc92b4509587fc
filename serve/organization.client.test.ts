/** Organizations as OpenAI's own client manages them. */
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

let server: KeepingServer
let client: OpenAI
const day = 86_400
beforeAll(async () => {
  server = await serveKeeping({ tokens: () => ['a', 'b'], promptTokens: 5 }, { identify: async () => server.owner })
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', adminAPIKey: 'none', maxRetries: 0 })
})
afterAll(() => server.close())

const all = async <T>(pages: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const one of pages) found.push(one)
  return found
}

test('the audit log is read to its end, and narrowed by time, person, act and thing', async () => {
  const { organisation } = server.owner
  for (let at = 0; at < 7; at++)
    await server.store.audit.append(organisation, {
      actor: at % 2 ? 'key_1' : 'person_1',
      action: 'key.made',
      target: `t${at}`,
    })
  const { auditLogs } = client.admin.organization
  const entries = await all(auditLogs.list({ limit: 2 }))
  expect(entries.length).toBeGreaterThanOrEqual(7)
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)
  const ids = async (query: object) => (await all(auditLogs.list(query))).map(({ id }) => id)
  const [newest, second, third] = entries.map(({ id }) => id)
  expect((await auditLogs.list({ before: third, limit: 1 })).data.map(({ id }) => id)).toEqual([second])
  expect((await auditLogs.list({ before: third })).data.map(({ id }) => id)).toEqual([newest, second])
  expect(await ids({ actor_ids: ['key_1'] })).toHaveLength(3)
  expect(await ids({ actor_ids: ['key_1', 'person_1'] })).toHaveLength(7)
  expect(await ids({ resource_ids: ['t3', 't4'] })).toHaveLength(2)
  expect(await ids({ actor_emails: ['nobody@example.org'] })).toEqual([])
  const at = entries[0].effective_at
  const acts = { event_types: ['key.made'] as never }
  expect(await ids({ ...acts, effective_at: { gt: at + 1 } })).toEqual([])
  expect(await ids({ ...acts, effective_at: { gte: at - day, lte: at } })).toHaveLength(7)
  await expect(auditLogs.list({ project_ids: ['p'] })).rejects.toMatchObject({ status: 400, param: 'project_ids' })
})

test('what batches took stands apart from the rest', async () => {
  const { usage } = client.admin.organization
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'x' }] })
  const line = (custom_id: string) => ({
    custom_id,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'scripted', messages: [{ role: 'user', content: 'x' }] },
  })
  const text = [line('a'), line('b')].map((each) => JSON.stringify(each)).join('\n')
  const file = await client.files.create({ file: new File([text], 'in.jsonl'), purpose: 'batch' })
  const batch = await client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  })
  while ((await client.batches.retrieve(batch.id)).status !== 'completed')
    await new Promise((done) => setTimeout(done, 20))
  const start_time = Math.floor(Date.now() / 1000) - day
  const counted = async (query: object) =>
    (await usage.completions({ start_time, ...query })).data.flatMap(({ results }) =>
      results.map((each) => 'batch' in each && [each.batch, each.num_model_requests]),
    )
  await expect
    .poll(() => counted({ group_by: ['batch'] }), { timeout: 20_000 })
    .toEqual(
      expect.arrayContaining([
        [false, 1],
        [true, 2],
      ]),
    )
  expect(await counted({ batch: true })).toEqual([[null, 2]])
  expect(await counted({ batch: false })).toEqual([[null, 1]])
  await expect(usage.costs({ start_time, group_by: ['user_id' as 'project_id'] })).rejects.toMatchObject({
    status: 400,
  })
})

test('projects, their people and keys', async () => {
  const { projects, users, adminAPIKeys } = client.admin.organization
  const made = await projects.create({ name: 'first' })
  expect(await projects.update(made.id, { name: 'second' })).toMatchObject({ id: made.id, name: 'second' })
  await expect(projects.create({ name: 'x', geography: 'EU' })).rejects.toMatchObject({
    status: 400,
    param: 'geography',
  })
  const { organisation } = server.owner
  const { id: person } = await server.store.accounts.create({ email: 'Ada@example.org', name: 'Ada' })
  await server.store.organisations.setMember(organisation, person, '', 'admin')
  const key = { name: 'k', prefix: 'dl-abc', scopes: ['all'] }
  const own = await server.store.keys.create(organisation, { ...key, project: made.id, person, hash: 'h1' })
  const whole = [
    await server.store.keys.create(organisation, { ...key, project: '', person: '', hash: 'h2' }),
    await server.store.keys.create(organisation, { ...key, project: '', person, hash: 'h3' }),
  ].map(({ id }) => id)
  expect(await all(projects.apiKeys.list(made.id))).toMatchObject([
    { id: own.id, owner: { type: 'user', user: { id: person, email: 'ada@example.org', role: 'admin' } } },
  ])
  expect((await all(adminAPIKeys.list({ limit: 1 }))).map(({ id }) => id)).toEqual(whole)
  expect((await all(adminAPIKeys.list({ order: 'desc' }))).map(({ id }) => id)).toEqual(whole.toReversed())
  expect(await adminAPIKeys.retrieve(whole[0])).toMatchObject({ owner: { type: 'service_account', id: whole[0] } })
  expect(await adminAPIKeys.delete(whole[0])).toEqual({
    id: whole[0],
    object: 'organization.admin_api_key.deleted',
    deleted: true,
  })
  expect(await all(users.list({ emails: ['ada@example.org'] }))).toMatchObject([{ id: person }])
  expect(await all(users.list({ emails: ['bob@example.org'] }))).toEqual([])
})
