import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadAdapter } from '#model/adapter'
import { ChatFormat } from '#model/chat'
import { mergeAdapter } from '#model/lora'
import { loadRewardModel } from '#model/reward-folder'
import { Tokenizer } from '#model/tokenizer'
import { loadModel } from '#model/weights'
import { type EvaluationMetrics, type Metrics, readMetrics, type StepMetrics } from './metrics.ts'
import { FrozenLossError } from './preference-stage.ts'
import { Replicas } from './replicas.ts'
import { writeReport } from './report.ts'
import { startRun } from './run.ts'
import { parseRunConfig, type RunInput } from './run-config.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let place: string
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-preference-'))
  writeFileSync(join(place, 'kind.jsonl'), kindness(72).join('\n'))
  await run('base', {
    stage: 'sft',
    tokenizer: { kind: 'bpe', vocabSize: 300 },
    data: [{ name: 'talk', generator: 'conversations', count: 40, kind: 'chat' }],
    model: { layers: 1, width: 32, heads: 2, kvHeads: 1, headWidth: 16, hidden: 48, contextLength: 96, dropout: 0 },
    validationShare: 0,
    sequence: 64,
    rows: 4,
    steps: 2,
    dtype: 'f32',
  })
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** Prompts of which each has a kind answer and an unkind one: a rule that a small model finds at once. */
function kindness(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({ prompt: `Say ${i * 37}.`, chosen: `yes ${i}`, rejected: `no ${i}` }),
  )
}

const kind = { name: 'kind', path: 'kind.jsonl', kind: 'preference', licence: 'CC0-1.0', source: 'a test' } as const
const rankings = {
  init: 'base/model',
  data: [kind],
  validationShare: 0.2,
  sequence: 64,
  rows: 8,
  replicas: 2,
  dtype: 'f32',
  evaluateEvery: 100,
} satisfies Partial<RunInput>

async function run(name: string, input: Partial<RunInput> & Pick<RunInput, 'stage'>, resume = false) {
  const outcome = await startRun({
    run: parseRunConfig({ name, replicas: 1, ...input }),
    folder: join(place, name),
    base: place,
    resume,
  })
  await outcome.close()
  return outcome
}

const metricsOf = (name: string): Metrics[] => readMetrics(join(place, name, 'metrics.jsonl'))
const stepsOf = (name: string) => metricsOf(name).filter((m): m is StepMetrics => m.kind === 'step')
const lastScore = (name: string) => metricsOf(name).findLast((m): m is EvaluationMetrics => m.kind === 'evaluation')

describe('a reward model', () => {
  beforeAll(() =>
    run('reward', { ...rankings, stage: 'reward', epochs: 6, optimizer: { learningRate: 0.01, warmupSteps: 2 } }),
  )

  it('learns to tell answers apart, and says how far it can be believed', () => {
    const steps = stepsOf('reward')
    // Six passes over about 58 prompts, 8 to a step; the last step of a pass is short.
    expect(steps.length % 6).toBe(0)
    const score = lastScore('reward')?.preferences?.kind
    expect(score?.pairs).toBeGreaterThan(5)
    expect(score?.accuracy).toBeGreaterThan(0.9)
    expect(score?.low).toBeLessThan(score?.accuracy ?? 0)
    expect(score?.reliability.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(score?.pairs)
    expect(steps.at(-1)?.preference?.margin).toBeGreaterThan(steps[0].preference?.margin ?? 0)
    expect(steps.at(-1)?.loss).toBeLessThan(0.4)
  })

  it('is a folder whose rewards are 0 on average for the best answers', async () => {
    const { config, parameters, offset } = await loadRewardModel(join(place, 'reward', 'model'))
    const tokenizer = await Tokenizer.open(join(place, 'reward', 'model'))
    const chat = new ChatFormat(tokenizer)
    const micro = { rows: 1, length: 64, packed: true }
    const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, muonMomentum: 0 }
    const replicas = new Replicas({
      config,
      objective: { kind: 'reward' },
      micro,
      optimizer,
      useMuon: false,
      replicas: 1,
    })
    for (const [name, array] of replicas.views()) array.set(parameters.get(name)?.data ?? [])
    const reward = async (question: string, answer: string) => {
      const { ids, mask } = chat.encodeTraining([
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ])
      const end = mask.lastIndexOf(1)
      const batch = rowOf(ids.subarray(0, end + 1))
      const [values] = await replicas.measure([batch])
      return values[0] - offset
    }
    const all = kindness(72).map((line) => JSON.parse(line) as { prompt: string; chosen: string; rejected: string })
    const chosen: number[] = []
    for (const { prompt, chosen: answer } of all) chosen.push(await reward(prompt, answer))
    const mean = chosen.reduce((sum, value) => sum + value, 0) / chosen.length
    const worse = await reward(all[3].prompt, all[3].rejected)
    await replicas.close()
    // The offset is the mean over the training part alone.
    expect(Math.abs(mean)).toBeLessThan(0.3)
    expect(worse).toBeLessThan(chosen[3] - 0.5)
  })

  it('has a manifest with source, licence and held-out part, and a report', () => {
    const manifest = JSON.parse(readFileSync(join(place, 'reward', 'model', 'manifest.json'), 'utf8'))
    const source = manifest.sources.find((one: { source: string }) => one.source === 'a test')
    expect(source.licence).toBe('CC0-1.0')
    expect(source.train.documents + source.validation.documents).toBe(72)
    expect(source.validation.documents).toBeGreaterThan(5)
    const page = readFileSync(writeReport(join(place, 'reward')), 'utf8')
    expect(page).toContain('Reliability')
    expect(page).not.toMatch(/NaN|undefined/)
  })
})

/** One answer alone in a row of 64, as a micro-batch of a reward model. */
function rowOf(ids: Uint32Array) {
  const row = (fill: (i: number) => number) => Int32Array.from({ length: 64 }, (_, i) => (i < ids.length ? fill(i) : 0))
  const documents = Int32Array.from({ length: 64 }, (_, i) => (i < ids.length ? 0 : 1))
  const ends = new Int32Array(16)
  ends[0] = ids.length - 1
  const more = { ends, better: new Int32Array(64), worse: new Int32Array(64), pairWeights: new Float32Array(64) }
  return {
    tokens: row((i) => ids[i]),
    targets: new Int32Array(64),
    weights: new Float32Array(64),
    positions: row((i) => i),
    documents,
    more,
    seed: 0,
  }
}

describe.each(['sigmoid', 'ipo'] as const)('DPO with the loss %s', (loss) => {
  const name = `dpo-${loss}`
  beforeAll(() =>
    run(name, {
      ...rankings,
      stage: 'dpo',
      epochs: 3,
      preference: { loss, beta: 0.5 },
      optimizer: { learningRate: 5e-3, warmupSteps: 1 },
    }),
  )

  it('begins where both models are one, and then prefers what is chosen', () => {
    const steps = stepsOf(name)
    expect(steps[0].loss).toBeCloseTo(loss === 'ipo' ? 1 : Math.LN2, 3)
    expect(Math.abs(steps[0].preference?.margin ?? 1)).toBeLessThan(1e-3)
    expect(steps.at(-1)?.loss).toBeLessThan(steps[0].loss * 0.8)
    expect(steps.at(-1)?.preference?.margin).toBeGreaterThan(0.2)
    expect(lastScore(name)?.preferences?.kind.accuracy).toBeGreaterThan(0.8)
  })

  it('leaves a language model', async () => {
    const { config } = await loadModel(join(place, name, 'model'))
    expect(config.layers).toBe(1)
  })
})

it('DPO stops where chosen and rejected are the same, and says why', async () => {
  const same = kindness(20).map((line) => ({ ...JSON.parse(line), rejected: JSON.parse(line).chosen }))
  writeFileSync(join(place, 'same.jsonl'), same.map((one) => JSON.stringify(one)).join('\n'))
  const data = [{ ...kind, path: 'same.jsonl' }]
  const frozen = await run('frozen', {
    ...rankings,
    data,
    stage: 'dpo',
    epochs: 9,
    preference: { frozenSteps: 5 },
  }).catch((error: unknown) => error)
  expect(frozen).toBeInstanceOf(FrozenLossError)
  expect(String(frozen)).toMatch(/0\.6931 for 5 steps.*the gradient is 0/)
})

describe('LoRA', () => {
  const lora = { rank: 2, alpha: 8 }
  beforeAll(async () => {
    await run('lora-sft', {
      stage: 'sft',
      init: 'base/model',
      data: [{ name: 'talk', generator: 'conversations', count: 40, kind: 'chat' }],
      lora,
      sequence: 64,
      rows: 4,
      steps: 6,
      dtype: 'f32',
      optimizer: { learningRate: 0.02, warmupSteps: 0 },
    })
    await run('lora-dpo', {
      ...rankings,
      stage: 'dpo',
      epochs: 2,
      lora: { ...lora, targets: ['q_proj', 'v_proj', 'down_proj'] },
      preference: { beta: 0.5 },
      optimizer: { learningRate: 0.02, warmupSteps: 1 },
    })
  })

  it.each(['lora-sft', 'lora-dpo'])('%s: the model is the old one with the adapter in it', async (name) => {
    const base = await loadModel(join(place, 'base', 'model'))
    const merged = await loadModel(join(place, name, 'model'))
    const adapter = await loadAdapter(join(place, name, 'adapter'), base.config)
    expect(adapter.lora.rank).toBe(2)
    const arrays = new Map([...base.parameters].map(([key, { data }]) => [key, data]))
    const expected = mergeAdapter(base.config, adapter.lora, arrays, adapter.arrays)
    for (const [key, { data }] of merged.parameters) expect(data, key).toEqual(expected.get(key))
    const changed = [...expected].filter(([key, data]) => data !== arrays.get(key))
    expect(changed).toHaveLength(adapter.lora.targets.length)
    for (const [key, data] of changed) expect(data, key).not.toEqual(arrays.get(key))
  })

  it('learns', () => {
    const [sft, dpo] = ['lora-sft', 'lora-dpo'].map(stepsOf)
    expect(sft.at(-1)?.loss).toBeLessThan(sft[0].loss)
    expect(dpo[0].loss).toBeCloseTo(Math.LN2, 3)
    expect(dpo.at(-1)?.preference?.margin).toBeGreaterThan(0.05)
  })

  it('keeps checkpoints of the adapter alone', () => {
    const arrays = 262_144 * 4 * 3
    const checkpoint = join(place, 'lora-sft', 'checkpoints', 'step-000000006', 'arrays.safetensors')
    expect(readFileSync(checkpoint).length).toBeLessThan(arrays + 1000)
  })
})

describe('a configuration', () => {
  const refused = (input: object) => () => parseRunConfig({ name: 'x', data: [kind], init: 'm', ...input })

  it('takes what is usual for its stage, where it says nothing', () => {
    const reward = parseRunConfig({ name: 'x', stage: 'reward', data: [kind], init: 'm' })
    expect(reward).toMatchObject({ epochs: 1, rows: 16, optimizer: { kind: 'adamw', schedule: 'cosine' } })
    const own = parseRunConfig({ name: 'x', stage: 'dpo', data: [kind], init: 'm', steps: 9, optimizer: { clip: 2 } })
    expect(own).toMatchObject({ steps: 9, optimizer: { clip: 2, kind: 'adamw' } })
    expect(own.epochs).toBeUndefined()
  })

  it('that does not fit is refused by name', () => {
    expect(refused({ stage: 'sft' })).toThrow(/rankings and prompts are for the stages reward, dpo/)
    expect(refused({ stage: 'dpo', init: undefined })).toThrow(/init is missing/)
    expect(refused({ stage: 'reward', lora: {} })).toThrow(/lora is for the stages sft and dpo/)
    expect(refused({ stage: 'dpo', lora: {}, optimizer: { kind: 'muon' } })).toThrow(/adamw/)
    expect(refused({ stage: 'dpo', data: [{ ...kind, kind: 'chat' }] })).toThrow(/its kind must be "preference"/)
    expect(refused({ stage: 'dpo', data: [{ ...kind, weight: 2 }] })).toThrow(/weight has no meaning/)
  })
})
