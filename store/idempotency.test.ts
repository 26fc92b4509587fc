import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import { codeOf, type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'an idempotency key', (stage) => {
  let opened: Opened
  let ada: Someone
  let bob: Someone
  let now = 1000
  const hour = 3_600_000
  beforeAll(async () => {
    opened = await stage.fresh(() => now)
    ada = await someone(opened.store, 'ada')
    bob = await someone(opened.store, 'bob')
  })
  const create = (title: string, owner = ada.owner) => opened.store.plan.conversations.create(owner, { title })
  const titles = async (owner = ada.owner) =>
    (await opened.store.conversations.list(owner, { limit: 100 })).data.map(({ title }) => title)

  test('makes fifty twins one, with one answer, also after a restart and for 24 hours', async () => {
    const once = () => opened.store.idempotency.once(ada.owner, 'k1', 'body', create('one'))
    const answers = await Promise.all(Array.from({ length: 50 }, once))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    await opened.again()
    now += 24 * hour - 1
    expect(await once()).toEqual(answers[0])
    expect(await titles()).toEqual(['one'])
    now += 2
    expect(await once()).not.toEqual(answers[0])
    expect(await titles()).toEqual(['one', 'one'])
  })

  test('with another body is a conflict that says so; another owner has keys of their own', async () => {
    await opened.store.idempotency.once(ada.owner, 'k2', 'body', create('two'))
    const error = await opened.store.idempotency.once(ada.owner, 'k2', 'other', create('x')).catch((each) => each)
    expect(error).toMatchObject({ code: 'idempotency_conflict', field: 'Idempotency-Key' })
    expect(await codeOf(opened.store.idempotency.begin(ada.owner, 'k2', 'other'))).toBe('idempotency_conflict')
    await opened.store.idempotency.once(bob.owner, 'k2', 'other', create('bob', bob.owner))
    expect(await titles(bob.owner)).toEqual(['bob'])
  })

  test('is known once it was answered, and says its answer again to the same body alone', async () => {
    const { idempotency } = opened.store
    expect(await idempotency.known(ada.owner, 'k5')).toBe(false)
    const begun = await idempotency.begin(ada.owner, 'k5', 'body')
    expect(await idempotency.known(ada.owner, 'k5')).toBe(false)
    if (begun.state !== 'fresh') throw new Error('the first was not the first')
    await idempotency.finish(ada.owner, 'k5', begun.holder, { id: 5 })
    expect([await idempotency.known(ada.owner, 'k5'), await idempotency.known(bob.owner, 'k5')]).toEqual([true, false])
    expect(await idempotency.replay(ada.owner, 'k5', 'body')).toEqual({ id: 5 })
    expect(await idempotency.replay(bob.owner, 'k5', 'body')).toBe(null)
    expect(await codeOf(idempotency.replay(ada.owner, 'k5', 'other'))).toBe('idempotency_conflict')
    now += 24 * hour
    expect([await idempotency.known(ada.owner, 'k5'), await idempotency.replay(ada.owner, 'k5', 'other')]).toEqual([
      false,
      null,
    ])
  })

  test('keeps nothing of a call that failed', async () => {
    const failing = opened.store.plan.conversations.update(ada.owner, 'conv_none', { title: 'x' })
    expect(await codeOf(opened.store.idempotency.once(ada.owner, 'k3', 'body', failing))).toBe('absent')
    await opened.store.idempotency.once(ada.owner, 'k3', 'body', create('three'))
    expect((await titles()).filter((title) => title === 'three')).toHaveLength(1)
  })

  test('in steps: the first has it, a twin waits, an answer or a release ends it, a dead holder loses it', async () => {
    const { idempotency } = opened.store
    const first = await idempotency.begin(ada.owner, 'k4', 'body')
    if (first.state !== 'fresh') throw new Error('the first was not the first')
    expect(await codeOf(idempotency.begin(ada.owner, 'k4', 'body'))).toBe('in_progress')
    await idempotency.release(ada.owner, 'k4', first.holder)
    const second = await idempotency.begin(ada.owner, 'k4', 'body')
    if (second.state !== 'fresh') throw new Error('a released key was not free')
    now += 11 * 60_000
    const third = await idempotency.begin(ada.owner, 'k4', 'body')
    if (third.state !== 'fresh') throw new Error('the dead holder kept its key')
    await idempotency.finish(ada.owner, 'k4', second.holder, { status: 500 })
    await idempotency.finish(ada.owner, 'k4', third.holder, { status: 200, body: { id: 1 } })
    await idempotency.release(ada.owner, 'k4', third.holder)
    expect(await idempotency.begin(ada.owner, 'k4', 'body')).toEqual({
      state: 'done',
      answer: { status: 200, body: { id: 1 } },
    })
    now += 25 * hour
    expect(await idempotency.sweep()).toBeGreaterThan(0)
    expect((await idempotency.begin(ada.owner, 'k4', 'other')).state).toBe('fresh')
  })

  test('together: all calls are kept or none', async () => {
    const before = await titles()
    const calls = [create('a'), opened.store.plan.conversations.delete(ada.owner, 'conv_none')]
    expect(await codeOf(opened.store.together(calls))).toBe('absent')
    expect(await titles()).toEqual(before)
    const [made, id] = await opened.store.together([
      create('b'),
      opened.store.plan.organisations.owner(ada.organisation, '', ''),
    ])
    expect(made.title).toBe('b')
    expect(id).toMatch(/^own_/)
  })
})
