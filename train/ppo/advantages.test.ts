import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainedVariance, generalisedAdvantages, normalise } from './advantages.ts'
import { end } from './ports.ts'

const decisions = (rows: readonly [reward: number, value: number, end: number, bootstrap?: number][]) => ({
  count: rows.length,
  rewards: Float32Array.from(rows, ([reward]) => reward),
  values: Float32Array.from(rows, ([, value]) => value),
  ends: Uint8Array.from(rows, ([, , after]) => after),
  bootstrap: Float32Array.from(rows, ([, , , bootstrap]) => bootstrap ?? 1e9),
})

test('three decisions and an end, worked out by hand', () => {
  const of = decisions([
    [1, 0.5, end.none],
    [0, 2, end.none],
    [3, 1, end.terminated],
  ])
  const { advantages, targets } = generalisedAdvantages(of, 0.5, 0.5)
  // δ₃ = 3 − 1 = 2; δ₂ = 0 + 0.5·1 − 2 = −1.5; δ₁ = 1 + 0.5·2 − 0.5 = 1.5; γλ = 0.25.
  expect([...advantages]).toEqual([1.5 + 0.25 * (-1.5 + 0.25 * 2), -1.5 + 0.25 * 2, 2])
  expect([...targets]).toEqual([0.5 + 1.25, 2 - 1, 3])
})

test('what follows an end is worth nothing; what follows a cut is worth its bootstrap; neither carries over', () => {
  const of = (first: number, bootstrap: number) =>
    decisions([
      [1, 0, first, bootstrap],
      [100, 50, end.cut, 8],
    ])
  const at = (first: number, bootstrap = 0) => [...generalisedAdvantages(of(first, bootstrap), 0.5, 1).advantages]
  expect(at(end.terminated, 7)).toEqual([1, 54])
  expect(at(end.cut, 7)).toEqual([4.5, 54])
  expect(at(end.none, 7)).toEqual([1 + 0.5 * 50 + 0.5 * 54, 54])
})

test('equals the sum of discounted errors of its definition, over any episodes', () => {
  const row = fc.tuple(
    fc.integer({ min: -8, max: 8 }).map((x) => x / 4),
    fc.integer({ min: -8, max: 8 }).map((x) => x / 4),
    fc.constantFrom(end.none, end.none, end.none, end.terminated, end.cut),
    fc.integer({ min: -8, max: 8 }).map((x) => x / 4),
  )
  const share = fc.constantFrom(0, 0.3, 0.95, 1)
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), share, share, (rows, gamma, lambda) => {
      rows[rows.length - 1][2] = end.cut
      const { advantages, targets } = generalisedAdvantages(decisions(rows), gamma, lambda)
      const error = (i: number) => {
        const [reward, value, after, bootstrap] = rows[i]
        const next = after === end.none ? rows[i + 1][1] : after === end.cut ? bootstrap : 0
        return reward + gamma * next - value
      }
      for (const [i, [, value]] of rows.entries()) {
        let expected = 0
        for (let k = i; ; k++) {
          expected += (gamma * lambda) ** (k - i) * error(k)
          if (rows[k][2] !== end.none) break
        }
        expect(Math.abs(advantages[i] - expected)).toBeLessThan(1e-12)
        expect(Math.abs(targets[i] - expected - value)).toBeLessThan(1e-12)
      }
    }),
  )
})

test('a rollout that does not say what follows it is refused', () => {
  expect(() => generalisedAdvantages(decisions([[1, 0, end.none]]), 1, 1)).toThrow('the last decision')
})

test('normalised advantages have mean 0 and deviation 1; equal ones become 0; a single one stays', () => {
  const values = Float64Array.of(1, 2, 6)
  normalise(values)
  const deviation = Math.sqrt(7)
  for (const [i, value] of [1, 2, 6].entries()) expect(values[i]).toBeCloseTo((value - 3) / deviation, 7)
  const equal = Float32Array.of(5, 5, 5)
  normalise(equal)
  expect([...equal]).toEqual([0, 0, 0])
  const single = Float32Array.of(5)
  normalise(single)
  expect([...single]).toEqual([5])
})

test('explained variance: all, none, less than none', () => {
  expect(explainedVariance([1, 2, 3], [1, 2, 3])).toBe(1)
  expect(explainedVariance([2, 2, 2], [1, 2, 3])).toBe(0)
  expect(explainedVariance([3, 2, 1], [1, 2, 3])).toBe(-3)
  expect(explainedVariance([1, 2], [4, 4])).toBe(0)
})
