import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressAllowed } from '#guard/address-range'
import { readCredential } from '#guard/credentials'
import { sentByOwnPage } from '#guard/origin'
import { anonymous, type Caller } from '#serve/caller'
import { hashOf, keyPrefix } from '#serve/secrets'
import type { SignedIn } from '#store/accounts'
import type { Found } from '#store/keys'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { place } from './people/place.ts'
import { Running } from './people/running.ts'

/** How soon a running server notices that it was given its first account by somebody else. */
const countedMs = 1000

/** Finds out who sent a request: from its cookie, its Bearer key or its `x-api-key`, read by one reader. */
export class Identity {
  readonly #store: Store
  readonly #local: Caller
  readonly #log: (line: string) => void
  readonly #running = new Running()
  readonly #timer: NodeJS.Timeout
  #people = false
  #counted = Number.NEGATIVE_INFINITY

  /** `local` is who asks while there are no accounts. */
  constructor(store: Store, local: Caller, log: (line: string) => void) {
    this.#store = store
    this.#local = local
    this.#log = log
    this.#timer = setInterval(() => void this.recheck(), limits.accounts.recheckMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Whether there are accounts: from then on, everything asks for a credential. It never turns back. */
  async hasPeople(): Promise<boolean> {
    if (!this.#people && performance.now() - this.#counted > countedMs) {
      this.#people = (await this.#store.accounts.count()) > 0
      this.#counted = performance.now()
    }
    return this.#people
  }

  /** The first account was made through this server. */
  peopleCame(): void {
    this.#people = true
  }

  /** @throws ApiError where a credential is given that does not hold */
  async identify(request: FastifyRequest): Promise<Caller> {
    const credential = readCredential(request.raw.rawHeaders)
    if (credential.kind === 'broken') throw new ApiError('invalid_api_key', credential.why)
    const ours = credential.kind === 'key' && credential.secret.startsWith(keyPrefix)
    // Clients send some key or other to a server that asks for none; one of ours is judged all the same.
    if (!ours && !(await this.hasPeople())) return this.#local
    if (credential.kind === 'none') return anonymous
    return credential.kind === 'key'
      ? await this.#byKey(credential.secret, request)
      : await this.#bySession(credential.secret, request)
  }

  /** Cuts the connection of a request when its credential stops to hold. */
  follow(request: FastifyRequest, reply: FastifyReply): void {
    this.#running.follow(request.caller, reply.raw)
  }

  /** Looks at the credentials of running requests again. */
  async recheck(): Promise<void> {
    const holds = async (credential: string): Promise<boolean> => {
      const [kind, hash] = credential.split(':')
      return kind === 'key'
        ? usable(await this.#store.keys.find(hash)) !== null
        : (await this.#store.accounts.bySession(hash)) !== null
    }
    // Where the store is away, requests go on: they were let in.
    await this.#running.recheck(holds).catch(() => {})
  }

  async #byKey(secret: string, request: FastifyRequest): Promise<Caller> {
    const hash = hashOf(secret)
    const found = usable(await this.#store.keys.find(hash))
    if (found === null) throw new ApiError('invalid_api_key', `Incorrect API key provided: ${masked(secret)}.`)
    const { key, memberships } = found
    if (!addressAllowed(request.ip, key.addresses))
      throw new ApiError('insufficient_permissions', 'This key may not be used from this address.')
    const { organisation, project, person } = key
    if (key.used === null || key.used < Date.now() - 60_000)
      this.#aside(this.#store.keys.touch(organisation, key.id), 'Noting the use of a key')
    return {
      organisation,
      project,
      person,
      key: key.id,
      owner: found.owner ?? (await this.#store.organisations.owner(organisation, project, person)),
      by: 'key',
      memberships,
      scopes: key.scopes.includes('all') ? null : key.scopes,
      models: key.models,
      credential: `key:${hash}`,
    }
  }

  async #bySession(secret: string, request: FastifyRequest): Promise<Caller> {
    const { host, origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (!reading && !sentByOwnPage({ host, origin, secFetchSite: Array.isArray(site) ? site.join() : site }))
      throw new ApiError('origin_not_allowed', 'another site, or by no page at all,')
    const hash = hashOf(secret)
    const signedIn = await this.#store.accounts.bySession(hash)
    if (signedIn === null) throw new ApiError('session_ended')
    this.#touch(signedIn)
    const { person, session, memberships } = signedIn
    const there = await place(this.#store, person.id, memberships, request.headers)
    return {
      ...there,
      person: person.id,
      key: '',
      by: 'session',
      memberships,
      scopes: null,
      models: null,
      credential: `session:${hash}`,
      session: session.id,
    }
  }

  #touch({ session, person }: SignedIn): void {
    if (session.seen < Date.now() - 60_000)
      this.#aside(this.#store.accounts.touchSession(person.id, session.id), 'Noting the use of a session')
  }

  #aside(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => this.#log(`${what} failed: ${error instanceof Error ? error.message : error}`))
  }
}

/** A person's key ends with the person's place in its project. */
function usable(found: Found | null): Found | null {
  if (found === null || found.key.person === '') return found
  const { project } = found.key
  return found.memberships.some((one) => one.project === '' || one.project === project) ? found : null
}

/** Enough of a key to find the wrong one in one's settings. */
const masked = (secret: string) => (secret.length < 20 ? '***' : `${secret.slice(0, 6)}***${secret.slice(-4)}`)
