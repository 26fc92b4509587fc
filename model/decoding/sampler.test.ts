import { expect, test } from 'vitest'
import { expNegative } from './exponential.ts'
import { Random } from './random.ts'
import { type Filters, Sampler } from './sampler.ts'

const plain: Filters = { temperature: 1, topK: 0, topP: 1, minP: 0 }
const logitsOf = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log)

/** How often each token comes in `draws` draws with seeds 0, 1, 2 …: one draw a seed. */
function histogram(logits: Float32Array, filters: Filters, draws: number): number[] {
  const sampler = new Sampler(logits.length)
  const counts = Array.from(logits, () => 0)
  for (let seed = 0; seed < draws; seed++) counts[sampler.sample(logits, filters, new Random(seed).next())]++
  return counts
}

/** Pearson's statistic over the tokens that can come; one that cannot must never come. */
function chiSquare(counts: number[], probabilities: number[]): number {
  const draws = counts.reduce((a, b) => a + b, 0)
  let statistic = 0
  for (const [id, p] of probabilities.entries()) {
    if (p === 0) expect(counts[id]).toBe(0)
    else statistic += (counts[id] - draws * p) ** 2 / (draws * p)
  }
  return statistic
}

// Each distribution is worked out by hand from 0.4, 0.3, 0.15, 0.1, 0.05.
const logits = logitsOf(0.15, 0.4, 0.05, 0.3, 0.1)
const cases: [string, Partial<Filters>, number[]][] = [
  ['temperature 1', {}, [0.15, 0.4, 0.05, 0.3, 0.1]],
  // Squares: 0.0225, 0.16, 0.0025, 0.09, 0.01; sum 0.285.
  ['temperature ½', { temperature: 0.5 }, [0.0225, 0.16, 0.0025, 0.09, 0.01].map((x) => x / 0.285)],
  ['top-k 2', { topK: 2 }, [0, 4 / 7, 0, 3 / 7, 0]],
  ['top-k beyond the vocabulary', { topK: 9 }, [0.15, 0.4, 0.05, 0.3, 0.1]],
  // 0.4 + 0.3 is less than 0.75, with 0.15 it is more.
  ['top-p 0.75', { topP: 0.75 }, [0.15 / 0.85, 0.4 / 0.85, 0, 0.3 / 0.85, 0]],
  ['top-p 0', { topP: 0 }, [0, 1, 0, 0, 0]],
  // Of the three best, 0.85 in all, 0.4 + 0.3 is a share of 0.82.
  ['top-p after top-k', { topK: 3, topP: 0.8 }, [0, 4 / 7, 0, 3 / 7, 0]],
  // 0.3 · 0.4 = 0.12.
  ['min-p 0.3', { minP: 0.3 }, [0.15 / 0.85, 0.4 / 0.85, 0, 0.3 / 0.85, 0]],
  ['top-p and min-p', { topP: 0.9, minP: 0.5 }, [0, 4 / 7, 0, 3 / 7, 0]],
]

for (const [name, filters, expected] of cases)
  test(`${name} draws from the distribution it means`, () => {
    // 18.5 is the chi-square value of 4 degrees of freedom that one set of seeds in 1,000 exceeds.
    expect(chiSquare(histogram(logits, { ...plain, ...filters }, 20_000), expected)).toBeLessThan(18.5)
  })

test('temperature 0 takes the likeliest, the first of equals', () => {
  expect(new Sampler(4).sample(Float32Array.of(1, 3, 3, 2), { ...plain, temperature: 0 }, 0.99)).toBe(1)
})

test('among equals the lower tokens are kept', () => {
  const flat = new Float32Array(8)
  expect(histogram(flat, { ...plain, topK: 3 }, 2000).map((n) => n > 0)).toEqual([1, 1, 1, 0, 0, 0, 0, 0].map(Boolean))
  expect(histogram(flat, { ...plain, topP: 0.5 }, 2000).map((n) => n > 0)).toEqual(
    [1, 1, 1, 1, 0, 0, 0, 0].map(Boolean),
  )
})

test('filters keep what sorting would keep, on uneven rows with ties', () => {
  const random = new Random(1)
  for (let round = 0; round < 300; round++) {
    const size = 2 + Math.floor(random.next() * 60)
    const row = Float32Array.from({ length: size }, () => Math.round(random.next() * 12) / 2)
    const filters = { ...plain, topK: Math.floor(random.next() * size), topP: random.next() }
    const order = Array.from(row.keys()).sort((a, b) => row[b] - row[a] || a - b)
    const limited = filters.topK > 0 ? order.slice(0, filters.topK) : order
    const whole = limited.reduce((sum, id) => sum + Math.exp(row[id]), 0)
    let sum = 0
    const kept = limited.filter((id) => {
      const inside = sum < filters.topP * whole * (1 - 1e-9)
      sum += Math.exp(row[id])
      return inside
    })
    const drawn = new Set<number>()
    const sampler = new Sampler(size)
    for (let i = 0; i < 400; i++) drawn.add(sampler.sample(row, filters, i / 400))
    // 400 even draws meet every token that holds at least a 400th of what is kept.
    const mass = kept.reduce((s, id) => s + Math.exp(row[id]), 0)
    for (const id of drawn) expect(kept).toContain(id)
    for (const id of kept) if (Math.exp(row[id]) / mass > 1 / 399) expect(drawn).toContain(id)
  }
})

test('an infinite bias wins', () => {
  const row = Float32Array.of(1, Number.POSITIVE_INFINITY, 2)
  expect(new Sampler(3).sample(row, { ...plain, topP: 0.5 }, 0.9)).toBe(1)
})

test('a banned token never comes', () => {
  const row = Float32Array.of(Number.NEGATIVE_INFINITY, 0, 0)
  expect(histogram(row, { ...plain, topP: 0.99 }, 500)[0]).toBe(0)
  expect(histogram(row, plain, 500)[0]).toBe(0)
})

test('the fast exponential is good to 1e-9', () => {
  for (let x = 0; x > -700; x -= 0.0137) expect(Math.abs(expNegative(x) / Math.exp(x) - 1)).toBeLessThan(1e-9)
  expect(expNegative(0)).toBe(1)
  expect(expNegative(-1e4)).toBe(0)
  expect(expNegative(Number.NEGATIVE_INFINITY)).toBe(0)
})

test('equal seeds give equal streams, other seeds others', () => {
  const stream = (seed: number) => {
    const random = new Random(seed)
    return Array.from({ length: 5 }, () => random.next())
  }
  expect(stream(7)).toEqual(stream(7))
  expect(new Set([0, 1, 2, 0.5, -1, 2 ** 40, 2 ** 40 + 1].map((seed) => stream(seed)[0])).size).toBe(7)
})
