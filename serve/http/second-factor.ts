import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { People } from '#serve/people'
import { confirmSchema, enrolmentSchema, passwordProofSchema, recoveryCodesSchema } from '#wire/accounts'
import { ApiError } from '#wire/errors'
import { failures, nothing } from '../people/shown.ts'
import { codeHolds, enrolmentUri, newFactor, newRecovery, readFactor } from '../people/totp.ts'
import { countTry } from '../people/tries.ts'
import { proveAgain } from './account.ts'

/** `/api/account/totp`: one-time codes as a second factor, and words on paper for when they are lost. */
export function secondFactorRoutes(app: FastifyInstance, people: People): void {
  const { store } = people
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const begin = { summary: 'Begin to set up one-time codes', response: { 200: enrolmentSchema, ...failures } }
  typed.post('/api/account/totp', { schema: begin }, async ({ caller }, reply) => {
    const person = await store.accounts.get(caller.person)
    if (readFactor(person.totp)?.confirmed) throw new ApiError('conflict', 'One-time codes are set up already.')
    const factor = newFactor()
    await store.accounts.update(person.id, { totp: JSON.stringify(factor) })
    reply.header('cache-control', 'no-store')
    return { object: 'enrolment' as const, secret: factor.secret, uri: enrolmentUri(factor, person.email) }
  })
  const confirm = {
    summary: 'Prove that the codes can be made; says the recovery codes, once',
    body: confirmSchema,
    response: { 200: recoveryCodesSchema, ...failures },
  }
  typed.post('/api/account/totp/confirm', { schema: confirm }, async ({ caller, body, ip }, reply) => {
    const person = await store.accounts.get(caller.person)
    const factor = readFactor(person.totp)
    if (factor === null || factor.confirmed) throw new ApiError('conflict', 'Nothing is to be confirmed: begin first.')
    const takeBack = await countTry(store, person.email, ip)
    if (!(await codeHolds(store, person.id, factor, body.code)))
      throw new ApiError('invalid_value', "Invalid 'code': it is not the one of this moment.", 'code')
    await takeBack()
    const { codes, hashes } = newRecovery()
    await store.accounts.update(person.id, {
      totp: JSON.stringify({ ...factor, confirmed: true, recovery: hashes }),
    })
    reply.header('cache-control', 'no-store')
    return { object: 'recovery_codes' as const, codes }
  })
  const remove = {
    summary: 'Do without one-time codes again',
    body: passwordProofSchema,
    response: { 204: nothing, ...failures },
  }
  typed.post('/api/account/totp/remove', { schema: remove }, async ({ caller, body, ip }, reply) => {
    const person = await store.accounts.get(caller.person)
    await proveAgain(people, person, body.password ?? null, ip)
    await store.accounts.update(person.id, { totp: null })
    return reply.code(204).send()
  })
}
