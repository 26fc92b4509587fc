import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gapsFor, nearest, stepsOf } from './position.ts'

test('the steps add up to the places of the messages', () => {
  expect(stepsOf([10, 200, 900])).toEqual([10, 190, 700])
})

test('however many dots wait at an edge, they leave most of the window free', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 200, max: 2000 }), (count, height) => {
      const { closed, open } = gapsFor(count, height)
      expect(closed).toBeLessThanOrEqual(6)
      expect(closed * (count - 1)).toBeLessThanOrEqual(48.001)
      expect(open * (count - 1)).toBeLessThanOrEqual(height / 2)
    }),
  )
})

test('the nearest dot within reach is found', () => {
  expect(nearest([10, 100, 104], 103, 12)).toBe(2)
  expect(nearest([10, 100, 104], 50, 12)).toBe(-1)
  expect(nearest([], 50, 12)).toBe(-1)
})
