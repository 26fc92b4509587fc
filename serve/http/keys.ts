import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { belongs } from '#guard/access'
import type { Caller } from '#serve/caller'
import type { People } from '#serve/people'
import type { Key } from '#store/keys'
import { listOf } from '#wire/accounts'
import { ApiError } from '#wire/errors'
import { keyChangeSchema, keySchema, madeKeySchema, newKeySchema } from '#wire/organization'
import { mint, wishOf } from '../people/mint.ts'
import { actOf, failures, list, nothing, shownKey } from '../people/shown.ts'

/** `/api/keys`: one's own keys; `/api/organization/keys`: all, for those who look after the organisation. */
export function keyRoutes(app: FastifyInstance, people: People): void {
  const { store, identity } = people
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const all = { summary: 'One’s own API keys', response: { 200: listOf(keySchema), ...failures } }
  typed.get('/api/keys', { schema: all }, async ({ caller }) => {
    const keys = await store.keys.list(caller.organisation)
    return list(keys.filter((key) => isOwn(caller, key)).map(shownKey))
  })
  const make = {
    summary: 'Make an API key; it is said once',
    body: newKeySchema,
    response: { 201: madeKeySchema, ...failures },
  }
  typed.post('/api/keys', { schema: make }, async ({ caller, body }, reply) => {
    const { key, secret } = await mint(store, caller, wishOf(caller, body))
    const { project, person, scopes, models } = key
    const detail = { project, person, scopes, models, expires: key.expires }
    await store.audit.append(caller.organisation, actOf(caller, 'key.created', key.id, detail))
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ ...shownKey(key), key: secret })
  })
  const params = z.object({ key: z.string() })
  const rename = { summary: 'Rename a key', params, body: keyChangeSchema, response: { 200: keySchema, ...failures } }
  typed.patch('/api/keys/:key', { schema: rename }, async ({ caller, params, body }) => {
    await ownKey(people, caller, params.key)
    return shownKey(await store.keys.rename(caller.organisation, params.key, body.name))
  })
  const revoke = { summary: 'Revoke a key, at once', params, response: { 204: nothing, ...failures } }
  typed.delete('/api/keys/:key', { schema: revoke }, async ({ caller, params }, reply) => {
    await ownKey(people, caller, params.key)
    await end(caller, params.key)
    return reply.code(204).send()
  })
  const everyones = { summary: 'All keys of the organization', response: { 200: listOf(keySchema), ...failures } }
  typed.get('/api/organization/keys', { schema: everyones }, async ({ caller }) =>
    list((await store.keys.list(caller.organisation)).map(shownKey)),
  )
  const revokeAny = { summary: 'Revoke any key of the organization', params, response: { 204: nothing, ...failures } }
  typed.delete('/api/organization/keys/:key', { schema: revokeAny }, async ({ caller, params }, reply) => {
    await end(caller, params.key)
    return reply.code(204).send()
  })

  async function end(caller: Caller, key: string): Promise<void> {
    const { plan } = store
    await store.together([
      plan.keys.revoke(caller.organisation, key),
      plan.audit.append(caller.organisation, actOf(caller, 'key.revoked', key)),
    ])
    await identity.recheck()
  }
}

/** Another's is not there. */
async function ownKey({ store }: People, caller: Caller, id: string): Promise<Key> {
  const key = await store.keys.get(caller.organisation, id)
  if (isOwn(caller, key)) return key
  throw new ApiError('not_found', `There is no key ${JSON.stringify(id)}.`, 'key')
}

/** A person's own; a project's are those of whoever looks after it. A key of one project sees no other's. */
function isOwn(caller: Caller, { person, project }: Key): boolean {
  if (caller.by === 'key' && caller.project !== '' && project !== caller.project) return false
  return person === '' ? belongs(caller, 'steward', project) : person === caller.person
}
