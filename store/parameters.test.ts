import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as vitest from 'vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const rooms = ['tensor', 'model', 'data', 'train', 'exam', 'wire', 'guard', 'store', 'apps', 'serve', 'web', 'bin']

function sources(): [path: string, text: string][] {
  return rooms.flatMap((room) => {
    let names: string[] = []
    try {
      names = readdirSync(`${root}${room}`, { recursive: true }).map(String)
    } catch {
      // A room that is not built yet.
    }
    const modules = names.filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|^testing\//.test(name))
    return modules.map((name): [string, string] => [`${room}/${name}`, readFileSync(`${root}${room}/${name}`, 'utf8')])
  })
}

describe('SQL', () => {
  test('stands in the store alone', () => {
    const speaking = sources().filter(([, text]) => /from '(kysely|pg|node:sqlite)'/.test(text))
    expect(speaking.map(([path]) => path).filter((path) => !path.startsWith('store/'))).toEqual([])
    expect(speaking.length).toBeGreaterThan(10)
  })

  test('is never put together from values: raw text in migrations alone, and only as it is written there', () => {
    const raw = sources().filter(
      ([path, text]) => path.startsWith('store/') && /\bsql\.(raw|lit|id|ref|table)\b/.test(text),
    )
    expect(raw.map(([path]) => path).toSorted()).toEqual(['store/schema/version-1.ts', 'store/schema/version-2.ts'])
    for (const [path, text] of sources()) {
      if (!path.startsWith('store/')) continue
      expect(text, path).not.toMatch(/\.exec\(\s*(`[^`]*\$\{|[a-z]+\s*\+)/)
      expect(text, path).not.toMatch(/\.prepare\(\s*(`[^`]*\$\{|'[^']*'\s*\+)/)
    }
  })
})

const hostile = [
  `'; drop table conversations; --`,
  `" or ""="`,
  `' or '1'='1`,
  '$1',
  '?',
  `\\'; delete from people; --`,
  `x'; select pg_sleep(10); --`,
  `%' union select hash from keys --`,
  `"*" NEAR/0 OR message_grams MATCH 'a'`,
  '\ud800',
  'ʼ; drop table people',
  `{"$ne": null}`,
]

onEveryDatabase(vitest, 'hostile texts', (stage) => {
  let opened: Opened
  let ada: Someone
  beforeAll(async () => {
    opened = await stage.fresh()
    ada = await someone(opened.store, 'ada')
    await opened.store.conversations.create(ada.owner, { title: 'stays' })
  })

  test.each(hostile)('%j is a text like any other, wherever it is said', async (text) => {
    const { store } = opened
    const { owner, organisation } = ada
    const refused = async (call: Promise<unknown>) =>
      expect(
        await call.then(
          () => 'answered',
          (error) => error.code,
        ),
      ).toMatch(/^(answered|absent|invalid|conflict)$/)
    const kept = text.toWellFormed()
    const { id } = await store.conversations.create(owner, { title: text })
    expect((await store.conversations.get(owner, id)).title).toBe(kept)
    await store.conversations.addMessage(owner, id, { parent: null, role: text, content: text, text })
    expect((await store.conversations.branch(owner, id))[0]).toMatchObject({ role: kept, content: text })
    await Promise.all(
      [
        store.search.messages(owner, text),
        store.search.titles(owner, text),
        store.conversations.get(text, id),
        store.conversations.get(owner, text),
        store.conversations.list(owner, { after: text }),
        store.conversations.create(text, {}),
        store.organisations.owner(organisation, text, text),
        store.accounts.byEmail(text),
        store.accounts.bySession(text),
        store.keys.find(text),
        store.keys.list(organisation, { project: text }),
        store.audit.append(organisation, { actor: text, action: text, target: text, detail: { [text]: text } }),
        store.audit.list(organisation, { actor: text }),
        store.usage.report(organisation, { from: 0, until: 9e15, by: [text as 'model'], only: { model: text } }),
        store.limits.take([{ subject: text, metric: text, start: 0, until: 1, amount: 1, maximum: 9 }]),
        store.idempotency.begin(owner, text, text),
        store.streams.start(owner, { id: text }),
        store.jobs.claim([text]),
        store.files.add(owner, { name: text, purpose: text, type: text, hash: text, bytes: 1 }, 9),
      ].map(refused),
    )
    await store.conversations.delete(owner, id)
    expect((await store.conversations.list(owner)).data.map(({ title }) => title)).toEqual(['stays'])
    expect(await store.audit.verify()).toEqual([])
    expect(await store.accounts.count()).toBe(1)
  })
})
