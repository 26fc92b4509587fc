import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '#data/shuffle'
import { boxSpace, contains, discreteSpace, EnvironmentError, sample } from './environment.ts'

describe('spaces', () => {
  test('what is drawn from a space is in it, bounded or not', () => {
    const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    const side = fc.tuple(bound, bound, fc.boolean(), fc.boolean()).map(([a, b, openBelow, openAbove]) => ({
      low: openBelow ? -Infinity : Math.min(a, b),
      high: openAbove ? Infinity : Math.max(a, b),
    }))
    fc.assert(
      fc.property(fc.array(side, { minLength: 1, maxLength: 5 }), fc.nat(), (sides, seed) => {
        const box = boxSpace(
          sides.map((s) => s.low),
          sides.map((s) => s.high),
        )
        expect(contains(box, sample(box, seededRandom(seed)))).toBe(true)
      }),
    )
  })

  test('a discrete space gives all its numbers, equally often', () => {
    const space = discreteSpace(5)
    const random = seededRandom(3)
    const counts = new Array(5).fill(0)
    for (let i = 0; i < 10_000; i++) counts[sample(space, random)]++
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(160)
  })

  test('a bounded box is filled evenly, an open side exponentially, an open box normally', () => {
    const random = seededRandom(4)
    const box = boxSpace([2, 0, -Infinity, -Infinity], [4, Infinity, 1, Infinity])
    const drawn = Array.from({ length: 20_000 }, () => sample(box, random))
    const expected = [
      { mean: 3, variance: 1 / 3 },
      { mean: 1, variance: 1 },
      { mean: 0, variance: 1 },
      { mean: 0, variance: 1 },
    ]
    for (const [i, { mean, variance }] of expected.entries()) {
      const found = drawn.reduce((t, x) => t + x[i], 0) / drawn.length
      expect(Math.abs(found - mean)).toBeLessThan(0.03)
      expect(Math.abs(drawn.reduce((t, x) => t + (x[i] - found) ** 2, 0) / drawn.length - variance)).toBeLessThan(0.06)
    }
  })

  test.each([
    [0, true],
    [2, true],
    [3, false],
    [-1, false],
    [0.5, false],
    [Number.NaN, false],
    ['1', false],
  ])('0..2 holds %s: %s', (value, held) => expect(contains(discreteSpace(3), value)).toBe(held))

  test('a box holds arrays of its shape within its bounds, borders included', () => {
    const box = boxSpace(-1, [1, 2])
    expect(box.shape).toEqual([2])
    expect(contains(box, Float64Array.of(1, -1))).toBe(true)
    expect(contains(box, Float64Array.of(1.0000001, 0))).toBe(false)
    expect(contains(box, Float64Array.of(0, Number.NaN))).toBe(false)
    expect(contains(box, Float64Array.of(0))).toBe(false)
    expect(contains(box, [0, 0])).toBe(false)
    expect(boxSpace(0, 1, [2, 3]).low.length).toBe(6)
  })

  test('what is no space is refused by name', () => {
    expect(() => discreteSpace(0)).toThrow('n is 0')
    expect(() => boxSpace([0, 3], [1, 2])).toThrow('low[1] is 3')
    expect(() => boxSpace(0, [1, 2], [3])).toThrow(EnvironmentError)
  })
})
