import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { belongs, mayGrant, rolesIn } from '#guard/access'
import type { Caller } from '#serve/caller'
import type { People } from '#serve/people'
import type { Member, Role } from '#store/organisations'
import { listOf } from '#wire/accounts'
import { ApiError } from '#wire/errors'
import {
  disabledSchema,
  disableSchema,
  memberChangeSchema,
  memberQuerySchema,
  memberSchema,
  newOrganizationSchema,
  organizationChangeSchema,
  organizationSchema,
} from '#wire/organization'
import { actOf, failures, list, nothing, shownMember, shownOrganization } from '../people/shown.ts'

/** `/api/organization`: its name and who is in it, as what. */
export function organizationRoutes(app: FastifyInstance, { store }: People): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { plan } = store
  const one = { summary: 'The organization that one is in', response: { 200: organizationSchema, ...failures } }
  typed.get('/api/organization', { schema: one }, async ({ caller }) =>
    shownOrganization(await store.organisations.get(caller.organisation)),
  )
  const change = {
    summary: 'Rename the organization',
    body: organizationChangeSchema,
    response: { 200: organizationSchema, ...failures },
  }
  typed.patch('/api/organization', { schema: change }, async ({ caller, body }) => {
    await store.together([
      plan.organisations.update(caller.organisation, body),
      plan.audit.append(caller.organisation, actOf(caller, 'organization.updated', caller.organisation, body)),
    ])
    return shownOrganization(await store.organisations.get(caller.organisation))
  })
  const all = { summary: 'All organizations here', response: { 200: listOf(organizationSchema), ...failures } }
  typed.get('/api/organizations', { schema: all }, async () =>
    list((await store.organisations.list()).map(shownOrganization)),
  )
  const make = {
    summary: 'Make an organization',
    body: newOrganizationSchema,
    response: { 201: organizationSchema, ...failures },
  }
  typed.post('/api/organizations', { schema: make }, async ({ caller, body }, reply) => {
    const made = await store.organisations.create(body)
    await store.organisations.createProject(made.id, { name: body.name })
    if (caller.person !== '') await store.organisations.setMember(made.id, caller.person, '', 'owner')
    await store.audit.append(made.id, actOf(caller, 'organization.created', made.id, body))
    return reply.code(201).send(shownOrganization(made))
  })
}

/** `/api/organization/members`. */
export function memberRoutes(app: FastifyInstance, { store, identity }: People): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { plan } = store
  const all = { summary: 'Who is in the organization', response: { 200: listOf(memberSchema), ...failures } }
  typed.get('/api/organization/members', { schema: all }, async ({ caller }) =>
    list((await store.organisations.members(caller.organisation)).map(shownMember)),
  )
  const params = z.object({ person: z.string() })
  const set = {
    summary: 'Give a member a role, in a project or in the whole organization',
    params,
    body: memberChangeSchema,
    response: { 200: memberSchema, ...failures },
  }
  typed.put('/api/organization/members/:person', { schema: set }, async ({ caller, params: { person }, body }) => {
    const project = body.project_id ?? ''
    const rows = await membersOf(caller, person)
    const there = rows.find((each) => each.project === project)
    judgeRole(caller, project, body.role)
    if (there) judgeRole(caller, project, there.role)
    const detail = { role: body.role, project }
    await store.together([
      plan.organisations.setMember(caller.organisation, person, project, body.role),
      plan.audit.append(caller.organisation, actOf(caller, 'member.set', person, detail)),
    ])
    return shownMember({ ...rows[0], project, role: body.role, created: there?.created ?? Date.now() })
  })
  const remove = {
    summary: 'Take a member’s role away',
    params,
    querystring: memberQuerySchema,
    response: { 204: nothing, ...failures },
  }
  typed.delete('/api/organization/members/:person', { schema: remove }, async (request, reply) => {
    const { caller, params, query } = request
    const project = query.project_id ?? ''
    const there = (await membersOf(caller, params.person)).find((each) => each.project === project)
    if (there === undefined) throw noMember(params.person)
    judgeRole(caller, project, there.role)
    await store.together([
      plan.organisations.removeMember(caller.organisation, params.person, project),
      plan.audit.append(caller.organisation, actOf(caller, 'member.removed', params.person, { project })),
    ])
    await identity.recheck()
    return reply.code(204).send()
  })
  const disable = {
    summary: 'Disable a person, at once, or let them in again',
    params,
    body: disableSchema,
    response: { 200: disabledSchema, ...failures },
  }
  typed.put('/api/organization/members/:person/disabled', { schema: disable }, async ({ caller, params, body }) => {
    await membersOf(caller, params.person)
    await judgeDisabling(caller, params.person)
    await store.together([
      plan.accounts.update(params.person, { disabled: body.disabled }),
      plan.audit.append(
        caller.organisation,
        actOf(caller, body.disabled ? 'person.disabled' : 'person.enabled', params.person),
      ),
    ])
    await identity.recheck()
    return { person_id: params.person, disabled: body.disabled }
  })

  /** What a person is in the caller's organisation. @throws ApiError where that is nothing */
  async function membersOf(caller: Caller, person: string): Promise<Member[]> {
    const rows = (await store.organisations.members(caller.organisation)).filter((each) => each.person === person)
    if (rows.length === 0) throw noMember(person)
    return rows
  }

  /** A person can be in several organisations: only who manages all of these shuts them out of everything. */
  async function judgeDisabling(caller: Caller, person: string): Promise<void> {
    if (person === caller.person) throw new ApiError('conflict', 'Nobody disables themselves.')
    const all = await store.organisations.memberships(person)
    for (const { organisation, role } of all) {
      const reaches = organisation === caller.organisation || belongs(caller, 'operator')
      if (!reaches || !mayGrant(rolesIn(caller, ''), role))
        throw new ApiError(
          'insufficient_permissions',
          'This person has a role that yours does not reach to. Take away their membership here instead.',
        )
    }
  }
}

/** Gives and takes only what one has. */
export function judgeRole(caller: Caller, project: string, role: Role): void {
  if (belongs(caller, 'steward', project) && mayGrant(rolesIn(caller, project), role)) return
  throw new ApiError('insufficient_permissions', `Your role does not reach to the role '${role}' here.`, 'role')
}

const noMember = (person: string) =>
  new ApiError('not_found', `There is no member ${JSON.stringify(person)}.`, 'person')
