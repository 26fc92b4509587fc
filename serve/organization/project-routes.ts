import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Caller } from '#serve/caller'
import { seconds } from '#serve/seconds'
import type { Store } from '#store/open'
import type { Member, Project } from '#store/organisations'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { listOf, listReply } from '#wire/lists'
import {
  newProjectSchema,
  type PageQuery,
  pageQuerySchema,
  projectObjectSchema,
  projectsQuerySchema,
  projectUpdateSchema,
  projectUserObjectSchema,
  userObjectSchema,
  usersQuerySchema,
} from '#wire/projects'
import { actorOf } from './audit-routes.ts'

const id = z.string().max(limits.identifierLength)
const ofProject = z.object({ project_id: id })

/** `/v1/organization/projects` with its users, and `/users`. */
export function projectRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { plan } = store
  const one = { 200: projectObjectSchema, ...failures }
  const listSchema = {
    summary: 'The projects of the organization',
    querystring: projectsQuerySchema,
    response: { 200: listReply(projectObjectSchema), ...failures },
  }
  typed.get('/v1/organization/projects', { schema: listSchema }, async ({ caller, query }) => {
    const all = await store.organisations.projects(caller.organisation)
    const shown = all.filter(({ archived }) => archived === null || query.include_archived === 'true')
    return pageOf(shown.map(shownProject), query)
  })
  const make = { summary: 'Make a project', body: newProjectSchema, response: one }
  typed.post('/v1/organization/projects', { schema: make }, async ({ caller, body: { name } }) => {
    const project = await store.organisations.createProject(caller.organisation, { name })
    await store.audit.append(caller.organisation, act(caller, 'project.created', project.id, { name }))
    return shownProject(project)
  })
  const get = { summary: 'One project', params: ofProject, response: one }
  typed.get('/v1/organization/projects/:project_id', { schema: get }, async ({ caller, params }) =>
    shownProject(await store.organisations.getProject(caller.organisation, params.project_id)),
  )
  const change = { summary: 'Rename a project', params: ofProject, body: projectUpdateSchema, response: one }
  typed.post('/v1/organization/projects/:project_id', { schema: change }, async ({ caller, params, body }) => {
    const name = body.name ?? undefined
    const [project] = await store.together([
      plan.organisations.updateProject(caller.organisation, params.project_id, { name }),
      plan.audit.append(caller.organisation, act(caller, 'project.updated', params.project_id, { name })),
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
}

function userRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const all = {
    summary: 'The people of the organization',
    querystring: usersQuerySchema,
    response: { 200: listReply(userObjectSchema), ...failures },
  }
  typed.get('/v1/organization/users', { schema: all }, async ({ caller, query: { emails, ...query } }) => {
    const members = await store.organisations.members(caller.organisation)
    const wanted = emails === undefined ? null : new Set([emails].flat().map((email) => email.toLowerCase()))
    const some = members.filter(({ email }) => wanted?.has(email.toLowerCase()) ?? true)
    return pageOf(people(some, 'organization.user'), query)
  })
  const some = {
    summary: 'The people of a project',
    params: ofProject,
    querystring: pageQuerySchema,
    response: { 200: listReply(projectUserObjectSchema), ...failures },
  }
  typed.get('/v1/organization/projects/:project_id/users', { schema: some }, async ({ caller, params, query }) => {
    await store.organisations.getProject(caller.organisation, params.project_id)
    const members = await store.organisations.members(caller.organisation)
    const here = members.filter(({ project }) => project === '' || project === params.project_id)
    return pageOf(people(here, 'organization.project.user'), query)
  })
}

export const act = (caller: Caller, action: string, target: string, detail: unknown) => ({
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
function people<O extends 'organization.user' | 'organization.project.user'>(members: readonly Member[], object: O) {
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

/** The part of a list that was asked for. */
export function pageOf<T extends { id: string }>(all: readonly T[], { limit = 20, after }: PageQuery) {
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && from === 0)
    throw new ApiError('invalid_value', `Invalid 'after': there is no ${JSON.stringify(after)} in this list.`, 'after')
  return listOf(all.slice(from, from + limit), from + limit < all.length)
}
