import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import { type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'the audit log', (stage) => {
  let opened: Opened
  let ada: Someone
  let bob: Someone
  let now = 1000
  beforeAll(async () => {
    opened = await stage.fresh(() => now++)
    ada = await someone(opened.store, 'ada')
    bob = await someone(opened.store, 'bob')
  })
  const note = (at: number, organisation = ada.organisation) =>
    opened.store.audit.append(organisation, {
      actor: 'ada',
      action: 'key.created',
      target: `key_${at}`,
      detail: { at },
    })

  /** Does to the database what only somebody with the file in hand can do. */
  async function tamper(statement: string): Promise<void> {
    if (opened.url === undefined) {
      const database = new DatabaseSync(join(opened.folder, 'dotline.sqlite'))
      database.exec(`drop trigger if exists audit_unchanged; drop trigger if exists audit_kept; ${statement}`)
      database.close()
      return
    }
    const client = new pg.Client(opened.url)
    await client.connect()
    await client.query(`alter table audit disable trigger user; ${statement}`)
    await client.end()
  }

  test('is one chain an organisation, however many write at once on two nodes', async () => {
    const beside = await opened.beside()
    await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        (at % 2 ? beside : opened.store).audit.append(at % 3 ? ada.organisation : bob.organisation, {
          actor: 'ada',
          action: 'x',
          target: `${at}`,
        }),
      ),
    )
    expect(await opened.store.audit.verify()).toEqual([])
    const { data } = await opened.store.audit.list(ada.organisation, { limit: 100 })
    expect(data.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, at) => 40 - at))
    expect((await opened.store.audit.list(bob.organisation, { limit: 100 })).data).toHaveLength(20)
  })

  test('is read back page by page, filtered', async () => {
    await note(1)
    const page = await opened.store.audit.list(ada.organisation, { action: 'key.created', limit: 1 })
    expect(page.data).toMatchObject([{ actor: 'ada', target: 'key_1', detail: { at: 1 } }])
    const all: number[] = []
    for (let after: string | undefined; ; ) {
      const next = await opened.store.audit.list(ada.organisation, { limit: 7, after })
      all.push(...next.data.map(({ seq }) => seq))
      if (next.next === null) break
      after = next.next
    }
    expect(all).toEqual(Array.from({ length: 41 }, (_, at) => 41 - at))
  })

  test('cannot be changed by a statement', async () => {
    const change = async (statement: string) => {
      if (opened.url === undefined) {
        const database = new DatabaseSync(join(opened.folder, 'dotline.sqlite'))
        try {
          database.exec(statement)
        } finally {
          database.close()
        }
      } else {
        const client = new pg.Client(opened.url)
        await client.connect()
        await client.query(statement).finally(() => client.end())
      }
    }
    for (const statement of [`update audit set actor = 'eve'`, 'delete from audit']) {
      await expect(change(statement)).rejects.toThrow(/append-only/)
    }
  })

  test.each([
    ['one character of an actor', `update audit set actor = 'adb' where seq = 3 and target = '4'`, 3],
    ['a time by one millisecond', `update audit set at = at + 1 where seq = 5`, 5],
    ['a hash', `update audit set hash = replace(hash, substr(hash, 1, 1), 'x') where seq = 7`, 7],
    ['an entry that is gone', 'delete from audit where seq = 9', 9],
    ['the newest entry that is gone', 'delete from audit where seq > 40', 41],
    ['all entries that are gone', 'delete from audit', 1],
  ])('shows %s', async (_, statement, seq) => {
    const kept = opened
    try {
      opened = await stage.fresh(() => now++)
      ada = await someone(opened.store, 'ada')
      for (let at = 1; at <= 41; at++) await note(at)
      expect(await opened.store.audit.verify()).toEqual([])
      await tamper(statement.replace("'4'", `'key_3'`))
      expect(await opened.store.audit.verify()).toMatchObject([{ organisation: ada.organisation, seq }])
    } finally {
      opened = kept
    }
  })
})
