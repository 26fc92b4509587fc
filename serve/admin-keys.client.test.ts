/** `/v1/organization/admin_api_keys`, by OpenAI's own client over real HTTP. */
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { firstOrganisation } from '#guard/access'
import { localProject } from '#serve/local-owner'
import { addPerson } from '#serve/people'
import { newKeySecret } from '#serve/secrets'
import type { Role } from '#store/organisations'
import { madeAdminKeySchema } from '#wire/projects'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

let server: KeepingServer
let person: string
beforeAll(async () => {
  server = await serveKeeping({ tokens: () => ['a'] })
  person = await added('owner', 'owner')
})
afterAll(() => server.close())

const added = async (name: string, role: Role) => {
  const at = { organisation: firstOrganisation, project: '', role }
  return (await addPerson(server.store, { email: `${name}@example.org`, name }, at, 'test')).id
}
/** A client with a key that the store was given, as a person would have made it. */
const clientOf = async (of: string, scopes: string[], more: { project?: string; expires?: number } = {}) => {
  const { secret, hash, shown } = newKeySecret()
  await server.store.keys.create(firstOrganisation, {
    project: '',
    person: of,
    name: 'k',
    prefix: shown,
    hash,
    scopes,
    ...more,
  })
  return client(secret)
}
const client = (adminAPIKey: string) =>
  new OpenAI({ baseURL: `${server.url}/v1`, apiKey: adminAPIKey, adminAPIKey, maxRetries: 0 })
const keysOf = (of: OpenAI) => of.admin.organization.adminAPIKeys

it('are made, said once, listed, got and deleted', async () => {
  const owner = await clientOf(person, ['all'])
  const made = await keysOf(owner).create({ name: 'billing', expires_in_seconds: 3600 })
  expect(madeAdminKeySchema.parse(made)).toEqual(made)
  expect(made).toMatchObject({ object: 'organization.admin_api_key', name: 'billing' })
  expect(made.owner).toMatchObject({ type: 'user', id: person, role: 'owner', object: 'organization.user' })
  expect((made.expires_at ?? 0) - made.created_at).toBeGreaterThanOrEqual(3599)
  expect(made.value).toMatch(/^dl-[\w-]{43}$/)
  const { value, ...shown } = made
  expect(await keysOf(owner).retrieve(made.id)).toEqual(shown)
  const listed = await keysOf(owner).list()
  expect(listed.data).toContainEqual(shown)
  expect(JSON.stringify(listed.data)).not.toContain(value)
  const mine = client(value)
  expect((await mine.admin.organization.projects.list()).data.map(({ id }) => id)).toEqual([localProject])
  expect(await keysOf(owner).delete(made.id)).toMatchObject({ id: made.id, deleted: true })
  await expect(mine.admin.organization.projects.list()).rejects.toMatchObject({ status: 401 })
  const acts = (await server.store.audit.list(firstOrganisation)).data.map(({ action, target }) => [action, target])
  expect(acts).toEqual(expect.arrayContaining(['api_key.created', 'api_key.deleted'].map((act) => [act, made.id])))
})

it('administer, and use no model', async () => {
  const { value } = await keysOf(await clientOf(person, ['all'])).create({ name: 'a' })
  await expect(client(value).models.list()).rejects.toMatchObject({ status: 403 })
  const chat = { model: 'scripted', messages: [{ role: 'user' as const, content: 'hi' }] }
  await expect(client(value).chat.completions.create(chat)).rejects.toMatchObject({ status: 403 })
})

it('are never wider than the key that makes them, nor last longer', async () => {
  const expires = Math.floor(Date.now() / 1000) * 1000 + 60_000
  const narrow = await clientOf(person, ['keys.write', 'usage.read'], { expires })
  const made = await keysOf(narrow).create({ name: 'child' })
  expect(made.expires_at).toBe(expires / 1000)
  const [kept] = (await server.store.keys.list(firstOrganisation)).filter(({ id }) => id === made.id)
  expect(kept.scopes.toSorted()).toEqual(['keys.write', 'usage.read'])
  await expect(client(made.value).admin.organization.projects.list()).rejects.toMatchObject({ status: 403 })
  const longer = keysOf(narrow).create({ name: 'child', expires_in_seconds: 3600 })
  await expect(longer).rejects.toMatchObject({ status: 403, param: 'expires_in_seconds' })
  const oneProject = await clientOf(person, ['all'], { project: localProject })
  await expect(keysOf(oneProject).create({ name: 'child' })).rejects.toMatchObject({ status: 403 })
})

it('are made by nobody who does not manage the organization', async () => {
  for (const role of ['member', 'auditor'] as const) {
    const other = await clientOf(await added(role, role), ['all'])
    await expect(keysOf(other).create({ name: 'a' })).rejects.toMatchObject({ status: 403 })
  }
  const reading = await clientOf(person, ['read'])
  await expect(keysOf(reading).create({ name: 'a' })).rejects.toMatchObject({ status: 403 })
})

it.each([
  [{}, 'name'],
  [{ name: 'a', expires_in_seconds: 0 }, 'expires_in_seconds'],
  [{ name: 'a', b: 1 }, 'b'],
])('%j is refused by name', async (body, param) => {
  const owner = await clientOf(person, ['all'])
  await expect(keysOf(owner).create(body as never)).rejects.toMatchObject({ status: 400, param })
})
