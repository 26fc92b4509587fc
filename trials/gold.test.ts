import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ruledPrompts } from '#data/prompts'
import { answersOf, compareMarks, marked } from './gold.ts'

test('wins, ties and losses, with intervals, by hand', () => {
  const result = compareMarks([1, 1, 1, 0.5, 0], [0, 0.5, 1, 1, 0])
  expect(result).toMatchObject({ wins: 2, ties: 2, losses: 1, rate: 0.6 })
  expect(result.decided.share).toBeCloseTo(2 / 3, 12)
  expect(result.low).toBeLessThan(0.6)
  expect(result.high).toBeGreaterThan(0.6)
  expect(compareMarks([1, 0], [1, 0]).rate).toBe(0.5)
})

test('reference answers meet all rules of held-out prompts; the shipped model beats silence', async () => {
  const prompts = [...ruledPrompts({ seed: 3, count: 24, split: 'heldout' })]
  for (const { rules, answer } of prompts) expect(marked(rules, answer)).toBe(1)
  const folder = fileURLToPath(new URL('../starter', import.meta.url))
  const answers = await answersOf(folder, { prompts, temperature: 0, seed: 1 })
  const own = answers.map((answer, i) => marked(prompts[i].rules, answer))
  const silent = prompts.map(({ rules }) => marked(rules, ''))
  expect(compareMarks(own, silent).rate).toBeGreaterThan(0.8)
}, 120_000)
