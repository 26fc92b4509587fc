import { expect, test } from 'vitest'
import { traceWrites } from './sync.ts'

test('nothing is acknowledged before the disk has it', async ({ skip }) => {
  const found = await traceWrites(1)
  if (found === null) return skip('strace is not here (Debian: apt-get install strace)')
  expect(found.faults).toEqual([])
  expect(found.replies).toBe(3)
}, 180_000)
