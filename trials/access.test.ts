import { expect, it, vi } from 'vitest'
import { seededRandom } from '#data/shuffle'
import { tryMatrix } from './access/matrix.ts'
import { tryMints } from './access/mints.ts'

vi.setConfig({ testTimeout: 240_000 })

it('nobody gets through to what is not theirs, by any carrier, at any address of the router', async () => {
  const { wrong, addresses, tried } = await tryMatrix()
  expect(wrong).toEqual([])
  expect(addresses).toBeGreaterThan(50)
  expect(tried).toEqual(expect.arrayContaining(['id', 'conversation_id', 'response_id', 'file_id', 'batch_id', 'key']))
})

it('of 10,000 random keys that random keys would make, none is wider than what makes it', () => {
  const { made, refused, wider } = tryMints(10_000, seededRandom(7))
  expect(wider).toEqual([])
  expect(made).toBeGreaterThan(1000)
  expect(refused).toBeGreaterThan(1000)
})
