import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { People } from '#serve/people'
import { seconds } from '#serve/seconds'
import { hashOf, newSecret } from '#serve/secrets'
import {
  invitationAcceptSchema,
  invitationSecretSchema,
  invitationShownSchema,
  listOf,
  membershipSchema,
} from '#wire/accounts'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { invitationSchema, madeInvitationSchema, newInvitationSchema } from '#wire/organization'
import { actOf, failures, list, nothing, shownInvitation, shownMembership } from '../people/shown.ts'
import { beginSession } from '../people/sign-in.ts'
import { judgeRole } from './organization.ts'

/** `/api/organization/invitations`, and what an invited person does with one. */
export function invitationRoutes(app: FastifyInstance, people: People): void {
  const { store } = people
  const { plan } = store
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const all = { summary: 'Who is invited', response: { 200: listOf(invitationSchema), ...failures } }
  typed.get('/api/organization/invitations', { schema: all }, async ({ caller }) =>
    list((await store.organisations.invitations(caller.organisation)).map(shownInvitation)),
  )
  const make = {
    summary: 'Invite somebody; the secret is said once',
    body: newInvitationSchema,
    response: { 201: madeInvitationSchema, ...failures },
  }
  typed.post('/api/organization/invitations', { schema: make }, async ({ caller, body }, reply) => {
    const project = body.project_id ?? ''
    judgeRole(caller, project, body.role)
    const { secret, hash } = newSecret()
    const { email, role } = body
    const expires = Date.now() + limits.accounts.invitationMs
    const given = { hash, email, role, project, inviter: caller.person, expires }
    const made = await store.organisations.invite(caller.organisation, given)
    await store.audit.append(
      caller.organisation,
      actOf(caller, 'invitation.created', made.id, { email, role, project }),
    )
    reply.header('cache-control', 'no-store')
    return reply.code(201).send({ ...shownInvitation(made), secret })
  })
  const params = z.object({ invitation: z.string() })
  const withdraw = { summary: 'Withdraw an invitation', params, response: { 204: nothing, ...failures } }
  typed.delete('/api/organization/invitations/:invitation', { schema: withdraw }, async ({ caller, params }, reply) => {
    await store.together([
      plan.organisations.withdrawInvitation(caller.organisation, params.invitation),
      plan.audit.append(caller.organisation, actOf(caller, 'invitation.withdrawn', params.invitation)),
    ])
    return reply.code(204).send()
  })
  acceptingRoutes(app, people)
}

function acceptingRoutes(app: FastifyInstance, people: People): void {
  const { store, identity } = people
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const look = {
    summary: 'What an invitation is for',
    body: invitationSecretSchema,
    response: { 200: invitationShownSchema, ...failures },
  }
  typed.post('/api/invitations/look', { schema: look }, async ({ body }) => {
    const { email, called, role, expires } = await opened(body.secret)
    const has_account = (await store.accounts.byEmail(email)) !== null
    const shown = { email, organization: called, role: role as 'member', expires_at: seconds(expires), has_account }
    return { object: 'invitation' as const, ...shown }
  })
  const accept = {
    summary: 'Accept an invitation: with a new account, or with the one that is signed in',
    body: invitationAcceptSchema,
    response: { 200: membershipSchema, ...failures },
  }
  typed.post('/api/invitations/accept', { schema: accept }, async (request, reply) => {
    const { body } = request
    const { email, organisation, id } = await opened(body.secret)
    const signedIn = await signedInPerson(request)
    const person = signedIn ?? (await newPerson(email, body))
    const membership = await store.organisations.acceptInvitation(hashOf(body.secret), person)
    await store.audit.append(organisation, { actor: person, action: 'invitation.accepted', target: id })
    identity.peopleCame()
    if (signedIn === null) await beginSession(people, person, request, reply)
    return shownMembership(membership)
  })

  async function opened(secret: string) {
    const found = await store.organisations.invitationBySecret(hashOf(secret))
    if (found !== null) return found
    throw new ApiError('not_found', 'This invitation is used, expired or withdrawn. Ask for another one.', 'secret')
  }

  async function signedInPerson(request: FastifyRequest): Promise<string | null> {
    const caller = await identity.identify(request).catch(() => null)
    return caller?.by === 'session' ? caller.person : null
  }

  async function newPerson(email: string, body: z.infer<typeof invitationAcceptSchema>): Promise<string> {
    if ((await store.accounts.byEmail(email)) !== null)
      throw new ApiError('conflict', 'There is an account with this address: sign in with it, then accept.')
    for (const field of ['name', 'password'] as const)
      if (body[field] == null) throw new ApiError('missing_required_parameter', field, field)
    const password = await people.passwords.hash(body.password ?? '')
    return (await store.accounts.create({ email, name: body.name ?? '', password })).id
  }
}
