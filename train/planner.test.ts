import { describe, expect, it } from 'vitest'
import { derive, describePlan, duration, planRun } from './planner.ts'
import { parseRunConfig, RunConfigError, type RunInput } from './run-config.ts'

const run = (more: Partial<RunInput> = {}) =>
  parseRunConfig({
    stage: 'pretrain',
    name: 'planned',
    tokenizer: { kind: 'bpe', vocabSize: 1000 },
    data: [{ name: 'facts', generator: 'statements' }],
    sequence: 128,
    rows: 8,
    ...more,
  })

describe('the dial of depth', () => {
  it('gives layers, a wider model, a lower rate and more steps the deeper it is', async () => {
    const four = await derive(run(), { depth: 4 }, '.')
    const eight = await derive(run(), { depth: 8 }, '.')
    expect([four.model.layers, eight.model.layers]).toEqual([4, 8])
    expect(eight.model.width).toBeGreaterThan(four.model.width ?? 0)
    expect(eight.optimizer.learningRate).toBeLessThan(four.optimizer.learningRate)
    expect(eight.steps).toBeGreaterThan(four.steps)
    expect((four.model.heads ?? 0) * 32).toBe(four.model.width)
  })

  it('keeps what it does not derive, and never warms up for more than a tenth of the steps', async () => {
    const given = run({ seed: 7, optimizer: { kind: 'adamw', warmupSteps: 1000 } })
    const derived = await derive(given, { depth: 2 }, '.')
    expect(derived.seed).toBe(7)
    expect(derived.optimizer.kind).toBe('adamw')
    expect(derived.optimizer.warmupSteps).toBeLessThanOrEqual(Math.ceil(derived.steps / 10))
    expect(derived.data).toEqual(given.data)
  })

  it('is refused where the model is given', async () => {
    await expect(derive(run({ init: 'some/model' }), { depth: 4 }, '.')).rejects.toThrow(RunConfigError)
  })
})

describe('the dial of minutes', () => {
  it('fills the time that there is: a longer run has more to compute', async () => {
    const short = await derive(run(), { minutes: 0.1 }, '.')
    const long = await derive(run(), { minutes: 60 }, '.')
    const [a, b] = [await planRun(short, '.'), await planRun(long, '.')]
    expect(b.flops).toBeGreaterThan(20 * a.flops)
    expect(b.parameters).toBeGreaterThan(a.parameters)
    expect(a.steps).toBeGreaterThanOrEqual(10)
  })
})

describe('a plan', () => {
  it('counts tokens and FLOPs of the steps that are asked for, and reads as a table', async () => {
    const plan = await planRun(run({ steps: 300, microRows: 2, replicas: 2 }), '.')
    expect(plan.tokens).toBe(300 * 8 * 128)
    expect(plan.flops).toBeGreaterThan(plan.tokens * 6 * plan.parameters * 0.5)
    expect(plan.seconds).toBeGreaterThan(0)
    expect(plan.stateBytes).toBeGreaterThanOrEqual(plan.parameters * 4 * 5)
    const text = describePlan(plan)
    for (const word of ['planned (pretrain)', '300 steps of 1024', '2 replicas', 'GB']) expect(text).toContain(word)
  })

  it.each([
    [0.2, '1 s'],
    [89, '89 s'],
    [90, '2 min'],
    [5399, '90 min'],
    [7200, '2.0 h'],
  ])('writes %d seconds as %s', (seconds, text) => expect(duration(seconds)).toBe(text))
})
