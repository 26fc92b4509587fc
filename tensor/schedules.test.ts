import { expect, test } from 'vitest'
import { learningRate, type Schedule } from './schedules.ts'

const base: Schedule = { kind: 'cosine', peak: 1, final: 0.1, warmupSteps: 4, totalSteps: 24, decayShare: 0.25 }
const cosine = (share: number) => 0.1 + 0.9 * ((1 + Math.cos(Math.PI * share)) / 2)

test.each<[string, number, Partial<Schedule>, number]>([
  ['the first step of a warm-up', 0, {}, 0.25],
  ['the last step of a warm-up', 3, {}, 1],
  ['cosine: after the warm-up', 4, {}, 1],
  ['cosine: halfway', 14, {}, 0.55],
  ['cosine: a quarter', 9, {}, cosine(0.25)],
  ['cosine: the last step', 23, {}, cosine(19 / 20)],
  ['cosine: at the end and beyond', 24, {}, 0.1],
  ['cosine: long beyond', 1000, {}, 0.1],
  ['no warm-up', 0, { warmupSteps: 0 }, 1],
  ['no warm-up, constant', 0, { warmupSteps: 0, kind: 'constant' }, 1],
  ['constant in a warm-up', 1, { kind: 'constant' }, 0.5],
  ['constant at the end', 23, { kind: 'constant' }, 1],
  ['WSD: stable', 17, { kind: 'wsd' }, 1],
  ['WSD: where it begins to fall', 18, { kind: 'wsd' }, 1],
  ['WSD: halfway down', 21, { kind: 'wsd' }, 0.55],
  ['WSD: the last step', 23, { kind: 'wsd' }, 0.25],
  ['WSD: at the end', 24, { kind: 'wsd' }, 0.1],
  ['WSD that only falls begins after its warm-up', 14, { kind: 'wsd', decayShare: 1 }, 0.55],
  ['WSD that never falls', 23, { kind: 'wsd', decayShare: 0 }, 1],
  ['a run of one step', 0, { warmupSteps: 0, totalSteps: 1 }, 1],
  ['a warm-up as long as the run', 23, { warmupSteps: 24 }, 1],
  ['the peak is a factor', 14, { peak: 0.002 }, 0.0011],
])('%s', (_name, step, change, expected) => {
  expect(learningRate(step, { ...base, ...change })).toBeCloseTo(expected, 12)
})

test.each(['cosine', 'wsd'] as const)('%s rises once and then never again', (kind) => {
  const rates = Array.from({ length: 30 }, (_, step) => learningRate(step, { ...base, kind }))
  const top = rates.indexOf(1)
  for (let i = 1; i < rates.length; i++)
    if (i <= top) expect(rates[i]).toBeGreaterThan(rates[i - 1])
    else expect(rates[i]).toBeLessThanOrEqual(rates[i - 1])
})
