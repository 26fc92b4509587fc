import { expect, test } from 'vitest'
import { areaOf, curveOf, showCurves } from './curves.ts'

const runs = [
  {
    episodes: [
      { steps: 1, total: 10 },
      { steps: 50, total: 20 },
      { steps: 51, total: 30 },
      { steps: 200, total: 100 },
    ],
  },
  { episodes: [{ steps: 100, total: 50 }] },
]

test('each part has the mean of its own episodes, and the spread over seeds', () => {
  expect(curveOf(runs, 200, 4)).toEqual([
    { mean: 32.5, lowest: 15, highest: 50 },
    { mean: 40, lowest: 30, highest: 50 },
    { mean: 40, lowest: 30, highest: 50 },
    { mean: 75, lowest: 50, highest: 100 },
  ])
})

test('the area lies between no skill and perfect skill', () => {
  const flat = (mean: number) => [{ mean, lowest: mean, highest: mean }]
  expect([areaOf(flat(-1600), [-1600, 0]), areaOf(flat(-400), [-1600, 0]), areaOf(flat(0), [-1600, 0])]).toEqual([
    0, 0.75, 1,
  ])
})

test('a curve is one line', () => {
  expect(showCurves('task', 200, [{ name: 'ours', curve: curveOf(runs, 200, 2) }])).toEqual([
    'task, ours, mean return while exploring (lowest to highest seed): 100 steps 35 (20 to 50), 200 steps 75 (50 to 100)',
  ])
  expect(() => curveOf([{ episodes: [] }], 200, 2)).toThrow('no episode')
})
