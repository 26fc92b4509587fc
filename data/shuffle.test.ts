import fc from 'fast-check'
import { expect, test } from 'vitest'
import { permuted, seededRandom, shuffleInPlace } from './shuffle.ts'

test('a permutation visits every index once, whatever the size and the seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), (size, seed) => {
      const seen = new Set(Array.from({ length: size }, (_, index) => permuted(index, size, seed)))
      return seen.size === size && Math.max(...seen) === size - 1
    }),
    { numRuns: 60 },
  )
})

test('a permutation moves most indices and differs between seeds', () => {
  const order = (seed: number) => Array.from({ length: 1000 }, (_, index) => permuted(index, 1000, seed))
  const first = order(1)
  expect(first.filter((to, from) => to === from).length).toBeLessThan(20)
  expect(order(2)).not.toEqual(first)
  expect(order(1)).toEqual(first)
  expect(() => permuted(1000, 1000, 1)).toThrow(/within 0\.\.999/)
})

test('shuffling keeps the items and repeats itself for one seed', () => {
  const items = Array.from({ length: 200 }, (_, i) => i)
  const once = shuffleInPlace([...items], 7)
  expect(shuffleInPlace([...items], 7)).toEqual(once)
  expect(once).not.toEqual(items)
  expect([...once].sort((a, b) => a - b)).toEqual(items)
})

test('the generator is spread evenly', () => {
  const random = seededRandom(3)
  const bins = new Array<number>(10).fill(0)
  for (let i = 0; i < 100_000; i++) bins[Math.floor(random() * 10)]++
  for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})
