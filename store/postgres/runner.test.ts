import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, type Store } from '../open.ts'
import { findPostgres, howToInstall, startPostgres, type TestPostgres } from '../test-postgres.ts'
import { codeOf, codesOf, type Someone, someone } from '../testing/stage.ts'

const bin = findPostgres()
if (bin === null) console.warn(howToInstall)

describe.skipIf(bin === null)('a store on PostgreSQL', () => {
  let server: TestPostgres
  let store: Store
  let ada: Someone
  const folder = mkdtempSync(join(tmpdir(), 'dotline-runner-'))
  beforeAll(async () => {
    server = await startPostgres(bin ?? '')
    store = await openStore({ folder, url: await server.database() })
    ada = await someone(store, 'ada')
  })
  afterAll(async () => {
    await store.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('uses a connection again after a failure as if nothing had been', async () => {
    const bob = await someone(store, 'bob')
    const mixed = Array.from({ length: 60 }, (_, at) => {
      const owner = at % 2 ? ada.owner : bob.owner
      return at % 3 === 0
        ? store.together([
            store.plan.conversations.create(owner, { title: 'rolled back' }),
            store.plan.conversations.get(owner, 'conv_none'),
          ])
        : store.conversations.create(owner, { title: owner })
    })
    const codes = await codesOf(mixed)
    expect(codes.filter((code) => code === 'absent')).toHaveLength(20)
    for (const { owner } of [ada, bob]) {
      const { data } = await store.conversations.list(owner, { limit: 100 })
      expect(new Set(data.map(({ title }) => title))).toEqual(new Set([owner]))
      expect(data).toHaveLength(20)
    }
  })

  test('says that the database is away, keeps what was acknowledged, and returns by itself', async () => {
    const acknowledged: string[] = []
    let going = true
    const writers = Array.from({ length: 8 }, async () => {
      const codes = new Set<string>()
      while (going) {
        const made = store.conversations.create(ada.owner, { archived: true })
        const code = await codeOf(made)
        if (code) codes.add(code)
        else acknowledged.push((await made).id)
      }
      return codes
    })
    await wait(300)
    await server.crash()
    await wait(300)
    going = false
    for (const codes of await Promise.all(writers))
      expect([...codes].every((code) => code === 'unavailable')).toBe(true)
    expect(acknowledged.length).toBeGreaterThan(8)
    for (const id of acknowledged) expect(await codeOf(store.conversations.get(ada.owner, id))).toBeNull()
    expect(await codeOf(store.conversations.create(ada.owner))).toBeNull()
  })

  test('has whole numbers beyond 32 bits as numbers', async () => {
    const big = 2 ** 52
    await store.limits.set(ada.organisation, { subject: 's', metric: 'm', period: 'day', maximum: big })
    expect(await store.limits.list(ada.organisation)).toMatchObject([{ maximum: big }])
  })
})
