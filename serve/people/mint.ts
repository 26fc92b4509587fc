import { belongs, scopes as known, rolesIn } from '#guard/access'
import { parseRange } from '#guard/address-range'
import { type Grant, widerIn } from '#guard/grants'
import type { Caller } from '#serve/caller'
import { newKeySecret } from '#serve/secrets'
import type { Key } from '#store/keys'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import type { NewKeyBody } from '#wire/organization'

export interface Wish {
  name: string
  /** Empty: the whole organisation. */
  project: string
  /** Empty: a key of the project, not of a person. */
  person: string
  scopes: string[]
  models: string[] | null
  addresses: string[] | null
  expires: number | null
}

/** What a request for a key asks for, given who asks. */
export function wishOf(caller: Caller, body: NewKeyBody): Wish {
  return {
    name: body.name,
    project: body.project_id === null ? '' : (body.project_id ?? caller.project),
    person: body.service === true ? '' : caller.person,
    scopes: [...(body.scopes ?? caller.scopes ?? ['all'])],
    models: body.models ?? (caller.models && [...caller.models]),
    addresses: body.addresses ?? null,
    expires: body.expires_at == null ? null : body.expires_at * 1000,
  }
}

/**
 * Makes a key, whose secret is in this answer and nowhere else. A key that makes another hands on what it has itself,
 * and what the wish leaves open is as narrow as it is. @throws ApiError
 */
export async function mint(store: Store, caller: Caller, wish: Wish): Promise<{ key: Key; secret: string }> {
  const parent = await grantOf(store, caller)
  const child: Wish = {
    ...wish,
    addresses: wish.addresses ?? (parent.addresses && [...parent.addresses]),
    expires: wish.expires ?? parent.expires,
  }
  judgeWish(caller, parent, child)
  const { secret, hash, shown } = newKeySecret()
  const key = await store.keys.create(caller.organisation, { ...child, hash, prefix: shown })
  return { key, secret }
}

/** What whoever asks can hand on. */
async function grantOf(store: Store, caller: Caller): Promise<Grant> {
  const { organisation, person, scopes, models } = caller
  const open = { organisation, project: '', person, scopes, models, addresses: null, expires: null }
  if (caller.by !== 'key') return open
  const { project, addresses, expires } = await store.keys.get(organisation, caller.key)
  return { ...open, project, addresses, expires }
}

export function judgeWish(caller: Caller, parent: Grant, wish: Wish): void {
  const wrong = wish.scopes.find((scope) => !known.some((each) => each === scope))
  if (wrong !== undefined) throw unfit('scopes', `there is no scope ${JSON.stringify(wrong)}: ${known.join(', ')}`)
  const range = wish.addresses?.find((text) => parseRange(text) === null)
  if (range !== undefined) throw unfit('addresses', `${JSON.stringify(range)} is no range, such as 10.0.0.0/8`)
  if (wish.expires !== null && wish.expires <= Date.now()) throw unfit('expires_at', 'lies in the past')
  const child: Grant = { ...wish, organisation: caller.organisation }
  const wider = widerIn(parent, child)
  if (wider !== null) throw forbidden(`The new key would be wider than what makes it, in: ${wider}.`, wider)
  const role = wish.person === '' ? belongs(caller, 'steward', wish.project) : rolesIn(caller, wish.project).length > 0
  if (!role)
    throw forbidden('Your role does not reach to a key of this project, or of the whole organization.', 'project')
}

const fields: Readonly<Record<string, string>> = { project: 'project_id', expires: 'expires_at' }

const forbidden = (text: string, field: string) =>
  new ApiError('insufficient_permissions', text, fields[field] ?? field)

const unfit = (field: string, problem: string) =>
  new ApiError('invalid_value', `Invalid '${field}': ${problem}.`, field)
