import { expect, test } from 'vitest'
import { type MarginOf, scorePairs, wilson } from './score.ts'

const pair = (prompt: number, margin: number): MarginOf => ({ prompt, margin, chosen: margin, rejected: 0 })
const sigma = (x: number) => 1 / (1 + Math.exp(-x))

test('Wilson’s interval, by hand', () => {
  // 81 of 100: (0.81 + 0.0192073) / 1.0384146 ± 0.0772 (Agresti and Coull 1998, with z = 1.96).
  const { low, high } = wilson(0.81, 100)
  expect(low).toBeCloseTo(0.7222, 4)
  expect(high).toBeCloseTo(0.8749, 4)
  expect(wilson(1, 20).high).toBe(1)
  expect(wilson(1, 20).low).toBeCloseTo(0.8389, 4)
})

test('accuracy, loss and means of margins; a tie is half right', () => {
  const score = scorePairs([pair(1, 2), pair(2, -1), pair(3, 0), pair(4, 0.5)])
  expect(score?.accuracy).toBe(0.625)
  const loss = [2, -1, 0, 0.5].reduce((sum, m) => sum + Math.log(1 + Math.exp(-m)), 0) / 4
  expect(score?.loss).toBeCloseTo(loss, 12)
  expect(score?.chosen).toBe(0.375)
  expect(score?.prompts).toBe(4)
  expect(scorePairs([])).toBeNull()
})

test('the calibration error, by hand: what is called 73 % right and is 50 %', () => {
  const sure = Math.log(0.95 / 0.05)
  const score = scorePairs([pair(1, 1), pair(2, -1), pair(3, sure), pair(4, sure)])
  expect(score?.reliability).toHaveLength(2)
  expect(score?.reliability[0]).toEqual({ confidence: sigma(1), accuracy: 0.5, pairs: 2 })
  expect(score?.ece).toBeCloseTo(0.5 * (sigma(1) - 0.5) + 0.5 * 0.05, 12)
})

test('the interval does not shrink with pairs of the same prompts', () => {
  const width = (margins: MarginOf[]) => {
    const score = scorePairs(margins)
    return (score?.high ?? 0) - (score?.low ?? 0)
  }
  const alone = Array.from({ length: 60 }, (_, i) => pair(i, i % 3 === 0 ? -1 : 1))
  const thrice = alone.flatMap((one) => [one, one, one])
  expect(width(thrice)).toBeCloseTo(width(alone), 10)
  const apart = Array.from({ length: 180 }, (_, i) => pair(i, i % 3 === 0 ? -1 : 1))
  expect(width(apart)).toBeLessThan(width(alone) * 0.7)
  // All right: nothing varies, and prompts are what is counted.
  const sure = Array.from({ length: 60 }, (_, i) => pair(i % 20, 1))
  expect(scorePairs(sure)?.low).toBeCloseTo(wilson(1, 20).low, 10)
})
