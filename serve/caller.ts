import type { FastifyRequest } from 'fastify'
import type { Membership } from '#store/organisations'

/** Whose request it is, and all that a decision about it needs. Found out once, before any route runs. */
export interface Caller {
  organisation: string
  project: string
  /** Empty for a project's own key, and where nobody has to sign in. */
  person: string
  /** The key's id; empty without one. */
  key: string
  /** The name under which the store keeps what belongs to the caller; every query names it. */
  owner: string
  /** By which credential: none was asked for on this machine, a signed-in browser's cookie, a key, or none at all. */
  by: 'local' | 'session' | 'key' | 'nobody'
  memberships: readonly Membership[]
  /** Of a key; null: all that its person may. */
  scopes: readonly string[] | null
  /** Models that a key is held to; null: all. */
  models: readonly string[] | null
  /** Of a session, its id. */
  session?: string
  /** The credential's kind and its hash: whether it still holds is looked at while the request runs. */
  credential?: string
}

/** Reads a request's credentials. @throws ApiError where they are missing, false or not valid any more */
export type Identify = (request: FastifyRequest) => Promise<Caller>

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any route runs. */
    caller: Caller
  }
}

/** Who asks a server that keeps nothing: an engine alone behind HTTP. */
export const nobody: Caller = {
  organisation: '',
  project: '',
  person: '',
  key: '',
  owner: '',
  by: 'local',
  memberships: [],
  scopes: null,
  models: null,
}

/** Who asks for what anyone may have, and was not looked at any closer. */
export const anonymous: Caller = { ...nobody, by: 'nobody' }
