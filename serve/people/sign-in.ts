import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionCookie } from '#guard/credentials'
import type { People } from '#serve/people'
import { newSecret } from '#serve/secrets'
import type { Person } from '#store/accounts'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { codeHolds, readFactor } from './totp.ts'
import { countTry } from './tries.ts'

export interface Proof {
  email: string
  password: string
  code?: string | null
}

/** Who an address and a password (and a code, where the account asks for one) stand for. @throws ApiError */
export async function provePerson({ store, passwords }: People, given: Proof, address: string): Promise<Person> {
  const takeBack = await countTry(store, given.email, address)
  const person = await store.accounts.byEmail(given.email)
  const right = await passwords.verify(given.password, person?.password ?? null)
  if (person === null || !right || person.disabled !== null) throw new ApiError('invalid_credentials')
  const factor = readFactor(person.totp)
  if (factor?.confirmed) {
    if (given.code == null) {
      // Half a try is none: the code comes with the next.
      await takeBack()
      throw new ApiError('totp_required', '', 'code')
    }
    if (!(await codeHolds(store, person.id, factor, given.code))) throw new ApiError('invalid_credentials', '', 'code')
  }
  await takeBack()
  return person
}

/** Begins a session, and gives the browser its secret: no script reads it, and it goes to this host alone. */
export async function beginSession(
  { store }: People,
  person: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { secret, hash } = newSecret()
  const agent = (request.headers['user-agent'] ?? '').slice(0, 300)
  const expires = Date.now() + limits.accounts.sessionMs
  await store.accounts.startSession(person, { hash, agent, address: request.ip, expires })
  setCookie(reply, sessionCookie, secret, limits.accounts.sessionMs / 1000)
}

export function setCookie(reply: FastifyReply, name: string, value: string, seconds: number): void {
  reply.header('set-cookie', `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Lax`)
  reply.header('cache-control', 'no-store')
}

export const endCookie = (reply: FastifyReply, name = sessionCookie) => setCookie(reply, name, '', 0)
