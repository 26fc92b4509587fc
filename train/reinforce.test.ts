/** Policies that learn from their own answers, by the command a user gives, killed and resumed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fileSha256 } from '#data/ledger'
import { loadAdapter } from '#model/adapter'
import { mergeAdapter } from '#model/lora'
import { loadModel } from '#model/weights'
import { type EvaluationMetrics, readMetrics, type StepMetrics } from './metrics.ts'
import { writeReport } from './report.ts'
import { startRun } from './run.ts'
import { parseRunConfig, type RunInput } from './run-config.ts'

vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 })

const dotline = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'dotline.ts')
const talk = { name: 'talk', generator: 'conversations', count: 30, kind: 'chat' } as const
const asked = { name: 'asked', generator: 'prompts', count: 60 } as const
const common = {
  init: 'base/model',
  data: [asked, talk],
  sequence: 96,
  microRows: 2,
  rows: 6,
  replicas: 2,
  steps: 2,
  dtype: 'f32',
  optimizer: { learningRate: 1e-3 },
  evaluateEvery: 2,
  evaluateRows: 6,
} satisfies Partial<RunInput>
const small = { answerTokens: 10, minibatch: 6, saveSeconds: 0 }

const runs: Record<string, RunInput> = {
  ppo: {
    ...common,
    name: 'ppo',
    stage: 'ppo',
    rows: 12,
    reinforcement: { ...small, mix: 0.5, mixRows: 2, reward: 'judge/model', klTarget: 0.5, entropyWeight: 0.01 },
  },
  grpo: { ...common, name: 'grpo', stage: 'grpo', data: [asked], reinforcement: { ...small, samples: 3 } },
  'best-of-n': {
    ...common,
    name: 'best',
    stage: 'best-of-n',
    data: [asked],
    lora: { rank: 2 },
    reinforcement: { ...small, samples: 3 },
  },
}

let place: string
const folderOf = (name: string) => join(place, name)
async function make(name: string, input: RunInput, resume = false) {
  const outcome = await startRun({ run: parseRunConfig(input), folder: folderOf(name), base: place, resume })
  await outcome.close()
  return outcome
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-reinforce-'))
  for (const [name, run] of Object.entries(runs)) writeFileSync(join(place, `${name}.json`), JSON.stringify(run))
  await make('base', {
    name: 'base',
    stage: 'sft',
    tokenizer: { kind: 'bpe', vocabSize: 320 },
    data: [talk],
    model: { layers: 1, width: 32, heads: 2, kvHeads: 1, headWidth: 16, hidden: 48, contextLength: 96 },
    sequence: 96,
    rows: 4,
    replicas: 1,
    steps: 4,
    dtype: 'f32',
  })
  await make('judge', {
    name: 'judge',
    stage: 'reward',
    init: 'base/model',
    data: [{ name: 'rules', generator: 'preferences', count: 24 }],
    sequence: 96,
    rows: 6,
    replicas: 1,
    steps: 3,
    dtype: 'f32',
    evaluateRows: 4,
  })
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** A run as a user starts it; resolves with its exit code, and kills it once it has written so many snapshots. */
async function start(stage: string, folder: string, flags: string[] = [], snapshots = Number.POSITIVE_INFINITY) {
  const args = ['train', stage, '--config', join(place, `${stage}.json`), '--folder', folderOf(folder), '--json']
  const child: ChildProcess = spawn(process.execPath, [dotline, ...args, ...flags], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const newest = () => {
    try {
      const names = readdirSync(join(folderOf(folder), 'checkpoints')).filter((name) => name.endsWith('.snapshot'))
      return Math.max(0, ...names.map((name) => Number(name.slice(6, 15))))
    } catch {
      return 0
    }
  }
  const watch = setInterval(() => newest() >= snapshots && child.kill('SIGKILL'), 5)
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearInterval(watch)
  return code
}

const said = (folder: string) =>
  readMetrics(join(folderOf(folder), 'metrics.jsonl')).map((metrics) => {
    const { seconds: _s, tokensPerSecond: _t, utilisation: _u, ...rest } = { ...metrics } as Record<string, unknown>
    const { rolloutShare: _r, rolloutTokensPerSecond: _p, ...flight } = (rest.flight ?? {}) as Record<string, unknown>
    return { ...rest, flight }
  })

const weights = (folder: string) => fileSha256(join(folderOf(folder), 'model', 'model.safetensors'))

it('ppo, killed in the middle of iterations and resumed, ends with the same bits', async () => {
  expect(await start('ppo', 'ppo-whole')).toBe(0)
  // A snapshot after each rollout and each update: these lie within the first and the second iteration.
  const points = [1 + Math.floor(Math.random() * 2), 4 + Math.floor(Math.random() * 2)]
  for (const [i, point] of points.entries()) await start('ppo', 'ppo-killed', i === 0 ? [] : ['--resume'], point)
  expect(await start('ppo', 'ppo-killed', ['--resume'])).toBe(0)
  expect(await weights('ppo-killed')).toBe(await weights('ppo-whole'))
  expect(said('ppo-killed')).toEqual(said('ppo-whole'))
})

it.each(['grpo', 'best-of-n'])('%s goes on from a snapshot within an iteration to the same bits', async (stage) => {
  await make(`${stage}-whole`, runs[stage])
  cpSync(folderOf(`${stage}-whole`), folderOf(`${stage}-again`), { recursive: true })
  const snapshots = readdirSync(join(folderOf(`${stage}-again`), 'checkpoints')).sort()
  // The last was written at the end, the one before it ahead of the last update.
  expect(snapshots).toHaveLength(2)
  rmSync(join(folderOf(`${stage}-again`), 'checkpoints', snapshots[1]))
  rmSync(join(folderOf(`${stage}-again`), 'model'), { recursive: true })
  await make(`${stage}-again`, runs[stage], true)
  expect(await weights(`${stage}-again`)).toBe(await weights(`${stage}-whole`))
  expect(said(`${stage}-again`)).toEqual(said(`${stage}-whole`))
})

describe.each(['ppo', 'grpo', 'best-of-n'])('%s', (stage) => {
  it('records its flight, examines held-out prompts and writes its report', async () => {
    const metrics = readMetrics(join(folderOf(`${stage}-whole`), 'metrics.jsonl'))
    const steps = metrics.filter((m): m is StepMetrics => m.kind === 'step')
    expect(steps).toHaveLength(2)
    // Before the first update the policy is the one that it is held to.
    expect(Math.abs(steps[0].flight?.kl ?? 1)).toBeLessThan(1e-5)
    for (const { flight } of steps)
      for (const value of [flight?.entropy, flight?.length, flight?.gradientNorm, flight?.rolloutTokensPerSecond])
        expect(value).toBeGreaterThan(0)
    const exam = metrics.findLast((m): m is EvaluationMetrics => m.kind === 'evaluation')
    // Of six, those whose prompts leave room for an answer.
    expect(exam?.answers?.prompts).toBeGreaterThan(1)
    expect(exam?.answers?.exam).toBeGreaterThanOrEqual(0)
    if (stage === 'ppo') expect(exam?.scores.talk.bitsPerByte).toBeGreaterThan(0)
    const page = readFileSync(writeReport(folderOf(`${stage}-whole`)), 'utf8')
    for (const part of [
      'KL from the starting policy',
      'Entropy',
      'Clip fraction',
      'The flight recorder marked nothing',
    ])
      expect(page).toContain(part)
    expect(page).not.toMatch(/NaN|undefined/)
    const { config } = await loadModel(join(folderOf(`${stage}-whole`), 'model'))
    if (stage === 'best-of-n')
      expect((await loadAdapter(join(folderOf(`${stage}-whole`), 'adapter'), config)).lora.rank).toBe(2)
  })
})

it.each(['ppo', 'grpo'] as const)('%s learns an adapter alone, which merged gives the model', async (stage) => {
  const name = `${stage}-lora`
  await make(name, { ...runs[stage], name, lora: { rank: 2 }, steps: 1, evaluateEvery: 1, evaluateRows: 2 })
  const [base, merged] = [
    await loadModel(join(folderOf('base'), 'model')),
    await loadModel(join(folderOf(name), 'model')),
  ]
  const { lora, arrays } = await loadAdapter(join(folderOf(name), 'adapter'), base.config)
  const plain = new Map([...base.parameters].map(([key, { data }]) => [key, data]))
  const expected = mergeAdapter(base.config, lora, plain, arrays)
  for (const [key, { data }] of merged.parameters) {
    const apart = Math.max(...data.map((value, i) => Math.abs(value - (expected.get(key)?.[i] ?? Number.NaN))))
    expect(apart, key).toBeLessThan(1e-6)
  }
  const moved = [...merged.parameters].filter(([key, { data }]) =>
    data.some((value, i) => value !== plain.get(key)?.[i]),
  )
  expect(moved.length).toBeGreaterThan(0)
  expect(moved.every(([key]) => key.includes('_proj.weight'))).toBe(true)
  const [step] = readMetrics(join(folderOf(name), 'metrics.jsonl'))
  expect(Math.abs((step as StepMetrics).flight?.kl ?? 1)).toBeLessThan(1e-5)
})
