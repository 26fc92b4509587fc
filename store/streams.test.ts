import { setTimeout as wait } from 'node:timers/promises'
import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import type { Store } from './open.ts'
import { codeOf, codesOf, type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'streams', (stage) => {
  let opened: Opened
  let beside: Store
  let ada: Someone
  let bob: Someone
  let now = 1_000_000
  beforeAll(async () => {
    opened = await stage.fresh(() => now)
    beside = await opened.beside()
    ada = await someone(opened.store, 'ada')
    bob = await someone(opened.store, 'bob')
  })

  test('are read on from any event, also after a restart, and end with how they ended', async () => {
    const id = await opened.store.streams.start(ada.owner)
    await opened.store.streams.append(ada.owner, id, 0, ['a', 'b'])
    await opened.store.streams.append(ada.owner, id, 2, ['c\n"点'])
    await opened.again()
    const part = await opened.store.streams.read(ada.owner, id, 0)
    expect(part).toEqual({
      state: 'open',
      events: [
        { seq: 1, data: 'b' },
        { seq: 2, data: 'c\n"点' },
      ],
      ended: false,
    })
    expect(await codeOf(opened.store.streams.append(ada.owner, id, 3, ['\0']))).toBe('invalid')
  })

  test('take each event once, and in order', async () => {
    const { streams } = opened.store
    const id = await streams.start(ada.owner)
    await streams.append(ada.owner, id, 0, ['a'])
    expect(await codeOf(streams.append(ada.owner, id, 0, ['a']))).toBe('conflict')
    expect(await codeOf(streams.append(ada.owner, id, 2, ['c']))).toBe('conflict')
    await streams.append(ada.owner, id, 1, ['b'])
    expect((await streams.read(ada.owner, id, -1)).events.map(({ data }) => data)).toEqual(['a', 'b'])
    expect((await streams.read(ada.owner, id, -1, 1)).ended).toBe(false)
    await streams.finish(ada.owner, id, 'finished')
    await streams.finish(ada.owner, id, 'failed')
    expect(await streams.read(ada.owner, id, 1)).toEqual({ state: 'finished', events: [], ended: true })
    expect(await codeOf(streams.append(ada.owner, id, 2, ['c']))).toBe('conflict')
  })

  test('of another are not there', async () => {
    const id = await opened.store.streams.start(ada.owner, { id: 'mine' })
    const codes = await codesOf([
      opened.store.streams.read(bob.owner, id, -1),
      opened.store.streams.append(bob.owner, id, 0, ['x']),
      opened.store.streams.finish(bob.owner, id, 'finished'),
      opened.store.streams.follow(bob.owner, id).next(),
    ])
    expect(new Set(codes)).toEqual(new Set(['absent']))
    expect(await opened.store.streams.start(bob.owner, { id: 'mine' })).toBe('mine')
    expect(await codeOf(opened.store.streams.start(ada.owner, { id: 'mine' }))).toBe('conflict')
  })

  test('are followed while they are written, on this node and on another, to the last event', async () => {
    const { store } = opened
    const id = await store.streams.start(ada.owner)
    const follow = async (node: Store, after: number) => {
      const seen: string[] = []
      for await (const { events, ended } of node.streams.follow(ada.owner, id, { after })) {
        seen.push(...events.map(({ data }) => data))
        if (ended) return { seen, ended }
      }
      return { seen, ended: null }
    }
    const readers = [follow(store, -1), follow(beside, -1), follow(beside, 9)]
    const expected: string[] = []
    for (let at = 0; at < 40; at += 2) {
      const events = [`${at}`, `${at + 1}`]
      expected.push(...events)
      if (at % 4) await store.streams.append(ada.owner, id, at, events)
      else await store.together([store.plan.streams.append(ada.owner, id, at, events)])
      if (at === 20) await wait(20)
    }
    await store.streams.finish(ada.owner, id, 'finished')
    const [here, there, late] = await Promise.all(readers)
    expect(here).toEqual({ seen: expected, ended: 'finished' })
    expect(there).toEqual(here)
    expect(late.seen).toEqual(expected.slice(10))
  })

  test('let go of a reader that leaves', async () => {
    const id = await opened.store.streams.start(ada.owner)
    const leave = new AbortController()
    const reading = (async () => {
      for await (const _ of opened.store.streams.follow(ada.owner, id, { signal: leave.signal })) return 'an event'
      return 'nothing'
    })()
    await wait(20)
    leave.abort()
    expect(await reading).toBe('nothing')
  })

  test('of a dead server are ended for their readers, and expire', async () => {
    const { streams } = opened.store
    const id = await streams.start(ada.owner, { keptMs: 100_000 })
    now += 30_000
    expect((await streams.read(ada.owner, id, -1)).state).toBe('open')
    now += 40_000
    await streams.abandon()
    expect(await streams.read(ada.owner, id, -1)).toEqual({ state: 'lost', events: [], ended: true })
    now += 40_000
    await opened.store.sweep()
    expect(await codeOf(streams.read(ada.owner, id, -1))).toBe('absent')
  })
})
