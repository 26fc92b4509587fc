import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import type { Store } from './open.ts'
import { codeOf, codesOf, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'batches, responses, opinions and consents', (stage) => {
  let store: Store
  let ada: Someone
  let bob: Someone
  let now = 1_000_000
  beforeAll(async () => {
    store = (await stage.fresh(() => now++)).store
    ada = await someone(store, 'ada')
    bob = await someone(store, 'bob')
  })
  const lines = (count: number) => Array.from({ length: count }, (_, at) => ({ custom: `c${at}`, request: { at } }))
  const batch = (count: number) =>
    store.batches.create(ada.owner, { endpoint: '/v1/x', input: 'file-1', expires: now + 1e6, lines: lines(count) })

  test('a batch has all its lines or is not there; each line is answered once', async () => {
    const { id, counts } = await batch(2500)
    expect(counts).toEqual({ total: 2500, completed: 0, failed: 0 })
    expect(await store.batches.answer(ada.owner, id, 0, 'completed', { text: 'a' })).toBe(true)
    expect(await store.batches.answer(ada.owner, id, 0, 'failed', { text: 'b' })).toBe(false)
    expect(await store.batches.answer(ada.owner, id, 2, 'failed', { error: 'x' })).toBe(true)
    expect(await codeOf(store.batches.answer(ada.owner, id, 2500, 'completed', {}))).toBe('absent')
    expect((await store.batches.get(ada.owner, id)).counts).toEqual({ total: 2500, completed: 1, failed: 1 })
    expect((await store.batches.open(ada.owner, id, 3)).map(({ line }) => line)).toEqual([1, 3, 4])
    const seen = []
    for (let after: string | undefined; ; ) {
      const page = await store.batches.lines(ada.owner, id, { limit: 1000, after })
      seen.push(...page.data)
      if (page.next === null) break
      after = page.next
    }
    expect(seen.map(({ line }) => line)).toEqual(Array.from({ length: 2500 }, (_, at) => at))
    expect(seen[0]).toEqual({ line: 0, custom: 'c0', state: 'completed', request: { at: 0 }, answer: { text: 'a' } })
    const twice = { endpoint: '/v1/x', input: 'f', expires: now, lines: [...lines(2), ...lines(1)] }
    expect(await codeOf(store.batches.create(ada.owner, twice))).toBe('conflict')
    expect((await store.batches.list(ada.owner)).data.map((each) => each.id)).toEqual([id])
  })

  test('a batch that is looked through has no lines until it begins, once, with all of them', async () => {
    const cleo = await someone(store, 'cleo')
    const given = {
      endpoint: '/v1/x',
      input: 'file-late',
      expires: now + 1e6,
      lines: [],
      status: 'validating',
    } as const
    const { id, status } = await store.batches.create(cleo.owner, given)
    expect(status).toBe('validating')
    expect(await store.batches.reading(cleo.owner, 'file-late')).toBe(id)
    expect(await store.batches.reading(bob.owner, 'file-late')).toBeNull()
    expect(await codeOf(store.batches.begin(cleo.owner, id, [...lines(2), ...lines(1)]))).toBe('conflict')
    expect((await store.batches.get(cleo.owner, id)).status).toBe('validating')
    const begun = await store.batches.begin(cleo.owner, id, lines(2), { model: 'm' })
    expect(begun).toMatchObject({ status: 'in_progress', counts: { total: 2 }, detail: { model: 'm' } })
    expect(await codeOf(store.batches.begin(cleo.owner, id, lines(2)))).toBe('conflict')
    const from = (status: 'in_progress' | 'validating') =>
      store.batches.setStatus(cleo.owner, id, 'finalizing', { b: 1 }, [status])
    expect(await codeOf(from('validating'))).toBe('conflict')
    expect(await from('in_progress')).toMatchObject({ status: 'finalizing', detail: { model: 'm', b: 1 } })
    await store.batches.setStatus(cleo.owner, id, 'failed')
    expect(await store.batches.reading(cleo.owner, 'file-late')).toBeNull()
    const after = await store.batches.create(cleo.owner, { ...given, status: 'in_progress' })
    const all = (await store.batches.list(cleo.owner)).data.map((each) => each.id)
    const behind = await store.batches.list(cleo.owner, { behind: id })
    expect(behind.data.map((each) => each.id)).toEqual(all.slice(all.indexOf(id) + 1))
    expect(await codeOf(store.batches.list(bob.owner, { behind: id }))).toBe('absent')
    expect(behind.data).toHaveLength(0)
    expect((await store.batches.list(cleo.owner, { behind: after.id })).data.map((each) => each.id)).toEqual([id])
  })

  test('a batch that has ended stays as it ended, and is its owner’s alone', async () => {
    const { id } = await batch(1)
    expect((await store.batches.setStatus(ada.owner, id, 'cancelling', { a: 1 })).ended).toBeNull()
    expect(await store.batches.setStatus(ada.owner, id, 'cancelled', { b: 2 })).toMatchObject({
      detail: { a: 1, b: 2 },
    })
    expect(await codeOf(store.batches.setStatus(ada.owner, id, 'completed'))).toBe('conflict')
    const codes = await codesOf([
      store.batches.get(bob.owner, id),
      store.batches.lines(bob.owner, id),
      store.batches.answer(bob.owner, id, 0, 'completed', {}),
      store.batches.setStatus(bob.owner, id, 'failed'),
    ])
    expect(new Set(codes)).toEqual(new Set(['absent']))
    expect(await store.batches.open(bob.owner, id)).toEqual([])
    expect((await store.batches.list(bob.owner)).data).toEqual([])
    const pages = await store.batches.list(ada.owner, { limit: 1 })
    expect((await store.batches.list(ada.owner, { limit: 1, after: pages.next ?? '' })).next).toBeNull()
  })

  test('a response is built on those before it, and goes when it expires', async () => {
    const answer = (id: string, previous: string | null) =>
      store.responses.create(ada.owner, {
        id,
        previous,
        status: 'completed',
        input: [id],
        body: { id },
        expires: now + 1000,
      })
    await answer('resp_1', null)
    await answer('resp_2', 'resp_1')
    await answer('resp_3', 'resp_2')
    expect((await store.responses.chain(ada.owner, 'resp_3')).map(({ id }) => id)).toEqual([
      'resp_1',
      'resp_2',
      'resp_3',
    ])
    expect(await codeOf(answer('resp_3', null))).toBe('conflict')
    expect(await codeOf(answer('resp_4', 'resp_none'))).toBe('absent')
    const foreign = { id: 'resp_5', previous: 'resp_1', status: 'completed', input: [], body: {} }
    expect(await codeOf(store.responses.create(bob.owner, foreign))).toBe('absent')
    expect(await codeOf(store.responses.get(bob.owner, 'resp_1'))).toBe('absent')
    expect(await codeOf(store.responses.delete(bob.owner, 'resp_1'))).toBe('absent')
    expect(await store.responses.update(ada.owner, 'resp_1', { status: 'failed', body: { a: 1 } })).toMatchObject({
      status: 'failed',
      body: { a: 1 },
    })
    await store.responses.delete(ada.owner, 'resp_2')
    expect(await codeOf(store.responses.chain(ada.owner, 'resp_3'))).toBe('absent')
    now += 2000
    expect(await codeOf(store.responses.get(ada.owner, 'resp_1'))).toBe('absent')
    expect(await store.responses.sweep()).toBe(2)
  })

  test('an opinion stands for its message, once, and goes with it', async () => {
    const { id } = await store.conversations.create(ada.owner)
    const said = await store.conversations.addMessage(ada.owner, id, {
      parent: null,
      role: 'assistant',
      content: '',
      text: '',
    })
    const opinion = { conversation: id, message: said.id, rating: 1, reasons: ['clear'], comment: '好' } as const
    const set = (owner: string, given: object = {}) =>
      store.feedback.set(owner, { ...opinion, reasons: ['clear'], ...given })
    await set(ada.owner)
    await set(ada.owner, { rating: -1 })
    expect(await codeOf(set(bob.owner))).toBe('absent')
    expect(await codeOf(set(ada.owner, { rating: 5 }))).toBe('invalid')
    expect(await codeOf(set(ada.owner, { message: 'msg_none' }))).toBe('absent')
    expect(await store.feedback.get(ada.owner, id)).toMatchObject([{ ...opinion, rating: -1 }])
    expect((await store.feedback.list(bob.owner)).data).toEqual([])
    expect(await codeOf(store.feedback.remove(bob.owner, id, said.id))).toBe('absent')
    await store.conversations.delete(ada.owner, id)
    expect((await store.feedback.list(ada.owner)).data).toEqual([])
  })

  test('a consent holds in its version until it is withdrawn, and none is forgotten', async () => {
    await store.consents.give(ada.person, 'training', '1')
    await store.consents.give(ada.person, 'training', '1')
    expect(await store.consents.holders('training', '1')).toEqual([ada.person])
    await store.consents.give(ada.person, 'training', '2')
    expect(await store.consents.holders('training', '1')).toEqual([])
    await store.consents.withdraw(ada.person, 'training')
    expect(await store.consents.holders('training', '2')).toEqual([])
    expect(
      (await store.consents.history(ada.person)).map(({ version, withdrawn }) => [version, withdrawn !== null]),
    ).toEqual([
      ['1', true],
      ['2', true],
    ])
    expect(await store.consents.history(bob.person)).toEqual([])
  })
})
