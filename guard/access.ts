/**
 * Who may use which address: decisions over tables, with no request in sight. What no table allows is refused. The
 * addresses themselves stand in `guard/routes`, what a key may hand on in `guard/grants`.
 */

export const roles = ['owner', 'admin', 'member', 'auditor'] as const
export type Role = (typeof roles)[number]

/** What a key can be held to. `all`: whatever its holder may; `read`: all that only reads. */
export const scopes = [
  'all',
  'read',
  'models.read',
  'models.use',
  'conversations.read',
  'conversations.write',
  'responses.read',
  'responses.write',
  'files.read',
  'files.write',
  'batches.read',
  'batches.write',
  'keys.read',
  'keys.write',
  'organization.read',
  'organization.write',
  'usage.read',
  'audit.read',
  'metrics.read',
] as const
export type Scope = (typeof scopes)[number]

/** By whom an address may be used. */
export type Audience =
  /** Without any credential. */
  | 'anyone'
  /** Whoever has a credential, of whatever kind. */
  | 'known'
  /** A person in their own account: signed in, and never by a key. */
  | 'person'
  | keyof typeof audiences

/** Which roles make an audience, and where one must have them. */
const audiences = {
  /** Works in the project: with models, and with things of their own. */
  worker: { roles: ['owner', 'admin', 'member'], where: 'project' },
  /** Looks after the project, or the organisation that it is in. What exactly is asked for, the route judges. */
  steward: { roles: ['owner', 'admin'], where: 'project' },
  /** May look at the organisation: its members, its figures, its bill. */
  inspector: { roles: ['owner', 'admin', 'auditor'], where: 'organisation' },
  /** Manages the organisation. */
  manager: { roles: ['owner', 'admin'], where: 'organisation' },
  /** Runs this installation: manages the organisation that was here first. */
  operator: { roles: ['owner', 'admin'], where: 'installation' },
} as const satisfies Record<string, { roles: readonly Role[]; where: 'project' | 'organisation' | 'installation' }>

/** The organisation of whoever runs the machine. */
export const firstOrganisation = 'org-local'

export interface Rule {
  who: Audience
  /** What a key must have been given; null: any key will do. */
  scope: Scope | null
}

/** What is known of who asks, as far as decisions need it. */
export interface Claims {
  organisation: string
  /** Empty for a key of the whole organisation. */
  project: string
  /** Empty for a key that belongs to no person. */
  person: string
  by: 'local' | 'session' | 'key' | 'nobody'
  memberships: readonly { organisation: string; project: string; role: Role }[]
  /** Of a key; null: no bounds. */
  scopes: readonly string[] | null
}

/** `sign_in`: no credential; `session`: it takes a signed-in person; `scope`, `role`: known, but not allowed to. */
export type Decision = 'allowed' | 'sign_in' | 'session' | 'scope' | 'role'

/** Whether somebody may use an address. No rule, no use. */
export function decide(rule: Rule | undefined, claims: Claims): Decision {
  if (rule?.who === 'anyone') return 'allowed'
  if (claims.by === 'nobody') return 'sign_in'
  if (rule === undefined) return 'role'
  if (rule.who === 'person') return claims.by === 'session' ? 'allowed' : 'session'
  if (rule.who !== 'known' && !belongs(claims, rule.who)) return 'role'
  return rule.scope === null || covers(claims.scopes, rule.scope) ? 'allowed' : 'scope'
}

/** Whether somebody is of an audience, for a project of their organisation that is named or for their own. */
export function belongs(claims: Claims, audience: keyof typeof audiences, project = claims.project): boolean {
  const { roles: wanted, where } = audiences[audience]
  if (where === 'installation' && claims.organisation !== firstOrganisation && claims.by !== 'local') return false
  const held = rolesIn(claims, where === 'project' ? project : '')
  return held.some((role) => (wanted as readonly Role[]).includes(role))
}

/** The roles that hold in a project, or in the whole organisation where the project is empty. */
export function rolesIn({ by, organisation, project: own, person, memberships }: Claims, project: string): Role[] {
  if (by === 'nobody') return []
  if (by === 'local') return ['owner']
  // A key of one project reaches nothing beside it, whoever's it is.
  if (by === 'key' && own !== '' && own !== project) return []
  if (by === 'key' && person === '') return [own === '' ? 'admin' : 'member']
  return memberships
    .filter((one) => one.organisation === organisation && (one.project === '' || one.project === project))
    .map(({ role }) => role)
}

/** Whether scopes that are held (null: no bounds) reach to one that is needed. */
export function covers(held: readonly string[] | null, needed: string): boolean {
  if (held === null || held.includes('all') || held.includes(needed)) return true
  return needed.endsWith('.read') && held.includes('read')
}

/** Whether somebody with these roles may give, change or take away a role: nobody hands out more than they have. */
export function mayGrant(held: readonly Role[], role: Role): boolean {
  return held.includes('owner') || (held.includes('admin') && role !== 'owner')
}
