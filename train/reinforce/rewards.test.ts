import { expect, test } from 'vitest'
import { generalisedAdvantages } from '../ppo/advantages.ts'
import { end } from '../ppo/ports.ts'
import { layOut } from './answers.ts'
import {
  bestOfGroups,
  groupAdvantages,
  ruleScore,
  shapedScore,
  steeredCoefficient,
  tokenRewards,
  whitenKeepingMean,
} from './rewards.ts'

const units = Uint32Array.of(0, 2, 5)
const near = (values: ArrayLike<number>, expected: number[]) => {
  expect(values.length).toBe(expected.length)
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 6)
}

test('rewards of tokens, and their advantages, worked out by hand', () => {
  const logProbs = Float32Array.of(-1, -2, -1, -1, -3)
  const reference = Float32Array.of(-2, -2, -1, -1.5, -2)
  const rewards = tokenRewards({ units, logProbs, reference, scores: [2, -1] }, 0.5)
  // −0.5 · (1, 0) + (0, 2); −0.5 · (0, 0.5, −1) + (0, 0, −1)
  near(rewards, [-0.5, 2, 0, -0.25, -0.5])
  const values = Float32Array.of(1, 0.5, 0, 0, 0)
  const ends = Uint8Array.of(end.none, end.terminated, end.none, end.none, end.terminated)
  const { advantages, targets } = generalisedAdvantages(
    { count: 5, rewards, values, ends, bootstrap: new Float32Array(5) },
    1,
    0.5,
  )
  // Second answer: δ = (0, −0.25, −0.5), from behind −0.5, −0.25 − 0.25, 0 − 0.25. First: δ = (−0.5 + 0.5 − 1, 1.5).
  near(advantages, [-1 + 0.5 * 1.5, 1.5, -0.25, -0.5, -0.5])
  near(targets, [0.75, 2, -0.25, -0.5, -0.5])
})

test('whitened rewards have deviation 1 and the mean that they had', () => {
  const rewards = Float32Array.of(1, 3, 5)
  whitenKeepingMean(rewards)
  const scale = 1 / Math.sqrt(8 / 3)
  near(rewards, [3 - 2 * scale, 3, 3 + 2 * scale])
})

test('the coefficient is steered to its target as in Ziegler 2019, and stays without one', () => {
  expect(steeredCoefficient(0.2, 12, 10)).toBeCloseTo(0.2 * 1.02, 12)
  expect(steeredCoefficient(0.2, 11, 10)).toBeCloseTo(0.2 * 1.01, 12)
  expect(steeredCoefficient(0.2, 100, 10)).toBeCloseTo(0.2 * 1.02, 12)
  expect(steeredCoefficient(0.2, 0, 10)).toBeCloseTo(0.2 * 0.98, 12)
  expect(steeredCoefficient(0.2, 100, null)).toBe(0.2)
})

test('an answer that does not end, and every token, have their price', () => {
  const price = { noEndPenalty: 1.5, tokenPenalty: 0.01 }
  expect(shapedScore(2, { ended: true, length: 10 }, price)).toBeCloseTo(1.9, 12)
  expect(shapedScore(2, { ended: false, length: 10 }, price)).toBeCloseTo(0.4, 12)
})

test('advantages within groups, and the best of them', () => {
  const four = Uint32Array.of(0, 2, 3, 5, 6)
  // Scores 1 and 3: mean 2, deviation 1. Scores 5 and 5: nothing to tell apart.
  near(groupAdvantages([1, 3, 5, 5], 2, four), [-1, -1, 1, 0, 0, 0])
  expect([...bestOfGroups([1, 3, 5, 5], 2)]).toEqual([1, 2])
})

test('rules give a verdict, or the share that holds', () => {
  const rules = [
    { kind: 'all', values: ['Vera'] },
    { kind: 'length', max: 10 },
  ] as const
  const asRules = rules.map((rule) => ({ ...rule, values: [...('values' in rule ? rule.values : [])] })) as never
  expect(ruleScore(asRules, 'Vera', 'all')).toBe(1)
  expect(ruleScore(asRules, 'Your name is Vera.', 'all')).toBe(0)
  expect(ruleScore(asRules, 'Your name is Vera.', 'share')).toBe(0.5)
  expect(ruleScore([], 'x', 'all')).toBe(0)
})

test('answers lie side by side in rows: each decision where its token is foretold, each end at its last token', () => {
  const of = {
    units,
    tokens: Int32Array.of(11, 12, 21, 22, 31, 41, 42, 43),
    starts: Uint32Array.of(0, 4, 8),
    prompts: Uint32Array.of(2, 1),
  }
  const shape = { sequence: 6, rows: 2, places: 6, answers: 3, padding: 99 }
  const [one, ...more] = layOut(of, [1, 0], shape)
  expect(more).toHaveLength(0)
  expect([...one.micro.tokens]).toEqual([31, 41, 42, 43, 99, 99, 11, 12, 21, 22, 99, 99])
  expect([...one.micro.documents]).toEqual([0, 0, 0, 0, -1, -1, 1, 1, 1, 1, -1, -1])
  expect([...one.micro.positions.subarray(6, 10)]).toEqual([0, 1, 2, 3])
  const { places, actions, ends } = one.micro.more as Record<string, Int32Array>
  expect([...places]).toEqual([0, 1, 2, 7, 8, 0])
  expect([...actions]).toEqual([41, 42, 43, 21, 22, 0])
  expect([...ends]).toEqual([3, 9, 0])
  expect([...one.decisions]).toEqual([2, 3, 4, 0, 1])
  expect([...one.units]).toEqual([1, 0])
  // Four places are too few for both, and a row of three tokens for either.
  expect(layOut(of, [1, 0], { ...shape, places: 4 })).toHaveLength(2)
  expect(() => layOut(of, [1], { ...shape, sequence: 3 })).toThrow('longer than a row')
})
