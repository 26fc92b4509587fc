import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Reply, Request } from '../ground/message.ts'
import { waitingMost } from '../ground/runner.ts'
import { openStore, type Store } from '../open.ts'
import { newestVersion } from '../schema/migrations.ts'
import { codeOf, someone } from '../testing/stage.ts'
import { type Connection, connect } from './connection.ts'
import { Writer } from './writer.ts'

const folders: string[] = []
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-writer-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A writer on a migrated database, of which every statement outside Kysely is seen. */
async function writerOn(folder: string) {
  await (await openStore({ folder })).close()
  const connection: Connection = connect(join(folder, 'dotline.sqlite'), 'write')
  const statements: string[] = []
  let fail: string | null = null
  const exec = connection.database.exec.bind(connection.database)
  connection.database.exec = (statement: string) => {
    statements.push(statement)
    if (statement === fail) throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 })
    exec(statement)
  }
  let arrived: (replies: Reply[]) => void = () => {}
  const writer = new Writer(connection, '', (replies) => arrived(replies))
  const run = async (calls: [string, ...unknown[]][]): Promise<Reply[]> => {
    const all: Reply[] = []
    const done = new Promise<void>((resolve) => {
      arrived = (replies) => {
        all.push(...replies)
        if (all.length === calls.length) resolve()
      }
    })
    const requests: Request[] = calls.map(([name, ...args], id) => ({ id, name, args, now: 1 }))
    for (const request of requests) writer.take([request])
    await done
    return all.toSorted((a, b) => a.id - b.id)
  }
  /** Replies to one call that wants to hear early, in their order, with the statements that stood before each. */
  const early = async (name: string, ...args: unknown[]): Promise<{ reply: Reply; after: string | undefined }[]> => {
    const heard: { reply: Reply; after: string | undefined }[] = []
    await new Promise<void>((resolve) => {
      arrived = (replies) => {
        for (const reply of replies) {
          heard.push({ reply, after: statements.at(-1) })
          if (!('decided' in reply)) resolve()
        }
      }
      writer.take([{ id: 0, name, args, now: 1, early: true }])
    })
    return heard
  }
  return { run, early, statements, failAt: (statement: string | null) => (fail = statement), connection }
}

const organisations = (count: number, name = 'o') =>
  Array.from({ length: count }, (_, at): [string, ...unknown[]] => [
    'organisations.create',
    { id: `${name}${at}`, name },
  ])

describe('group commit', () => {
  test('says early what is decided, before the commit; where that fails, the last word is the failure', async () => {
    const { early, failAt } = await writerOn(newFolder())
    const kept = await early('organisations.create', { id: 'o1', name: 'o' })
    expect(kept.map(({ reply }) => 'decided' in reply)).toEqual([true, false])
    expect(kept.map(({ after }) => after)).toEqual(['release one', 'commit'])
    failAt('commit')
    const lost = await early('organisations.create', { id: 'o2', name: 'o' })
    expect(lost.map(({ reply }) => 'fault' in reply)).toEqual([false, true])
    failAt(null)
    const refused = await early('organisations.create', { id: 'o1', name: 'o' })
    expect(refused).toHaveLength(1)
  })

  test('puts the writes of many callers into one transaction', async () => {
    const { run, statements, connection } = await writerOn(newFolder())
    const replies = await run(organisations(200))
    expect(replies.every((reply) => 'answer' in reply)).toBe(true)
    expect(statements.filter((each) => each === 'commit').length).toBeLessThanOrEqual(2)
    expect(connection.database.prepare('select count(*) as n from organisations').get()?.n).toBe(200)
  })

  test('a call that fails fails alone, whatever it had written before it failed', async () => {
    const { run, connection } = await writerOn(newFolder())
    const half = [
      { name: 'organisations.create', args: [{ id: 'half', name: '' }] },
      { name: 'organisations.get', args: ['nothing'] },
    ]
    const replies = await run([
      ...organisations(3, 'a'),
      ['together.all', half],
      ...organisations(3, 'a'),
      ...organisations(3, 'b'),
    ])
    expect(replies.map((reply) => ('fault' in reply ? reply.fault.code : 'kept'))).toEqual([
      'kept',
      'kept',
      'kept',
      'absent',
      'conflict',
      'conflict',
      'conflict',
      'kept',
      'kept',
      'kept',
    ])
    expect(connection.database.prepare(`select count(*) as n from organisations where id = 'half'`).get()?.n).toBe(0)
    expect(connection.database.prepare('select count(*) as n from organisations').get()?.n).toBe(6)
  })

  test('nobody is told that it is kept when the commit fails, and the next ones succeed', async () => {
    const { run, failAt, connection } = await writerOn(newFolder())
    failAt('commit')
    const replies = await run(organisations(5))
    expect(replies.map((reply) => ('fault' in reply ? reply.fault.code : 'kept'))).toEqual(Array(5).fill('unavailable'))
    expect(connection.database.prepare('select count(*) as n from organisations').get()?.n).toBe(0)
    failAt(null)
    expect((await run(organisations(5))).every((reply) => 'answer' in reply)).toBe(true)
  })

  test('a full disk is said as such, keeps nothing of the call, and is over when there is room again', async () => {
    const { run, connection } = await writerOn(newFolder())
    const { page_count: pages } = connection.database.prepare('pragma page_count').get() as { page_count: number }
    connection.database.prepare(`pragma max_page_count = ${pages + 4}`).get()
    const big = 'x'.repeat(50_000)
    const [reply] = await run([['organisations.create', { id: 'big', name: big }]])
    expect('fault' in reply && reply.fault.code).toBe('full')
    expect(connection.database.prepare('select count(*) as n from organisations').get()?.n).toBe(0)
    connection.database.prepare('pragma max_page_count = 1000000').get()
    const [again] = await run([['organisations.create', { id: 'big', name: big }]])
    expect('answer' in again).toBe(true)
  })
})

describe('the threads', () => {
  let store: Store
  let folder: string
  beforeEach(async () => {
    folder = newFolder()
    store = await openStore({ folder })
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await store.close()
  })

  test('read only what is committed, and everything that was acknowledged', async () => {
    const ada = await someone(store, 'ada')
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { id } = await store.conversations.create(ada.owner)
        return (await store.conversations.get(ada.owner, id)).id
      }),
    )
    expect(new Set(ids).size).toBe(50)
  })

  test('that die take the waiting calls with them, each told so, and start again by themselves', async () => {
    const ada = await someone(store, 'ada')
    const posted = vi.spyOn(Worker.prototype, 'postMessage')
    await store.conversations.create(ada.owner)
    const writer = posted.mock.contexts.at(-1) as unknown as Worker
    const calls = Array.from({ length: 20 }, () => codeOf(store.conversations.create(ada.owner)))
    await writer.terminate()
    const codes = await Promise.all(calls)
    expect(codes.filter((code) => code !== null).every((code) => code === 'unavailable')).toBe(true)
    const kept = codes.filter((code) => code === null).length
    expect((await store.conversations.list(ada.owner, { limit: 100 })).data.length).toBeGreaterThanOrEqual(kept + 1)
    expect(await codeOf(store.conversations.create(ada.owner))).toBeNull()
  })

  test('refuse what is no data without harm to the calls beside it', async () => {
    const ada = await someone(store, 'ada')
    const calls = [
      store.conversations.create(ada.owner, { title: 'a' }),
      store.conversations.create(ada.owner, { title: (() => 'x') as unknown as string }),
      store.conversations.create(ada.owner, { title: { not: 'text' } as unknown as string }),
      store.conversations.create(ada.owner, { title: 'b' }),
    ]
    expect(await Promise.all(calls.map(codeOf))).toEqual([null, 'invalid', 'internal', null])
  })

  test('answer what was called before the store closed, and nothing after', async () => {
    const ada = await someone(store, 'ada')
    const calls = Array.from({ length: 30 }, () => codeOf(store.conversations.create(ada.owner)))
    await store.close()
    expect(await Promise.all(calls)).toEqual(Array(30).fill(null))
    expect(await codeOf(store.conversations.create(ada.owner))).toBe('unavailable')
    store = await openStore({ folder })
    expect((await store.conversations.list(ada.owner, { limit: 100 })).data).toHaveLength(30)
  })

  test('refuse what would make the line of waiting calls too long, and answer the others', async () => {
    const codes = await Promise.all(Array.from({ length: waitingMost + 50 }, () => codeOf(store.accounts.count())))
    expect(codes.filter((code) => code === 'busy')).toHaveLength(50)
    expect(codes.filter((code) => code === null)).toHaveLength(waitingMost)
  })

  test('leave the database in a state that says durable', async () => {
    const connection = connect(join(folder, 'dotline.sqlite'), 'write')
    const pragma = (name: string) => Object.values(connection.database.prepare(`pragma ${name}`).get() ?? {})[0]
    expect(['journal_mode', 'synchronous', 'foreign_keys'].map(pragma)).toEqual(['wal', 2, 1])
    expect(Object.values(connection.database.prepare('pragma busy_timeout').get() ?? {})[0]).toBe(5000)
    connection.database.close()
  })
})

describe('a database that cannot be opened', () => {
  test('is refused with its reason: newer, damaged, or not to be reached', async () => {
    const newer = newFolder()
    await (await openStore({ folder: newer })).close()
    const database = new DatabaseSync(join(newer, 'dotline.sqlite'))
    database.prepare('insert into schema_versions values (?, ?, ?)').run(newestVersion + 1, 'future', 0)
    database.close()
    const error = await openStore({ folder: newer }).catch((each) => each)
    expect(error).toMatchObject({ code: 'newer_database', limit: newestVersion })
    const garbage = newFolder()
    writeFileSync(join(garbage, 'dotline.sqlite'), 'this is no database, and long enough to be looked at'.repeat(100))
    expect(await codeOf(openStore({ folder: garbage }))).toBe('damaged')
    const url = 'postgresql://dotline@127.0.0.1:1/none'
    expect(await codeOf(openStore({ folder: newFolder(), url }))).toBe('unavailable')
  })
})
