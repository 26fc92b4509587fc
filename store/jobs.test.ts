import * as vitest from 'vitest'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Held } from './jobs.ts'
import type { Store } from './open.ts'
import { codeOf, codesOf, type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'jobs', (stage) => {
  let opened: Opened
  let store: Store
  let beside: Store
  let ada: Someone
  let bob: Someone
  let now = 1_000_000
  let kind = ''
  beforeAll(async () => {
    opened = await stage.fresh(() => now)
    store = opened.store
    beside = await opened.beside()
    ada = await someone(store, 'ada')
    bob = await someone(store, 'bob')
  })
  beforeEach(() => {
    kind = `kind-${Math.random()}`
  })
  const create = (input: unknown = {}) => store.jobs.create(ada.owner, { kind, input })
  const claim = async (node = store): Promise<Held> => {
    const held = await node.jobs.claim([kind])
    if (!held) throw new Error('there was no job to claim')
    return held
  }

  test('go to one worker each, the oldest first, however many ask on two nodes', async () => {
    const made = []
    for (let at = 0; at < 10; at++) {
      made.push((await create({ at })).id)
      now++
    }
    const held = await Promise.all(Array.from({ length: 14 }, (_, at) => (at % 2 ? store : beside).jobs.claim([kind])))
    const ids = held.flatMap((each) => (each ? [each.job.id] : []))
    expect(ids.toSorted()).toEqual(made.toSorted())
    expect(await store.jobs.claim(['another kind'])).toBeNull()
    expect(await store.jobs.claim([])).toBeNull()
  })

  test('report progress, keep their steps once, and end with a result', async () => {
    const { id } = await create({ pages: 2 })
    const { owner, holder, job } = await claim()
    expect(job).toMatchObject({ id, state: 'running', attempts: 1, input: { pages: 2 } })
    expect(owner).toBe(ada.owner)
    expect(await store.jobs.beat(owner, id, holder, { progress: { done: 1 } })).toEqual({ cancelled: false })
    expect(await store.jobs.step(owner, id, holder, 'page 1', { words: 10 })).toEqual({ words: 10 })
    expect(await store.jobs.step(owner, id, holder, 'page 1', { words: 99 })).toEqual({ words: 10 })
    expect((await store.jobs.get(ada.owner, id)).progress).toEqual({ done: 1 })
    await store.jobs.finish(owner, id, holder, { words: 10 })
    expect(await store.jobs.get(ada.owner, id)).toMatchObject({ state: 'done', result: { words: 10 } })
    expect(await codeOf(store.jobs.beat(owner, id, holder))).toBe('lease_lost')
    expect(await store.jobs.claim([kind])).toBeNull()
  })

  test('of a dead worker come back within 30 seconds with the steps that it had done, and it can do nothing more', async () => {
    const { id } = await create()
    const dead = await claim()
    await store.jobs.step(dead.owner, id, dead.holder, 'one', 1)
    expect(await codeOf(store.jobs.beat(dead.owner, id, dead.holder, { leaseMs: 30_001 }))).toBe('invalid')
    await store.jobs.beat(dead.owner, id, dead.holder, { leaseMs: 30_000 })
    now += 29_999
    expect(await beside.jobs.claim([kind])).toBeNull()
    now += 1
    const next = await claim(beside)
    expect(next).toMatchObject({ job: { id, attempts: 2 }, steps: { one: 1 } })
    const codes = await codesOf([
      store.jobs.beat(dead.owner, id, dead.holder),
      store.jobs.step(dead.owner, id, dead.holder, 'two', 2),
      store.jobs.finish(dead.owner, id, dead.holder, {}),
      store.jobs.fail(dead.owner, id, dead.holder, 'x'),
      store.jobs.release(dead.owner, id, dead.holder),
    ])
    expect(new Set(codes)).toEqual(new Set(['lease_lost']))
    await store.jobs.finish(next.owner, id, next.holder, 'done')
  })

  test('do a step and what belongs to it in one piece', async () => {
    const batch = await store.batches.create(ada.owner, {
      endpoint: '/v1/chat/completions',
      input: 'file-1',
      expires: now + 1,
      lines: [{ custom: 'a', request: {} }],
    })
    const { id } = await create()
    const { holder } = await claim()
    const both = (with_: string) =>
      store.together([
        store.plan.jobs.step(ada.owner, id, with_, 'line 0', true),
        store.plan.batches.answer(ada.owner, batch.id, 0, 'completed', { ok: 1 }),
      ])
    expect(await codeOf(both('hold_other'))).toBe('lease_lost')
    expect((await store.batches.get(ada.owner, batch.id)).counts.completed).toBe(0)
    expect(await both(holder)).toEqual([true, true])
    expect(await both(holder)).toEqual([true, false])
  })

  test('are cancelled: at once while they wait, at the next beat while they run', async () => {
    const waiting = await create()
    expect(await store.jobs.cancel(ada.owner, waiting.id)).toMatchObject({ state: 'cancelled', ended: now })
    expect(await store.jobs.claim([kind])).toBeNull()
    const { id } = await create()
    const { owner, holder } = await claim()
    expect((await store.jobs.cancel(ada.owner, id)).state).toBe('running')
    expect(await store.jobs.beat(owner, id, holder)).toEqual({ cancelled: true })
    expect((await store.jobs.release(owner, id, holder)).state).toBe('cancelled')
    expect((await store.jobs.cancel(ada.owner, id)).state).toBe('cancelled')
    await create()
    const dead = await claim()
    await store.jobs.cancel(ada.owner, dead.job.id)
    now += 60_000
    expect(await store.jobs.claim([kind])).toBeNull()
    expect((await store.jobs.get(ada.owner, dead.job.id)).state).toBe('cancelled')
  })

  test('that end every worker are not tried for ever; one that is given back waits for the next', async () => {
    const { id } = await create()
    const first = await claim()
    expect((await store.jobs.release(first.owner, id, first.holder)).state).toBe('queued')
    for (let worker = 1; worker < 5; worker++) {
      expect((await claim()).job.id).toBe(id)
      now += 60_000
    }
    expect(await store.jobs.claim([kind])).toBeNull()
    expect(await store.jobs.get(ada.owner, id)).toMatchObject({
      state: 'failed',
      problem: expect.stringMatching(/5 times/),
    })
  })

  test('that go on are tried again however many workers are ended, and take turns when they are given back', async () => {
    const [{ id: first }, { id: second }] = [await create(), await create()]
    const turns: string[] = []
    for (let worker = 0; worker < 8; worker++) {
      const held = await claim()
      turns.push(held.job.id)
      await store.jobs.beat(held.owner, held.job.id, held.holder, { progress: { worker } })
      now += 60_000
      if (worker % 2 === 1) continue
      await store.jobs.release(held.owner, held.job.id, held.holder)
    }
    expect(turns.filter((id) => id === first)).toHaveLength(4)
    expect(turns.filter((id) => id === second)).toHaveLength(4)
  })

  test('of another are not there', async () => {
    const { id } = await create()
    const { holder } = await claim()
    const codes = await codesOf([
      store.jobs.get(bob.owner, id),
      store.jobs.cancel(bob.owner, id),
      store.jobs.beat(bob.owner, id, holder),
      store.jobs.step(bob.owner, id, holder, 's', 1),
      store.jobs.finish(bob.owner, id, holder, 1),
    ])
    expect(new Set(codes)).toEqual(new Set(['absent']))
    expect((await store.jobs.list(bob.owner)).data).toEqual([])
    expect((await store.jobs.list(ada.owner, { kind })).data.map((job) => job.id)).toEqual([id])
  })
})
