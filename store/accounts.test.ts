import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import type { Store } from './open.ts'
import { codeOf, codesOf, type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'accounts', (stage) => {
  let store: Store
  let opened: Opened
  let ada: Someone
  let bob: Someone
  let now = 1_000_000
  const hour = 3_600_000
  beforeAll(async () => {
    opened = await stage.fresh(() => now)
    store = opened.store
    ada = await someone(store, 'ada')
    bob = await someone(store, 'bob')
  })

  test('have one address each, whatever its case', async () => {
    expect(await codeOf(store.accounts.create({ email: 'ADA@example.org ', name: 'again' }))).toBe('conflict')
    expect(await codeOf(store.accounts.create({ email: 'nobody', name: '' }))).toBe('invalid')
    expect((await store.accounts.byEmail('Ada@Example.org'))?.id).toBe(ada.person)
    expect(await store.accounts.byEmail('eve@example.org')).toBeNull()
    expect(await store.accounts.count()).toBe(2)
  })

  test('are signed in by a session until it expires, is ended, or the person is disabled', async () => {
    const start = (hash: string) =>
      store.accounts.startSession(ada.person, { hash, agent: 'Firefox', address: '::1', expires: now + hour })
    const first = await start('h1')
    await start('h2')
    const signedIn = await store.accounts.bySession('h1')
    expect(signedIn).toMatchObject({ session: { id: first.id }, person: { id: ada.person } })
    expect(signedIn?.memberships).toEqual([{ organisation: ada.organisation, project: '', role: 'owner' }])
    expect(signedIn?.person).not.toHaveProperty('password')
    expect(await codeOf(store.accounts.endSession(bob.person, first.id))).toBe('absent')
    await store.accounts.endSession(ada.person, first.id)
    expect(await store.accounts.bySession('h1')).toBeNull()
    expect((await store.accounts.sessions(ada.person)).map(({ agent }) => agent)).toEqual(['Firefox'])
    now += hour
    expect(await store.accounts.bySession('h2')).toBeNull()
    await start('h3')
    await store.accounts.update(ada.person, { disabled: true })
    expect(await store.accounts.bySession('h3')).toBeNull()
    await store.accounts.update(ada.person, { disabled: false })
    expect(await store.accounts.bySession('h3')).toBeNull()
  })

  test('are found by their account at another provider, and only one person has it', async () => {
    await store.accounts.link(ada.person, 'https://id.example', 's1')
    await store.accounts.link(ada.person, 'https://id.example', 's1')
    expect(await codeOf(store.accounts.link(bob.person, 'https://id.example', 's1'))).toBe('conflict')
    expect((await store.accounts.byIdentity('https://id.example', 's1'))?.id).toBe(ada.person)
    expect(await store.accounts.byIdentity('https://other.example', 's1')).toBeNull()
  })

  test('join by an invitation, once and in time', async () => {
    const { id } = await store.accounts.create({ email: 'new@example.org', name: 'new' })
    const invite = { email: 'new@example.org', project: ada.project, role: 'member', inviter: ada.person } as const
    await store.organisations.invite(ada.organisation, { ...invite, hash: 'i1', expires: now + hour })
    await store.organisations.invite(ada.organisation, { ...invite, hash: 'i2', expires: now - 1 })
    expect(await codeOf(store.organisations.acceptInvitation('i2', id))).toBe('conflict')
    expect(await store.organisations.acceptInvitation('i1', id)).toEqual({
      organisation: ada.organisation,
      project: ada.project,
      role: 'member',
    })
    expect(await codeOf(store.organisations.acceptInvitation('i1', id))).toBe('conflict')
    expect((await store.organisations.members(ada.organisation)).map(({ email, role }) => [email, role])).toEqual([
      ['ada@example.org', 'owner'],
      ['new@example.org', 'member'],
    ])
    const all = await store.organisations.invitations(ada.organisation)
    const used = all.find(({ accepted }) => accepted !== null)!
    expect(used.accepted).toBe(now)
    expect(used).not.toHaveProperty('hash')
    expect(await codeOf(store.organisations.withdrawInvitation(bob.organisation, used.id))).toBe('absent')
  })

  test('own the same name again for the same project, and everything under it can be erased', async () => {
    expect(await store.organisations.owner(ada.organisation, ada.project, ada.person)).toBe(ada.owner)
    expect(await codeOf(store.organisations.owner(ada.organisation, bob.project, ada.person))).toBe('absent')
    const { id } = await store.conversations.create(ada.owner)
    expect(await store.organisations.erase(bob.organisation, ada.owner)).toBe(false)
    expect((await store.conversations.get(ada.owner, id)).id).toBe(id)
    expect(await store.organisations.erase(ada.organisation, ada.owner)).toBe(true)
    expect(await codeOf(store.conversations.get(ada.owner, id))).toBe('absent')
    expect(await codeOf(store.conversations.create(ada.owner))).toBe('absent')
  })

  test('are given what was kept in a project while nobody signed in, once', async () => {
    const { organisation, project, person } = await someone(store, 'ida')
    const before = await store.organisations.owner(organisation, project, '')
    const { id } = await store.conversations.create(before)
    const { id: late } = await store.accounts.create({ email: 'late@example.org', name: 'late' })
    expect(await store.organisations.ownerThere(organisation, project, late)).toBeNull()
    expect(await store.organisations.handOver(bob.organisation, project, late)).toBe(false)
    // Whoever has things there already keeps those, and nothing is mixed.
    expect(await store.organisations.handOver(organisation, project, person)).toBe(false)
    expect(await store.organisations.handOver(organisation, project, late)).toBe(true)
    expect(await store.organisations.ownerThere(organisation, project, late)).toBe(before)
    expect((await store.conversations.get(before, id)).id).toBe(id)
    expect(await store.organisations.handOver(organisation, project, late)).toBe(false)
    const key = { project, person: late, name: '', prefix: '', scopes: [], hash: 'k-owner' }
    await store.keys.create(organisation, key)
    expect((await store.keys.find('k-owner'))?.owner).toBe(before)
  })

  test('see by an open invitation’s secret whom it is for', async () => {
    const invite = { email: 'i@example.org', project: '', role: 'member', inviter: '' } as const
    const { id } = await store.organisations.invite(ada.organisation, { ...invite, hash: 'open', expires: now + hour })
    await store.organisations.invite(ada.organisation, { ...invite, hash: 'over', expires: now })
    expect(await store.organisations.invitationBySecret('open')).toMatchObject({ id, organisation: ada.organisation })
    expect(await store.organisations.invitationBySecret('over')).toBeNull()
    await store.organisations.withdrawInvitation(ada.organisation, id)
    expect(await store.organisations.invitationBySecret('open')).toBeNull()
  })

  test('hold keys, of which only the hash is kept, and which stop at once', async () => {
    const given = { project: ada.project, person: ada.person, name: 'ci', prefix: 'dl-abcd', scopes: ['chat'] }
    const key = await store.keys.create(ada.organisation, {
      ...given,
      hash: 'k1',
      models: ['small'],
      expires: now + hour,
    })
    expect(key).not.toHaveProperty('hash')
    const found = async () => (await store.keys.find('k1'))?.key
    expect(await found()).toEqual(key)
    expect(await codeOf(store.keys.create(ada.organisation, { ...given, hash: 'k1' }))).toBe('conflict')
    expect(await codeOf(store.keys.create(bob.organisation, { ...given, hash: 'k2' }))).toBe('absent')
    expect(await codeOf(store.keys.revoke(bob.organisation, key.id))).toBe('absent')
    expect(await store.keys.list(bob.organisation)).toEqual([])
    await store.keys.touch(ada.organisation, key.id)
    expect((await found())?.used).toBe(now)
    // Nobody is shut out who is the only owner of an organisation of others.
    await store.organisations.setMember(ada.organisation, bob.person, '', 'owner')
    const stops: [() => Promise<unknown>, () => Promise<unknown>][] = [
      [
        () => store.accounts.update(ada.person, { disabled: true }),
        () => store.accounts.update(ada.person, { disabled: false }),
      ],
      [
        () => store.organisations.updateProject(ada.organisation, ada.project, { archived: true }),
        () => store.organisations.updateProject(ada.organisation, ada.project, { archived: false }),
      ],
      [
        () => store.organisations.update(ada.organisation, { disabled: true }),
        () => store.organisations.update(ada.organisation, { disabled: false }),
      ],
    ]
    for (const [stop, resume] of stops) {
      await stop()
      expect(await found()).toBeUndefined()
      await resume()
      expect((await found())?.id).toBe(key.id)
    }
    await store.keys.revoke(ada.organisation, key.id)
    expect(await found()).toBeUndefined()
    now += hour
    expect((await store.keys.get(ada.organisation, key.id)).revoked).toBe(now - hour)
  })

  test('deleted, take their sessions, keys, roles and things with them; a deleted organisation leaves its audit', async () => {
    const eve = await someone(store, 'eve')
    await store.conversations.create(eve.owner)
    const key = { project: eve.project, person: eve.person, name: '', prefix: '', scopes: [], hash: 'k9' }
    await store.keys.create(eve.organisation, key)
    await store.accounts.delete(eve.person)
    expect(await store.keys.find('k9')).toBeNull()
    expect(await store.organisations.members(eve.organisation)).toEqual([])
    expect(await codeOf(store.conversations.create(eve.owner))).toBe('absent')
    await store.audit.append(eve.organisation, {
      actor: 'ada',
      action: 'organisation.deleted',
      target: eve.organisation,
    })
    await store.organisations.delete(eve.organisation)
    expect(await codeOf(store.organisations.get(eve.organisation))).toBe('absent')
    expect((await store.audit.list(eve.organisation)).data).toHaveLength(1)
  })

  test('never leave an organisation of others without an owner, however many try at once', async () => {
    const beside = await opened.beside()
    const nodes = [store, beside]
    const ways: [name: string, (at: Store, org: string, other: string) => Promise<unknown>][] = [
      ['remove', (at, org, other) => at.organisations.removeMember(org, other, '')],
      ['demote', (at, org, other) => at.organisations.setMember(org, other, '', 'member')],
      ['disable', (at, _, other) => at.accounts.update(other, { disabled: true })],
      [
        'erase',
        (at, org, other) => at.together([at.plan.organisations.keepOwner(org, other), at.plan.accounts.delete(other)]),
      ],
    ]
    for (const [name, way] of ways)
      for (let round = 0; round < 4; round++) {
        const one = await someone(store, `${name}-${round}`)
        const { id } = await store.accounts.create({ email: `other-${name}-${round}@example.org`, name: 'other' })
        await store.organisations.setMember(one.organisation, id, '', 'owner')
        await store.organisations.setMember(one.organisation, ada.person, one.project, 'member')
        const codes = await codesOf([way(nodes[0], one.organisation, id), way(nodes[1], one.organisation, one.person)])
        expect(codes.toSorted(), name).toEqual(['conflict', null])
        const rows = (await store.organisations.members(one.organisation)).filter(({ role }) => role === 'owner')
        const owners = await Promise.all(rows.map(({ person }) => store.accounts.get(person)))
        expect(owners.filter(({ disabled }) => disabled === null)).toHaveLength(1)
      }
  })

  test('that own an organisation alone can go, and leave its members nobody to ask only where there are none', async () => {
    const alone = await someone(store, 'alone')
    expect(await codeOf(store.organisations.removeMember(alone.organisation, alone.person, ''))).toBe('conflict')
    expect(await codeOf(store.organisations.keepOwner(alone.organisation, alone.person))).toBe('conflict')
    await store.organisations.setMember(alone.organisation, bob.person, alone.project, 'member')
    expect(await codeOf(store.accounts.delete(alone.person))).toBe('conflict')
    expect(await codeOf(store.accounts.update(alone.person, { disabled: true }))).toBe('conflict')
    await store.organisations.removeMember(alone.organisation, bob.person, alone.project)
    expect(await codeOf(store.accounts.delete(alone.person))).toBeNull()
  })
})
