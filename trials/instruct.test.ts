import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ruledPrompts } from '#data/prompts'
import { bestOfCurve, divergenceOf, expectedOfBest, peakOf } from './instruct/best-of.ts'
import { regressionOf } from './instruct/forgetting.ts'
import { judgeLine } from './instruct/judging.ts'
import { modelOf, runStage, stages } from './instruct/line.ts'
import { pageOf } from './instruct/page.ts'
import { plainly } from './instruct/plainly.ts'
import { verdictOf } from './instruct/verdict.ts'

test('a verdict over seeds counts each prompt once, worked out by hand', () => {
  const marks = (name: string, all: number[][]) => ({ name, temperature: 1, seeds: [1, 2], marks: all, answers: [] })
  const own = marks('own', [
    [1, 1, 0.5],
    [1, 0, 0.5],
  ])
  const other = marks('other', [
    [0.5, 1, 1],
    [1, 1, 1],
  ])
  const verdict = verdictOf(own, other)
  // Prompt by prompt: (1 + ½) / 2, (½ + 0) / 2, (0 + 0) / 2.
  expect(verdict.rate).toBeCloseTo((0.75 + 0.25 + 0) / 3, 12)
  expect(verdict).toMatchObject({ wins: 1, ties: 2, losses: 3, prompts: 3, seeds: 2, bySeed: [0.5, 1 / 6] })
  expect(verdict.right).toBeCloseTo((1 + 0.5 + 0) / 3, 12)
  expect(verdict.decided.share).toBe(0.25)
})

test('a regression is the growth of all nats together', () => {
  const loss = (nats: number[]) => ({ nats, bytes: 1, bitsPerByte: 1 })
  const { share, low, high } = regressionOf(loss([11, 10, 12]), loss([10, 10, 10]))
  expect(share).toBeCloseTo(0.1, 12)
  expect(low).toBeLessThan(share)
  expect(high).toBeGreaterThan(share)
})

/** The others go on from the same models, by stages that `train` tests. */
const short = stages.slice(0, stages.indexOf('ppo-ptx') + 1)

test('the line as far as PPO, very small, from nothing to the verdict', async () => {
  const runs = mkdtempSync(join(tmpdir(), 'dotline-instruct-'))
  const said: string[] = []
  const options = { runs, quick: true, replicas: 1, prompts: 6, seeds: 2, say: (line: string) => said.push(line) }
  try {
    for (const stage of short) expect(await runStage(stage, options)).toBe(true)
    expect(await runStage('sft', options)).toBe(true)
    expect(said.at(-1)).toBe('sft: done before')
    const judged = await judgeLine(options)
    expect(judged.verdicts.map(({ name, temperature }) => `${name} ${temperature}`)).toContain('ppo-ptx 1')
    expect(judged.verdicts.filter(({ name }) => name === 'sft-2').every(({ rate }) => rate === 0.5)).toBe(true)
    expect(judged.reward.map(({ source }) => source)).toEqual(['rules', 'own'])
    expect(judged.forgetting.find(({ name }) => name === 'sft-2')?.sinceSft.share).toBe(0)
    expect(readFileSync(join(modelOf(runs, 'ppo-ptx'), 'config.json'), 'utf8')).toContain('LlamaForCausalLM')
    const page = pageOf(judged, runs)
    expect(page.sections.map(({ heading }) => heading.en)).toContain('Held-out pre-training text')
  } finally {
    rmSync(runs, { recursive: true, force: true })
  }
}, 400_000)

test('the best of n, for every n from one set of answers, by hand', () => {
  const answers = [
    { reward: 3, gold: 0 },
    { reward: 1, gold: 1 },
    { reward: 2, gold: 0.5 },
  ]
  const gold = (n: number) => expectedOfBest(answers, n, (answer) => answer.gold)
  expect(gold(1)).toBeCloseTo(0.5, 12)
  // Of the three pairs two hold the answer of reward 3, one that of 2.
  expect(gold(2)).toBeCloseTo((0 + 0 + 0.5) / 3, 12)
  expect(gold(3)).toBeCloseTo(0, 12)
  expect(() => gold(4)).toThrow('there are 3')
  const equal = answers.map(({ gold: mark }) => ({ reward: 1, gold: mark }))
  expect(expectedOfBest(equal, 2, (answer) => answer.gold)).toBeCloseTo(0.5, 12)
  expect(divergenceOf(1)).toBe(0)
  expect(divergenceOf(4)).toBeCloseTo(Math.log(4) - 0.75, 12)
  const curve = bestOfCurve([answers, equal], [1, 2, 3])
  expect(peakOf(curve)).toMatchObject({ at: 1, gold: 0.5, kl: 0 })
})

test('a base model is asked in lines of text, with examples of its language', () => {
  const [prompt] = [...ruledPrompts({ seed: 5, count: 40, split: 'heldout' })].filter(
    ({ language, messages }) => language === 'zh' && messages.length === 1,
  )
  const bare = plainly(0)(prompt)
  expect(bare).toBe(`问：${prompt.messages[0].content.replaceAll('\n', ' ')}\n答：`)
  const shown = plainly(2)(prompt)
  expect(shown.endsWith(bare)).toBe(true)
  expect(shown.match(/答：/g)).toHaveLength(3)
})
