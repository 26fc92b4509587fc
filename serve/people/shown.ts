import { z } from 'zod'
import type { Caller } from '#serve/caller'
import { seconds } from '#serve/seconds'
import type { Person } from '#store/accounts'
import type { NewAuditEntry } from '#store/audit'
import type { Key } from '#store/keys'
import type { Invitation, Member, Membership, Organisation, Project } from '#store/organisations'

/** Rows of the store as they are said over HTTP. */

export { failures } from '#wire/error-body'

/** A reply without a body. */
export const nothing = z.undefined().describe('Done.')

const maybe = (ms: number | null) => (ms === null ? null : seconds(ms))
const orNull = (id: string) => (id === '' ? null : id)

/** For the audit: who did it. */
export const actorOf = ({ person, key }: Caller): string => person || key || 'local'
export const actOf = (caller: Caller, action: string, target: string, detail: object = {}): NewAuditEntry => ({
  actor: actorOf(caller),
  action,
  target,
  detail,
})

export const list = <T>(data: T[]) => ({ object: 'list' as const, data })

export const shownPerson = ({ id, email, name, created }: Omit<Person, 'password' | 'totp'>) => ({
  id,
  email,
  name,
  created_at: seconds(created),
})

export const shownMembership = ({ organisation, project, role }: Membership) => ({
  organization_id: organisation,
  project_id: orNull(project),
  role,
})

export const shownKey = (key: Key) => ({
  id: key.id,
  object: 'api_key' as const,
  name: key.name,
  prefix: key.prefix,
  project_id: orNull(key.project),
  person_id: orNull(key.person),
  scopes: key.scopes,
  models: key.models,
  addresses: key.addresses,
  created_at: seconds(key.created),
  expires_at: maybe(key.expires),
  last_used_at: maybe(key.used),
  revoked_at: maybe(key.revoked),
})

export const shownProject = ({ id, name, created, archived }: Project) => ({
  id,
  object: 'project' as const,
  name,
  created_at: seconds(created),
  archived_at: maybe(archived),
})

export const shownOrganization = ({ id, name, created, disabled }: Organisation) => ({
  id,
  object: 'organization' as const,
  name,
  created_at: seconds(created),
  disabled_at: maybe(disabled),
})

export const shownMember = ({ person, email, name, project, role, created }: Member) => ({
  object: 'member' as const,
  person_id: person,
  email,
  name,
  project_id: orNull(project),
  role,
  created_at: seconds(created),
})

export const shownInvitation = ({ id, email, project, role, created, expires, accepted }: Invitation) => ({
  id,
  object: 'invitation' as const,
  email,
  project_id: orNull(project),
  role: role as Membership['role'],
  created_at: seconds(created),
  expires_at: seconds(expires),
  accepted_at: maybe(accepted),
})
