import { describe, expect, it } from 'vitest'
import { belongs, type Claims, covers, decide, firstOrganisation, mayGrant, type Role, rolesIn } from './access.ts'
import { addressAllowed, parseRange } from './address-range.ts'
import { readCredential, sessionCookie } from './credentials.ts'
import { widerIn } from './grants.ts'
import { sentByOwnPage } from './origin.ts'

const claims = (role: Role | null, more: Partial<Claims> = {}): Claims => ({
  organisation: 'org',
  project: 'p',
  person: 'user',
  by: 'session',
  memberships: role === null ? [] : [{ organisation: 'org', project: '', role }],
  scopes: null,
  ...more,
})

describe('decisions', () => {
  const audiences = ['anyone', 'known', 'person', 'worker', 'steward', 'inspector', 'manager', 'operator'] as const
  it.each([
    ['owner', 'anyone known person worker steward inspector manager'],
    ['admin', 'anyone known person worker steward inspector manager'],
    ['member', 'anyone known person worker'],
    ['auditor', 'anyone known person inspector'],
    [null, 'anyone known person'],
  ] as const)('%s is of %s', (role, allowed) => {
    const may = audiences.filter((who) => decide({ who, scope: null }, claims(role)) === 'allowed')
    expect(may.join(' ')).toBe(allowed)
  })

  it('allow nothing without a rule, and little without a credential', () => {
    const local = claims(null, { by: 'local' })
    expect(decide(undefined, local)).toBe('role')
    expect(decide({ who: 'operator', scope: 'organization.write' }, local)).toBe('allowed')
    expect(decide({ who: 'person', scope: null }, local)).toBe('session')
    const nobody = claims('owner', { by: 'nobody' })
    for (const who of audiences)
      expect(decide({ who, scope: null }, nobody)).toBe(who === 'anyone' ? 'allowed' : 'sign_in')
  })

  it('hold keys to their scopes and their project', () => {
    const key = claims('owner', { by: 'key', scopes: ['read'] })
    expect(decide({ who: 'worker', scope: 'models.read' }, key)).toBe('allowed')
    expect(decide({ who: 'worker', scope: 'models.use' }, key)).toBe('scope')
    expect(decide({ who: 'manager', scope: null }, key)).toBe('role')
    expect(belongs(key, 'worker', 'q')).toBe(false)
    expect(rolesIn(claims(null, { by: 'key', person: '' }), 'p')).toEqual(['member'])
    expect(rolesIn(claims(null, { by: 'key', person: '', project: '' }), 'p')).toEqual(['admin'])
  })

  it('know who runs the installation, and what a role in one project is', () => {
    const memberships = [{ organisation: firstOrganisation, project: '', role: 'admin' }] as const
    expect(belongs(claims(null, { organisation: firstOrganisation, memberships }), 'operator')).toBe(true)
    expect(belongs(claims('owner'), 'operator')).toBe(false)
    const one = claims(null, { memberships: [{ organisation: 'org', project: 'p', role: 'admin' }] })
    expect([belongs(one, 'steward'), belongs(one, 'steward', 'q'), belongs(one, 'manager')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('let nobody hand out more than they have', () => {
    expect([mayGrant(['admin'], 'owner'), mayGrant(['admin'], 'admin'), mayGrant(['owner'], 'owner')]).toEqual([
      false,
      true,
      true,
    ])
    expect([mayGrant(['member'], 'member'), mayGrant(['auditor'], 'auditor')]).toEqual([false, false])
    expect([covers(['read'], 'files.read'), covers(['read'], 'all'), covers([], 'files.read')]).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('credentials', () => {
  it.each([
    [['Authorization', 'Bearer abc'], { kind: 'key', secret: 'abc' }],
    [['authorization', 'bearer  abc'], { kind: 'key', secret: 'abc' }],
    [['X-API-Key', 'abc'], { kind: 'key', secret: 'abc' }],
    [['cookie', `a=b; ${sessionCookie}=s`, 'x-api-key', 'abc'], { kind: 'key', secret: 'abc' }],
    [['cookie', `a=b; ${sessionCookie}=s`], { kind: 'session', secret: 's' }],
    [['cookie', `x${sessionCookie}=s`], { kind: 'none' }],
    [[], { kind: 'none' }],
  ])('%j is %j', (headers, credential) => expect(readCredential(headers)).toEqual(credential))

  it.each([
    [['authorization', 'Bearer a', 'authorization', 'Bearer b']],
    [['authorization', 'Bearer a', 'x-api-key', 'b']],
    [['authorization', 'Basic YTpi']],
    [['authorization', 'Bearer']],
    [['x-api-key', '']],
    [['x-api-key', 'x'.repeat(513)]],
    [['cookie', `${sessionCookie}=a`, 'cookie', `${sessionCookie}=b`]],
  ])('%j is refused', (headers) => expect(readCredential(headers).kind).toBe('broken'))
})

it('address ranges are what they say, in both spellings', () => {
  expect(addressAllowed('10.9.8.7', ['10.0.0.0/8'])).toBe(true)
  expect(addressAllowed('::ffff:10.9.8.7', ['10.0.0.0/8'])).toBe(true)
  expect(addressAllowed('11.0.0.1', ['10.0.0.0/8', '::1'])).toBe(false)
  expect(addressAllowed('fe80::1%eth0', ['fe80::/10'])).toBe(true)
  expect(addressAllowed('nonsense', ['0.0.0.0/0', '::/0'])).toBe(false)
  expect(['10.0.0.0/33', '::/129', '10.0.0', 'a', '1.2.3.4/x'].map(parseRange)).toEqual([null, null, null, null, null])
})

it('a child that reaches further is named by where', () => {
  const parent = {
    organisation: 'o',
    project: 'p',
    person: 'u',
    scopes: ['read'],
    models: ['m'],
    addresses: ['10.0.0.0/8'],
    expires: 5,
  }
  expect(widerIn(parent, parent)).toBeNull()
  expect(widerIn(parent, { ...parent, scopes: ['files.read'], addresses: ['10.1.0.0/16'], expires: 4 })).toBeNull()
  for (const wider of [
    { organisation: 'q' },
    { project: '' },
    { scopes: null },
    { scopes: ['all'] },
    { models: null },
    { addresses: ['0.0.0.0/0'] },
    { expires: null },
  ])
    expect(widerIn(parent, { ...parent, ...wider })).toBe(Object.keys(wider)[0])
})

it('a cookie changes something only for a page of this server', () => {
  const host = 'localhost:1'
  const none = { host, origin: undefined, secFetchSite: undefined }
  expect(sentByOwnPage(none)).toBe(false)
  expect(sentByOwnPage({ ...none, secFetchSite: 'none' })).toBe(false)
  expect(sentByOwnPage({ ...none, secFetchSite: 'same-origin' })).toBe(true)
  expect(sentByOwnPage({ ...none, origin: 'http://localhost:1' })).toBe(true)
  expect(sentByOwnPage({ ...none, origin: 'http://evil.example' })).toBe(false)
})
