import { expect, test } from 'vitest'
import { killAndJudge } from './kill.ts'

test('what a server acknowledged outlives its kills, and is there once', async () => {
  const { acknowledged, faults, damage } = await killAndJudge(4, 20261124)
  expect(faults).toEqual([])
  expect(damage).toEqual([])
  expect(acknowledged).toBeGreaterThan(0)
}, 300_000)
