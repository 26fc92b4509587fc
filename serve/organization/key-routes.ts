import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { seconds } from '#serve/seconds'
import type { Key } from '#store/keys'
import type { Store } from '#store/open'
import type { Member } from '#store/organisations'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { identifier, listReply } from '#wire/lists'
import {
  adminKeyObjectSchema,
  adminKeysQuerySchema,
  type KeyOwner,
  keyDeletedSchema,
  pageQuerySchema,
  projectKeyObjectSchema,
} from '#wire/projects'
import { act, pageOf } from './project-routes.ts'

const ofProject = z.object({ project_id: identifier })
const ofKey = z.object({ key_id: identifier })

/** `/v1/organization/admin_api_keys`, the keys of the whole organisation, and those of each project. */
export function keyRoutes(app: FastifyInstance, store: Store): void {
  adminKeyRoutes(app, store)
  projectKeyRoutes(app, store)
}

function adminKeyRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const base = '/v1/organization/admin_api_keys'
  const list = {
    summary: 'The keys of the whole organization',
    querystring: adminKeysQuerySchema,
    response: { 200: listReply(adminKeyObjectSchema), ...failures },
  }
  typed.get(base, { schema: list }, async ({ caller, query: { order = 'asc', ...page } }) => {
    const keys = await living(store, caller.organisation, '')
    const members = await store.organisations.members(caller.organisation)
    return pageOf(
      (order === 'asc' ? keys : keys.toReversed()).map((key) => adminKey(key, members)),
      page,
    )
  })
  const one = { summary: 'One key', params: ofKey, response: { 200: adminKeyObjectSchema, ...failures } }
  typed.get(`${base}/:key_id`, { schema: one }, async ({ caller, params: { key_id } }) =>
    adminKey(
      await find(store, caller.organisation, '', key_id),
      await store.organisations.members(caller.organisation),
    ),
  )
  const object = 'organization.admin_api_key.deleted' as const
  const gone = {
    summary: 'Revoke a key, at once',
    params: ofKey,
    response: { 200: keyDeletedSchema(object), ...failures },
  }
  typed.delete(`${base}/:key_id`, { schema: gone }, async ({ caller, params: { key_id } }) => {
    const { id } = await find(store, caller.organisation, '', key_id)
    await store.together([
      store.plan.keys.revoke(caller.organisation, id),
      store.plan.audit.append(caller.organisation, act(caller, 'api_key.deleted', id, {})),
    ])
    return { object, id, deleted: true as const }
  })
}

function projectKeyRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const base = '/v1/organization/projects/:project_id/api_keys'
  const params = ofProject.extend(ofKey.shape)
  const list = {
    summary: 'The keys of a project',
    params: ofProject,
    querystring: pageQuerySchema,
    response: { 200: listReply(projectKeyObjectSchema), ...failures },
  }
  typed.get(base, { schema: list }, async ({ caller, params: { project_id }, query }) => {
    const keys = await living(store, caller.organisation, project_id)
    const members = await store.organisations.members(caller.organisation)
    return pageOf(
      keys.map((key) => projectKey(key, members)),
      query,
    )
  })
  const one = { summary: 'One key', params, response: { 200: projectKeyObjectSchema, ...failures } }
  typed.get(`${base}/:key_id`, { schema: one }, async ({ caller, params: { project_id, key_id } }) =>
    projectKey(
      await find(store, caller.organisation, project_id, key_id),
      await store.organisations.members(caller.organisation),
    ),
  )
  const object = 'organization.project.api_key.deleted' as const
  const gone = { summary: 'Revoke a key, at once', params, response: { 200: keyDeletedSchema(object), ...failures } }
  typed.delete(`${base}/:key_id`, { schema: gone }, async ({ caller, params: { project_id, key_id } }) => {
    const { id } = await find(store, caller.organisation, project_id, key_id)
    await store.together([
      store.plan.keys.revoke(caller.organisation, id),
      store.plan.audit.append(caller.organisation, act(caller, 'api_key.deleted', id, {})),
    ])
    return { object, id, deleted: true as const }
  })
}

/** Keys that are not revoked, of a project or, where it is empty, of the whole organisation. */
async function living(store: Store, organisation: string, project: string): Promise<Key[]> {
  if (project !== '') await store.organisations.getProject(organisation, project)
  return (await store.keys.list(organisation, { project })).filter(({ revoked }) => revoked === null)
}

async function find(store: Store, organisation: string, project: string, id: string): Promise<Key> {
  const key = (await living(store, organisation, project)).find((each) => each.id === id)
  if (key === undefined) throw new ApiError('not_found', `There is no key ${JSON.stringify(id)}.`, 'key_id')
  return key
}

const shown = (key: Key) => ({
  id: key.id,
  name: key.name,
  redacted_value: `${key.prefix}…`,
  created_at: seconds(key.created),
  last_used_at: key.used === null ? null : seconds(key.used),
})

/** A key of nobody in particular is one of the project's, or the organisation's, own service. */
function ownerOf(key: Key, members: readonly Member[]): KeyOwner {
  if (key.person === '')
    return {
      type: 'service_account',
      id: key.id,
      name: key.name,
      email: '',
      role: 'member',
      created_at: seconds(key.created),
    }
  const own = members.filter(({ person }) => person === key.person)
  const {
    name = '',
    email = '',
    role = '',
    created = 0,
  } = own.find(({ project }) => project === key.project) ?? own.find(({ project }) => project === '') ?? {}
  return { type: 'user', id: key.person, name, email, role, created_at: seconds(created) }
}

function projectKey(key: Key, members: readonly Member[]) {
  const { type, email, ...account } = ownerOf(key, members)
  const owner =
    type === 'user'
      ? { type: 'user' as const, user: { ...account, email } }
      : { type: 'service_account' as const, service_account: account }
  return { object: 'organization.project.api_key' as const, ...shown(key), owner }
}

function adminKey(key: Key, members: readonly Member[]) {
  const { email: _, ...owner } = ownerOf(key, members)
  const object = owner.type === 'user' ? 'organization.user' : 'organization.service_account'
  return { object: 'organization.admin_api_key' as const, ...shown(key), owner: { ...owner, object } }
}
