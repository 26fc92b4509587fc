import { expect, test } from 'vitest'
import { relativeError } from '#trials/peers/our-pass'

test('the error is the largest difference over the largest value', () => {
  expect(relativeError([1, -4, 2], [1, -4, 2.5])).toBeCloseTo(0.125)
  expect(relativeError([0, 0], [0, 0])).toBe(0)
  expect(relativeError([0, 1e-9], [0, 0])).toBeGreaterThan(1)
})

test('what cannot be compared is infinitely far off', () => {
  expect(relativeError([1, 2], [1])).toBe(Number.POSITIVE_INFINITY)
  expect(relativeError([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY)
  expect(relativeError([1], [Number.NaN])).toBe(Number.POSITIVE_INFINITY)
  expect(relativeError([Number.POSITIVE_INFINITY], [1])).toBe(Number.POSITIVE_INFINITY)
})
