import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '#store/open'
import { type Acknowledged, judge } from './acknowledged.ts'
import { place } from './writer.ts'

const ways: readonly Acknowledged['way'][] = ['message', 'once', 'stream', 'usage', 'file', 'audit']

test('the judge of kill-store sees each kind of loss, what came back, and what is there twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-judge-'))
  const store = await openStore({ folder })
  const at = await place(store)
  expect(await judge(store, at, [])).toEqual({ lost: [], duplicated: [] })

  const missing = ways.map((way, number): Acknowledged => ({ way, number, id: 'none', hash: 'none' }))
  const { lost } = await judge(store, at, missing)
  expect(lost.map((line) => line.split(' ')[0]).toSorted()).toEqual(ways.toSorted())

  const { id } = await store.conversations.create(at.owner, { title: 'once 1', archived: true })
  await store.conversations.create(at.owner, { title: 'once 1', archived: true })
  await store.limits.take([
    { subject: 'killed', metric: 'tokens', start: 0, until: Number.MAX_SAFE_INTEGER, amount: 5, maximum: 10 },
  ])
  const verdict = await judge(store, at, [{ way: 'deletion', number: 0, id }])
  expect(verdict.lost).toEqual(['deletion 0 is there again'])
  expect(verdict.duplicated).toEqual(['once 1', 'the counter says 5 tokens, the rows 0'])
  await store.close()
  rmSync(folder, { recursive: true })
})
