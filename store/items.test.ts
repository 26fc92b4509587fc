import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import { codeOf, type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'items of a conversation', (stage) => {
  let opened: Opened
  let ada: Someone
  const conversation = 'conv_1'
  const item = (id: string) => ({ id, role: 'user', content: { id }, text: `word ${id}` })
  const ids = async (query: object = {}) =>
    (await opened.store.items.list(ada.owner, conversation, { limit: 100, ...query })).data.map(({ id }) => id)
  beforeAll(async () => {
    opened = await stage.fresh()
    ada = await someone(opened.store, 'ada')
    await opened.store.conversations.create(ada.owner, { id: conversation })
  })

  test('are added in their order, all or none, also by many at once', async () => {
    const { items, conversations } = opened.store
    await items.append(ada.owner, conversation, [item('a'), item('b')])
    expect(await codeOf(items.append(ada.owner, conversation, [item('x'), item('a')]))).toBe('conflict')
    const pairs = Array.from({ length: 10 }, (_, at) => [item(`${at}l`), item(`${at}r`)])
    await Promise.all(pairs.map((pair) => items.append(ada.owner, conversation, pair)))
    const all = await ids({ order: 'asc' })
    expect(all.slice(0, 2)).toEqual(['a', 'b'])
    expect(all).toHaveLength(22)
    for (const [left, right] of pairs) expect(all.indexOf(right.id)).toBe(all.indexOf(left.id) + 1)
    // Those who see branches see one, and all of it.
    expect((await conversations.branch(ada.owner, conversation)).map(({ id }) => id)).toEqual(all)
  })

  test('are listed page by page in both directions', async () => {
    const all = await ids({ order: 'asc' })
    const first = await opened.store.items.list(ada.owner, conversation, { limit: 15 })
    expect(first).toMatchObject({ more: true })
    const rest = await opened.store.items.list(ada.owner, conversation, { limit: 15, after: first.data.at(-1)?.id })
    expect(rest.more).toBe(false)
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(all.toReversed())
    expect(await ids({ order: 'asc', after: 'a', limit: 1 })).toEqual(['b'])
    expect(await codeOf(opened.store.items.list(ada.owner, conversation, { after: 'none' }))).toBe('invalid')
  })

  test('are taken out one by one, and what is left stays one row', async () => {
    const { items, conversations, search } = opened.store
    const all = await ids({ order: 'asc' })
    for (const gone of ['a', all[10], all.at(-1)!]) await items.remove(ada.owner, conversation, gone)
    const left = all.filter((id, at) => id !== 'a' && at !== 10 && id !== all.at(-1))
    expect(await ids({ order: 'asc' })).toEqual(left)
    expect((await conversations.branch(ada.owner, conversation)).map(({ id }) => id)).toEqual(left)
    expect(await codeOf(items.get(ada.owner, conversation, 'a'))).toBe('absent')
    expect(await codeOf(items.remove(ada.owner, conversation, 'a'))).toBe('absent')
    expect((await search.messages(ada.owner, 'word')).data.map(({ message }) => message)).not.toContain('a')
    await items.append(ada.owner, conversation, [item('last')])
    expect((await ids({ limit: 1 })).at(0)).toBe('last')
  })
})

onEveryDatabase(vitest, 'responses and their streams', (stage) => {
  test('end once; those whose servers died are found, and a stream is forgotten with its words', async () => {
    let now = 1_000_000
    const { store } = await stage.fresh(() => now)
    const { owner } = await someone(store, 'ada')
    for (const id of ['ended', 'dead', 'alive']) {
      await store.streams.start(owner, { id })
      await store.streams.append(owner, id, 0, ['said'])
      await store.responses.create(owner, { id, status: 'in_progress', input: [], body: {} })
    }
    await store.responses.create(owner, { id: 'whole', status: 'completed', input: [], body: {} })
    const done = { status: 'completed', body: { done: true } }
    expect(await store.responses.finish(owner, 'ended', done)).toMatchObject(done)
    expect(await store.responses.finish(owner, 'ended', { status: 'failed', body: {} })).toMatchObject(done)
    expect(await codeOf(store.responses.finish(owner, 'none', done))).toBe('absent')
    now += 61_000
    await store.streams.append(owner, 'alive', 1, [])
    await store.streams.abandon()
    expect(await store.responses.lost()).toEqual([{ owner, id: 'dead' }])
    await store.responses.finish(owner, 'dead', { status: 'failed', body: {} })
    expect(await store.responses.lost()).toEqual([])
    await store.streams.forget(owner, 'dead')
    await store.streams.forget(owner, 'dead')
    expect(await codeOf(store.streams.read(owner, 'dead', -1))).toBe('absent')
  })
})
