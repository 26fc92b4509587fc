import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Caller } from '#serve/caller'
import type { Key } from '#store/keys'
import type { Store } from '#store/open'
import type { Member, Project } from '#store/organisations'
import { errorBodySchema } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import {
  deletedSchema,
  keyObjectSchema,
  type ListQuery,
  listed,
  listQuerySchema,
  projectNameSchema,
  projectObjectSchema,
  userObjectSchema,
} from '#wire/projects'
import { actorOf } from './audit-routes.ts'

const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema }
const seconds = (ms: number) => Math.floor(ms / 1000)
const id = z.string().max(limits.identifierLength)
const ofProject = z.object({ project_id: id })

/** `/v1/organization/projects` with its users and keys, `/users` and `/admin_api_keys`. */
export function projectRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { plan } = store
  const one = { 200: projectObjectSchema, ...failures }
  const listSchema = {
    summary: 'The projects of the organization',
    querystring: listQuerySchema,
    response: { 200: listed(projectObjectSchema), ...failures },
  }
  typed.get('/v1/organization/projects', { schema: listSchema }, async ({ caller, query }) => {
    const all = await store.organisations.projects(caller.organisation)
    const shown = all.filter(({ archived }) => archived === null || query.include_archived === 'true')
    return pageOf(shown.map(shownProject), query)
  })
  const make = { summary: 'Make a project', body: projectNameSchema, response: one }
  typed.post('/v1/organization/projects', { schema: make }, async ({ caller, body }) => {
    const project = await store.organisations.createProject(caller.organisation, body)
    await store.audit.append(caller.organisation, act(caller, 'project.created', project.id, body))
    return shownProject(project)
  })
  const get = { summary: 'One project', params: ofProject, response: one }
  typed.get('/v1/organization/projects/:project_id', { schema: get }, async ({ caller, params }) =>
    shownProject(await store.organisations.getProject(caller.organisation, params.project_id)),
  )
  const change = { summary: 'Rename a project', params: ofProject, body: projectNameSchema, response: one }
  typed.post('/v1/organization/projects/:project_id', { schema: change }, async ({ caller, params, body }) => {
    const [project] = await store.together([
      plan.organisations.updateProject(caller.organisation, params.project_id, body),
      plan.audit.append(caller.organisation, act(caller, 'project.updated', params.project_id, body)),
    ])
    return shownProject(project)
  })
  const archive = { summary: 'Archive a project: its keys no longer open anything', params: ofProject, response: one }
  typed.post('/v1/organization/projects/:project_id/archive', { schema: archive }, async ({ caller, params }) => {
    const [project] = await store.together([
      plan.organisations.updateProject(caller.organisation, params.project_id, { archived: true }),
      plan.audit.append(caller.organisation, act(caller, 'project.archived', params.project_id, {})),
    ])
    return shownProject(project)
  })
  userRoutes(app, store)
  keyRoutes(app, store, 'project')
  keyRoutes(app, store, 'admin')
}

function userRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const response = { 200: listed(userObjectSchema), ...failures }
  const all = { summary: 'The people of the organization', querystring: listQuerySchema, response }
  typed.get('/v1/organization/users', { schema: all }, async ({ caller, query }) => {
    const members = await store.organisations.members(caller.organisation)
    return pageOf(people(members, 'organization.user'), query)
  })
  const some = { summary: 'The people of a project', params: ofProject, querystring: listQuerySchema, response }
  typed.get('/v1/organization/projects/:project_id/users', { schema: some }, async ({ caller, params, query }) => {
    await store.organisations.getProject(caller.organisation, params.project_id)
    const members = await store.organisations.members(caller.organisation)
    const here = members.filter(({ project }) => project === '' || project === params.project_id)
    return pageOf(people(here, 'organization.project.user'), query)
  })
}

/** The keys of one project, or those of the whole organisation, which OpenAI calls admin keys. */
function keyRoutes(app: FastifyInstance, store: Store, whose: 'project' | 'admin'): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const admin = whose === 'admin'
  const base = admin ? '/v1/organization/admin_api_keys' : '/v1/organization/projects/:project_id/api_keys'
  const object = admin ? 'organization.admin_api_key' : 'organization.project.api_key'
  const projectOf = (params: object) => (admin ? '' : (params as { project_id: string }).project_id)
  const params = admin ? z.object({}) : ofProject
  const paramsOfKey = z.object({ ...params.shape, key_id: id })
  const alive = async (organisation: string, of: object) => {
    const project = projectOf(of)
    if (!admin) await store.organisations.getProject(organisation, project)
    return (await store.keys.list(organisation, { project })).filter(({ revoked }) => revoked === null)
  }
  const find = async (organisation: string, of: { key_id: string }) => {
    const key = (await alive(organisation, of)).find((each) => each.id === of.key_id)
    if (key === undefined) throw new ApiError('not_found', `There is no key ${JSON.stringify(of.key_id)}.`, 'key_id')
    return key
  }
  const listSchema = {
    summary: admin ? 'The keys of the whole organization' : 'The keys of a project',
    params,
    querystring: listQuerySchema,
    response: { 200: listed(keyObjectSchema), ...failures },
  }
  typed.get(base, { schema: listSchema }, async ({ caller, params, query }) =>
    pageOf(
      (await alive(caller.organisation, params)).map((key) => shownKey(key, object)),
      query,
    ),
  )
  const get = { summary: 'One key', params: paramsOfKey, response: { 200: keyObjectSchema, ...failures } }
  typed.get(`${base}/:key_id`, { schema: get }, async ({ caller, params }) =>
    shownKey(await find(caller.organisation, params), object),
  )
  const remove = {
    summary: 'Revoke a key, at once',
    params: paramsOfKey,
    response: { 200: deletedSchema, ...failures },
  }
  typed.delete(`${base}/:key_id`, { schema: remove }, async ({ caller, params }) => {
    const key = await find(caller.organisation, params)
    await store.together([
      store.plan.keys.revoke(caller.organisation, key.id),
      store.plan.audit.append(caller.organisation, act(caller, 'api_key.deleted', key.id, {})),
    ])
    return { object: `${object}.deleted`, id: key.id, deleted: true as const }
  })
}

const act = (caller: Caller, action: string, target: string, detail: unknown) => ({
  actor: actorOf(caller),
  action,
  target,
  detail,
})

const shownProject = ({ id, name, created, archived }: Project) => ({
  object: 'organization.project' as const,
  id,
  name,
  created_at: seconds(created),
  archived_at: archived === null ? null : seconds(archived),
  status: archived === null ? ('active' as const) : ('archived' as const),
})

/** One row for each person: the role in the whole organisation before that in one project. */
function people(members: readonly Member[], object: 'organization.user' | 'organization.project.user') {
  const first = members.toSorted((a, b) => Number(a.project !== '') - Number(b.project !== ''))
  const unique = first.filter(({ person }, at) => first.findIndex((each) => each.person === person) === at)
  return unique.map(({ person, name, email, role, created }) => ({
    object,
    id: person,
    name,
    email,
    role,
    added_at: seconds(created),
  }))
}

const shownKey = (key: Key, object: 'organization.project.api_key' | 'organization.admin_api_key') => ({
  object,
  id: key.id,
  name: key.name,
  redacted_value: `${key.prefix}…`,
  created_at: seconds(key.created),
  last_used_at: key.used === null ? null : seconds(key.used),
  owner:
    key.person === ''
      ? { type: 'service_account', service_account: { id: key.id, name: key.name } }
      : { type: 'user', user: { id: key.person } },
})

function pageOf<T extends { id: string }>(all: readonly T[], { limit = 20, after }: ListQuery) {
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && from === 0)
    throw new ApiError('invalid_value', `Invalid 'after': there is no ${JSON.stringify(after)} in this list.`, 'after')
  const data = all.slice(from, from + limit)
  return {
    object: 'list' as const,
    data,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < all.length,
  }
}
