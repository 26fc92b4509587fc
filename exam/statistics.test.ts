import { expect, it, test } from 'vitest'
import { differenceFigure, type Mark, meanFigure } from './figures.ts'
import { bootstrap, mean, quantile, randomFrom, wilson } from './statistics.ts'

// Wilson 1927; 70 of 100 and 0 of 10 as in Newcombe 1998's method 3.
test.each([
  [70, 100, 0.6042, 0.7811],
  [0, 10, 0, 0.2775],
  [10, 10, 0.7225, 1],
  [1, 1, 0.2065, 1],
])('Wilson of %d of %d', (right, of, low, high) => {
  expect(wilson(right, of).low).toBeCloseTo(low, 4)
  expect(wilson(right, of).high).toBeCloseTo(high, 4)
})

it('resamples the same from the same seed, and covers what is true about as often as it says', () => {
  const random = randomFrom(7)
  const draw = () => Array.from({ length: 60 }, () => random())
  expect(bootstrap(draw().slice(0, 5), mean)).not.toEqual(bootstrap(draw().slice(0, 5), mean))
  const sample = draw()
  expect(bootstrap(sample, mean)).toEqual(bootstrap(sample, mean))
  let covered = 0
  for (let i = 0; i < 200; i++) {
    const { low, high } = bootstrap(draw(), mean, { resamples: 400, seed: i })
    if (low <= 0.5 && high >= 0.5) covered++
  }
  // 190 are expected of 200; 6 standard deviations below are 171.
  expect(covered).toBeGreaterThan(171)
})

it('interpolates quantiles as NumPy does', () => {
  // numpy.quantile([1, 2, 3, 4], 0.4) is 2.2.
  expect(quantile([1, 2, 3, 4], 0.4)).toBeCloseTo(2.2, 12)
})

const mark = (item: string, seed: number, value: number): Mark => ({
  item,
  seed,
  group: null,
  value,
  said: '',
  right: '',
})

it('gives shares of single answers Wilson, and means over seeds the bootstrap of items with each seed beside', () => {
  const single = Array.from({ length: 100 }, (_, i) => mark(String(i), 1, Number(i < 70)))
  expect(meanFigure(single, ({ value }) => value, { name: 'accuracy', chance: 0.25 })).toMatchObject({
    value: 0.7,
    n: 100,
    interval: 'wilson',
    low: expect.closeTo(0.6042, 4),
  })
  const three = single.flatMap(({ item, value }) =>
    [1, 2, 3].map((seed) => mark(item, seed, seed === 3 ? 0 : (value as number))),
  )
  const figure = meanFigure(three, ({ value }) => value, { name: 'accuracy', chance: 0 })
  expect(figure).toMatchObject({ n: 100, interval: 'bootstrap', seeds: [0.7, 0.7, 0] })
  expect(figure.value).toBeCloseTo(0.4667, 4)
  // The seeds of an item agree: 300 answers say no more than 100 items.
  expect(figure.high - figure.low).toBeGreaterThan(0.1)
})

it('compares two models item by item', () => {
  const a = Array.from({ length: 50 }, (_, i) => mark(String(i), 1, Number(i < 30)))
  const b = Array.from({ length: 50 }, (_, i) => mark(String(i), 1, Number(i < 20)))
  const figure = differenceFigure(a, b, 'difference')
  expect(figure).toMatchObject({ value: expect.closeTo(0.2, 12), n: 50, chance: 0 })
  expect(figure.low).toBeGreaterThan(0)
  expect(differenceFigure(a, a, 'difference')).toMatchObject({ value: 0, low: 0, high: 0 })
})
