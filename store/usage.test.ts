import * as fc from 'fast-check'
import * as vitest from 'vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import { costOf } from './money/price.ts'
import type { Store } from './open.ts'
import { offered } from './prices.ts'
import { codeOf, onEveryDatabase, type Someone, someone } from './testing/stage.ts'
import type { Reservation } from './usage.ts'

describe('the cost of tokens', () => {
  test('is exact: what a fraction would lose is rounded once, at the end', () => {
    const rate = { input: 150_000_000, cached: 75_000_000, output: 600_000_000 }
    expect(costOf({ input: 1_000_000, cached: 0, output: 0 }, rate)).toBe(150_000_000)
    expect(costOf({ input: 3, cached: 1, output: 1 }, rate)).toBe(975)
    expect(costOf({ input: 1, cached: 0, output: 0 }, { input: 499_999, cached: 0, output: 0 })).toBe(0)
    expect(costOf({ input: 1, cached: 0, output: 0 }, { input: 500_000, cached: 0, output: 0 })).toBe(1)
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e9), fc.nat(1e9), (input, output, priceIn, priceOut) => {
        const cost = costOf({ input, cached: 0, output }, { input: priceIn, cached: 0, output: priceOut })
        const exact = BigInt(input) * BigInt(priceIn) + BigInt(output) * BigInt(priceOut)
        const difference = BigInt(cost) * 1_000_000n - exact
        return difference > -500_000n && difference <= 500_000n
      }),
    )
  })
})

const forever = Number.MAX_SAFE_INTEGER
const day = 86_400_000

onEveryDatabase(vitest, 'usage', (stage) => {
  let store: Store
  let beside: Store
  let ada: Someone
  let bob: Someone
  let now = 10 * day
  beforeAll(async () => {
    const opened = await stage.fresh(() => now)
    store = opened.store
    beside = await opened.beside()
    ada = await someone(store, 'ada')
    bob = await someone(store, 'bob')
  })
  const request = (given: Partial<Reservation> = {}): Reservation => ({
    project: ada.project,
    person: ada.person,
    key: 'key_1',
    model: 'small',
    kind: 'chat',
    request: 'chatcmpl-1',
    tokens: 100,
    charges: [],
    ...given,
  })
  const taken = async (subject: string) =>
    Object.fromEntries((await store.limits.taken(subject)).map(({ metric, value }) => [metric, value]))

  test('tells a reservation once it is decided, and again once it is kept; a refusal both times', async () => {
    const charge = { metric: 'tokens', start: 0, until: forever, maximum: 100, subject: `early:${ada.organisation}` }
    const reserve = (amount: number) =>
      store.early(store.plan.usage.reserve(ada.organisation, request({ charges: [{ ...charge, amount }] })))
    const first = reserve(70)
    const told = await first.decided
    expect(told.left).toEqual([30])
    expect(await first.kept).toEqual(told)
    expect(await beside.usage.get(ada.organisation, told.id)).toMatchObject({ state: 'reserved' })
    const second = reserve(70)
    expect(await codeOf(second.decided)).toBe('limit_reached')
    expect(await codeOf(second.kept)).toBe('limit_reached')
  })

  test('reserves what may be needed and settles what was delivered, once', async () => {
    const subject = 'settling'
    await store.prices.set(ada.organisation, {
      model: 'small',
      since: 0,
      currency: 'EUR',
      input: 2_000_000_000,
      cached: 1_000_000_000,
      output: 4_000_000_000,
    })
    const charge = { subject, start: 0, until: forever }
    const charges = [
      { ...charge, metric: 'tokens', amount: 100, maximum: 1000 },
      { ...charge, metric: 'money', amount: 400_000, maximum: 10_000_000 },
      { ...charge, metric: 'concurrent', amount: 1, maximum: 2 },
      { ...charge, metric: 'requests', amount: 1, maximum: 10 },
    ]
    const { id } = await store.usage.reserve(ada.organisation, request({ charges }))
    expect(await taken(subject)).toEqual({ tokens: 100, money: 400_000, concurrent: 1, requests: 1 })
    const entry = await store.usage.settle(ada.organisation, id, { input: 10, cached: 4, output: 7 })
    expect(entry).toMatchObject({ state: 'settled', outcome: 'finished', cost: 44_000, currency: 'EUR', output: 7 })
    expect(await taken(subject)).toEqual({ tokens: 17, money: 44_000, concurrent: 0, requests: 1 })
    expect(await store.usage.settle(ada.organisation, id, { input: 99, cached: 0, output: 99 })).toEqual(entry)
    expect(await taken(subject)).toEqual({ tokens: 17, money: 44_000, concurrent: 0, requests: 1 })
    expect(await codeOf(store.usage.settle(bob.organisation, id, { input: 1, cached: 0, output: 1 }))).toBe('absent')
    expect(await codeOf(store.usage.get(bob.organisation, id))).toBe('absent')
    const { id: open } = await store.usage.reserve(ada.organisation, request())
    expect(await codeOf(store.usage.settle(ada.organisation, open, { input: 1, cached: 2, output: 1 }))).toBe('invalid')
    expect(await codeOf(store.usage.settle(ada.organisation, open, { input: 0.5, cached: 0, output: 1 }))).toBe(
      'invalid',
    )
  })

  test('refuses before anything is taken, and says which limit and until when', async () => {
    const subject = 'refusing'
    const charge = { subject, start: 0, until: now + 60_000 }
    const charges = [
      { ...charge, metric: 'requests', amount: 1, maximum: 10 },
      { ...charge, metric: 'tokens', amount: 60, maximum: 100 },
    ]
    await store.usage.reserve(ada.organisation, request({ charges }))
    const refused = await store.usage.reserve(ada.organisation, request({ charges })).catch((error) => error)
    expect(refused).toMatchObject({ code: 'limit_reached', field: 'tokens', limit: 100, until: now + 60_000 })
    expect(refused.message).toMatch(/Remedy: wait until/)
    expect(await taken(subject)).toEqual({ requests: 1, tokens: 60 })
    const too = [{ ...charge, metric: 'tokens', amount: 101, maximum: 100 }]
    expect(await codeOf(store.usage.reserve(ada.organisation, request({ charges: too })))).toBe('limit_reached')
  })

  test('takes what is left where a request seldom needs what it may need, and lets no other in beside it', async () => {
    const charge = { subject: 'partly', metric: 'tokens', start: 0, until: forever, amount: 80, maximum: 100 }
    const charges = [{ ...charge, partly: true }]
    const first = await store.usage.reserve(ada.organisation, request({ charges }))
    const tries = [store, beside, store, beside].map((node) =>
      node.usage.reserve(ada.organisation, request({ charges })).catch((error) => error.code),
    )
    const results = await Promise.all(tries)
    const [second, ...others] = results.filter((each) => typeof each !== 'string')
    expect([first.left, second.left, others]).toEqual([[20], [0], []])
    expect(results.filter((each) => typeof each === 'string')).toEqual([
      'limit_reached',
      'limit_reached',
      'limit_reached',
    ])
    await store.usage.settle(ada.organisation, second.id, { input: 10, cached: 0, output: 60 })
    expect(await taken('partly')).toEqual({ tokens: 150 })
    await store.usage.settle(ada.organisation, first.id, { input: 1, cached: 0, output: 1 })
    expect(await taken('partly')).toEqual({ tokens: 72 })
    expect((await store.usage.reserve(ada.organisation, request({ charges }))).left).toEqual([0])
    const larger = [{ ...charge, subject: 'partly-2', amount: 900, partly: true }]
    expect((await store.usage.reserve(ada.organisation, request({ charges: larger }))).left).toEqual([0])
    const again = await store.usage.reserve(ada.organisation, request({ charges: larger })).catch((error) => error)
    expect(again).toMatchObject({ code: 'limit_reached', subject: 'partly-2' })
  })

  test('counts money by its currency', async () => {
    const price = { since: 0, currency: 'JPY', input: 5_000_000, cached: 0, output: 0 }
    await store.prices.set(ada.organisation, { ...price, model: 'counted' })
    const charge = { subject: 'yen', metric: 'money:JPY', start: 0, until: forever, amount: 100, maximum: 1000 }
    const { id } = await store.usage.reserve(ada.organisation, request({ model: 'counted', charges: [charge] }))
    await store.usage.settle(ada.organisation, id, { input: 7, cached: 0, output: 0 })
    expect(await taken('yen')).toEqual({ 'money:JPY': 35 })
  })

  test('admits exactly as many as there may be, from two nodes at once', async () => {
    const charge = { subject: 'crowd', metric: 'requests', start: 0, until: forever, amount: 1, maximum: 37 }
    const other = { ...charge, subject: 'crowd-2', maximum: 1000 }
    const tries = Array.from({ length: 100 }, (_, at) =>
      codeOf(
        (at % 2 ? store : beside).usage.reserve(
          ada.organisation,
          request({ charges: at % 3 ? [charge, other] : [other, charge] }),
        ),
      ),
    )
    const codes = await Promise.all(tries)
    expect(codes.filter((code) => code === null)).toHaveLength(37)
    expect(codes.filter((code) => code === 'limit_reached')).toHaveLength(63)
    expect(await taken('crowd-2')).toEqual({ requests: 37 })
  })

  test('settles the requests of a dead server with what it had delivered', async () => {
    const subject = 'dying'
    const charges = [{ subject, metric: 'tokens', start: 0, until: forever, amount: 100, maximum: 1000 }]
    const { id } = await store.usage.reserve(ada.organisation, request({ charges, leaseMs: 1000 }))
    await store.usage.progress(ada.organisation, id, { input: 5, cached: 0, output: 3 }, 1000)
    await store.usage.recover()
    expect((await store.usage.get(ada.organisation, id)).state).toBe('reserved')
    now += 1001
    expect(await store.usage.recover()).toBeGreaterThan(0)
    expect(await store.usage.get(ada.organisation, id)).toMatchObject({ outcome: 'lost', input: 5, output: 3 })
    expect(await taken(subject)).toEqual({ tokens: 8 })
    expect(await codeOf(store.usage.progress(ada.organisation, id, { input: 5, cached: 0, output: 9 }))).toBe('absent')
  })

  test('reports sums that are exact beyond what a number holds, in buckets and by dimension', async () => {
    const { organisation } = await someone(store, 'carl')
    now = 20 * day + 5
    const huge = { input: 8_000_000_000_000_000, cached: 0, output: 8_000_000_000_000_000 }
    await store.prices.set(organisation, { model: '*', since: 0, currency: 'CNY', ...huge })
    for (const [model, at] of [
      ['a', 0],
      ['a', 1],
      ['b', 1],
    ] as const) {
      now = (20 + at) * day + 5
      const { id } = await store.usage.reserve(organisation, request({ model }))
      await store.usage.settle(organisation, id, { input: 1_000_001, cached: 0, output: 0 })
    }
    const cost = 8_000_008_000_000_000n
    const period = { from: 20 * day, until: 22 * day }
    const all = await store.usage.report(organisation, period)
    expect(all).toMatchObject([{ requests: 3, input: 3_000_003, output: 0, cost: 3n * cost, currency: 'CNY' }])
    const daily = await store.usage.report(organisation, { ...period, bucketMs: day, by: ['model'] })
    expect(daily.map(({ start, model, requests, cost: of }) => [start / day, model, requests, of])).toEqual([
      [20, 'a', 1, cost],
      [21, 'a', 1, cost],
      [21, 'b', 1, cost],
    ])
    expect(await store.usage.report(organisation, { ...period, only: { model: 'b' } })).toMatchObject([{ requests: 1 }])
    const several = { ...period, only: { model: ['a', 'b', 'c'], kind: 'chat', key: [] } }
    expect(await store.usage.report(organisation, several)).toMatchObject([{ requests: 3 }])
    expect(await store.usage.report(bob.organisation, period)).toEqual([])
    const first = await store.usage.entries(organisation, { ...period, limit: 2 })
    const rest = await store.usage.entries(organisation, { ...period, limit: 2, after: first.next ?? '' })
    expect([...first.data, ...rest.data].map(({ model }) => model).toSorted()).toEqual(['a', 'a', 'b'])
    expect(rest.next).toBeNull()
  })

  test('keeps the price that held when a request came', async () => {
    const { organisation } = await someone(store, 'dora')
    const price = { model: 'm', currency: 'USD', cached: 0, output: 0 }
    await store.prices.set(organisation, { ...price, since: 0, input: 1_000_000 })
    const { id } = await store.usage.reserve(organisation, request({ model: 'm' }))
    await store.prices.set(organisation, { ...price, since: now + 1, input: 9_000_000 })
    now += 10
    expect((await store.usage.settle(organisation, id, { input: 1, cached: 0, output: 0 })).cost).toBe(1)
    expect(await codeOf(store.prices.set(organisation, { ...price, since: 0, input: -1 }))).toBe('invalid')
  })

  test('takes the installation’s price where the organisation set none', async () => {
    const { organisation } = await someone(store, 'emil')
    const price = { currency: 'USD', cached: 0, output: 0, since: 0 }
    const costs = async () => {
      const { id } = await store.usage.reserve(organisation, request({ model: 'm' }))
      return (await store.usage.settle(organisation, id, { input: 1, cached: 0, output: 0 })).cost
    }
    await store.prices.set(organisation, { ...price, model: offered('m'), input: 1_000_000 })
    expect(await costs()).toBe(1)
    await store.prices.set(organisation, { ...price, model: '*', input: 2_000_000 })
    expect(await costs()).toBe(2)
    await store.prices.set(organisation, { ...price, model: 'm', input: 3_000_000 })
    expect(await costs()).toBe(3)
  })

  test('keeps limits by subject, metric and period', async () => {
    const limit = { subject: 'organisation', metric: 'tokens', period: 'day', maximum: 5 }
    await store.limits.set(ada.organisation, limit)
    await store.limits.set(ada.organisation, { ...limit, maximum: 6 })
    expect(await store.limits.list(ada.organisation)).toEqual([{ ...limit, maximum: 6 }])
    expect(await store.limits.list(bob.organisation)).toEqual([])
    expect(await codeOf(store.limits.remove(bob.organisation, limit))).toBe('absent')
    await store.limits.remove(ada.organisation, limit)
    expect(await store.limits.list(ada.organisation)).toEqual([])
    now += 100 * day
    await store.limits.take([{ subject: 's', metric: 'requests', start: now, until: now + 5, amount: 1, maximum: 1 }])
    now += 6
    expect(await store.limits.sweep()).toBeGreaterThanOrEqual(1)
  })
})
