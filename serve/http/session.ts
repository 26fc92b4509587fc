import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { anonymous, type Caller } from '#serve/caller'
import type { People } from '#serve/people'
import { sessionStateSchema, signInSchema } from '#wire/accounts'
import { ApiError } from '#wire/errors'
import { failures, nothing, shownMembership, shownPerson } from '../people/shown.ts'
import { beginSession, endCookie, provePerson } from '../people/sign-in.ts'

/** `/api/session`: whether one is signed in, signing in and out. */
export function sessionRoutes(app: FastifyInstance, people: People): void {
  const { store, identity } = people
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const stateSchema = { summary: 'Who is signed in', response: { 200: sessionStateSchema, ...failures } }
  typed.get('/api/session', { schema: stateSchema }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const caller = await identity.identify(request).catch((error: unknown): Caller => {
      if (error instanceof ApiError && error.status === 401) return anonymous
      throw error
    })
    return await stateOf(caller, people)
  })
  const signIn = { summary: 'Sign in', body: signInSchema, response: { 204: nothing, ...failures } }
  typed.post('/api/session', { schema: signIn }, async (request, reply) => {
    const person = await provePerson(people, request.body, request.ip)
    await beginSession(people, person.id, request, reply)
    return reply.code(204).send()
  })
  const out = { summary: 'Sign out', response: { 204: nothing, ...failures } }
  typed.delete('/api/session', { schema: out }, async ({ caller }, reply) => {
    await store.accounts.endSession(caller.person, caller.session ?? '')
    endCookie(reply)
    return reply.code(204).send()
  })
}

async function stateOf(caller: Caller, { store }: People) {
  const states = { local: 'local', session: 'signed_in', key: 'signed_in', nobody: 'signed_out' } as const
  const { organisation, project, memberships } = caller
  return {
    object: 'session' as const,
    state: states[caller.by],
    person: caller.person === '' ? null : shownPerson(await store.accounts.get(caller.person)),
    organization_id: organisation || null,
    project_id: project || null,
    memberships: memberships.map(shownMembership),
    sign_in: { password: true, provider: null },
  }
}
