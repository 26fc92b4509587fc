import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import { codeOf, type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'chat completions that are kept', (stage) => {
  let opened: Opened
  let ada: Someone
  let bob: Someone
  let now = 1_000_000
  beforeAll(async () => {
    opened = await stage.fresh(() => now)
    ada = await someone(opened.store, 'ada')
    bob = await someone(opened.store, 'bob')
  })
  const keep = (id: string, model: string, metadata: Record<string, string>, owner = ada.owner) =>
    opened.store.completions.create(owner, { id, model, metadata, input: [id], body: { id }, expires: now + 1000 })

  test('are listed page by page in both directions, by model and by metadata', async () => {
    const ids = Array.from({ length: 450 }, (_, at) => `c${String(at).padStart(3, '0')}`)
    for (const [at, id] of ids.entries()) {
      now += at % 3
      await keep(id, at % 2 === 0 ? 'even' : 'odd', { kind: at % 150 === 7 ? 'rare' : 'usual' })
    }
    await keep('b', 'even', { kind: 'rare' }, bob.owner)
    const all = async (query: object) => {
      const seen: string[] = []
      for (let after: string | undefined; ; ) {
        const { data, more } = await opened.store.completions.list(ada.owner, { ...query, after, limit: 40 })
        seen.push(...data.map(({ id }) => id))
        if (!more) return seen
        after = seen.at(-1)
      }
    }
    expect(await all({ order: 'asc' })).toEqual(ids)
    expect(await all({})).toEqual(ids.toReversed())
    expect(await all({ model: 'odd', order: 'asc' })).toEqual(ids.filter((_, at) => at % 2 === 1))
    expect(await all({ metadata: { kind: 'rare' } })).toEqual(['c307', 'c157', 'c007'])
    expect(await all({ metadata: { kind: 'rare', more: 'x' } })).toEqual([])
    expect(await codeOf(opened.store.completions.list(ada.owner, { after: 'b' }))).toBe('invalid')
  })

  test('are changed in their metadata alone, are deleted, and expire', async () => {
    const { completions } = opened.store
    const made = await keep('one', 'm', {})
    expect(await completions.update(ada.owner, 'one', { a: '1' })).toEqual({ ...made, metadata: { a: '1' } })
    await opened.again()
    expect(await opened.store.completions.get(ada.owner, 'one')).toEqual({ ...made, metadata: { a: '1' } })
    await opened.store.completions.delete(ada.owner, 'one')
    expect(await codeOf(opened.store.completions.delete(ada.owner, 'one'))).toBe('absent')
    await keep('two', 'm', {})
    now += 2000
    expect(await codeOf(opened.store.completions.get(ada.owner, 'two'))).toBe('absent')
    expect(await codeOf(opened.store.completions.update(ada.owner, 'two', {}))).toBe('absent')
    await opened.store.sweep()
    await keep('two', 'm', {})
  })
})
