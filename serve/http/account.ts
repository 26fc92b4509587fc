import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { firstOrganisation } from '#guard/access'
import { addPerson, type People } from '#serve/people'
import { seconds } from '#serve/seconds'
import type { Person, Session } from '#store/accounts'
import {
  accountChangeSchema,
  accountSchema,
  firstAccountSchema,
  listOf,
  passwordChangeSchema,
  signedInSessionSchema,
} from '#wire/accounts'
import { ApiError } from '#wire/errors'
import { failures, list, nothing, shownMembership, shownPerson } from '../people/shown.ts'
import { beginSession, provePerson } from '../people/sign-in.ts'
import { readFactor } from '../people/totp.ts'

/** `/api/account`: one's own name, password and sessions. */
export function accountRoutes(app: FastifyInstance, people: People): void {
  const { store, identity, passwords } = people
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const first = {
    summary: 'Make the first account, on this machine: from then on, everybody signs in',
    body: firstAccountSchema,
    response: { 201: accountSchema, ...failures },
  }
  typed.post('/api/account/first', { schema: first }, async (request, reply) => {
    if (request.caller.by !== 'local' || (await identity.hasPeople()))
      throw new ApiError('conflict', 'There is an account already: its owner invites others.')
    const { password, ...given } = request.body
    const at = { organisation: firstOrganisation, project: '', role: 'owner' } as const
    const person = await addPerson(store, { ...given, password: await passwords.hash(password) }, at, 'local')
    identity.peopleCame()
    await beginSession(people, person.id, request, reply)
    return reply.code(201).send(await accountOf(people, person))
  })
  const one = { summary: 'The account that is signed in', response: { 200: accountSchema, ...failures } }
  typed.get('/api/account', { schema: one }, async ({ caller }) =>
    accountOf(people, await store.accounts.get(caller.person)),
  )
  const change = {
    summary: 'Change one’s name',
    body: accountChangeSchema,
    response: { 200: accountSchema, ...failures },
  }
  typed.patch('/api/account', { schema: change }, async ({ caller, body }) => {
    await store.accounts.update(caller.person, { name: body.name })
    return accountOf(people, await store.accounts.get(caller.person))
  })
  const password = {
    summary: 'Set another password: all other sessions end',
    body: passwordChangeSchema,
    response: { 204: nothing, ...failures },
  }
  typed.put('/api/account/password', { schema: password }, async ({ caller, body, ip }, reply) => {
    await proveAgain(people, await store.accounts.get(caller.person), body.current ?? null, ip)
    const { plan } = store
    await store.together([
      plan.accounts.update(caller.person, { password: await passwords.hash(body.password) }),
      plan.accounts.endSessions(caller.person, caller.session),
      plan.audit.append(firstOrganisation, { actor: caller.person, action: 'password.changed', target: caller.person }),
    ])
    return reply.code(204).send()
  })
  signedInRoutes(app, people)
}

function signedInRoutes(app: FastifyInstance, { store, identity }: People): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const all = { summary: 'Where one is signed in', response: { 200: listOf(signedInSessionSchema), ...failures } }
  typed.get('/api/account/sessions', { schema: all }, async ({ caller }) =>
    list((await store.accounts.sessions(caller.person)).map((each) => shownSession(each, caller.session))),
  )
  const params = z.object({ session: z.string() })
  const end = { summary: 'End a session', params, response: { 204: nothing, ...failures } }
  typed.delete('/api/account/sessions/:session', { schema: end }, async ({ caller, params }, reply) => {
    await store.accounts.endSession(caller.person, params.session)
    await identity.recheck()
    return reply.code(204).send()
  })
  const others = { summary: 'End all other sessions', response: { 204: nothing, ...failures } }
  typed.delete('/api/account/sessions', { schema: others }, async ({ caller }, reply) => {
    await store.accounts.endSessions(caller.person, caller.session)
    await identity.recheck()
    return reply.code(204).send()
  })
}

/** A session that was left open is not enough for what would lock its person out. */
export async function proveAgain(people: People, person: Person, password: string | null, address: string) {
  if (person.password === null) return
  if (password === null) throw new ApiError('missing_required_parameter', 'current', 'current')
  // The password alone: whoever is signed in has given the second factor before.
  await provePerson(people, { email: person.email, password }, address).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.code === 'totp_required')) throw error
  })
}

async function accountOf({ store }: People, person: Person) {
  const factor = readFactor(person.totp)
  return {
    object: 'account' as const,
    ...shownPerson(person),
    has_password: person.password !== null,
    second_factor: factor?.confirmed ?? false,
    recovery_codes: factor?.recovery.length ?? 0,
    memberships: (await store.organisations.memberships(person.id)).map(shownMembership),
  }
}

const shownSession = ({ id, agent, address, created, seen, expires }: Session, current: string | undefined) => ({
  id,
  object: 'signed_in_session' as const,
  agent,
  address,
  created_at: seconds(created),
  last_seen_at: seconds(seen),
  expires_at: seconds(expires),
  current: id === current,
})
