/** What goes wrong is seen, said and stopped at; what goes well is left alone. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest'
import { loadModel } from '#model/weights'
import { thresholdsSchema } from './flight-recorder/thresholds.ts'
import { FlightError, type FlightRecord, FlightRecorder, repetitionOf } from './flight-recorder.ts'
import { readMetrics, type StepMetrics } from './metrics.ts'
import { type ReinforceOptions, reinforce } from './reinforce.ts'
import { startRun } from './run.ts'
import { parseRunConfig, type RunConfig, type RunInput } from './run-config.ts'
import { prepareRunData } from './run-data.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const usual: FlightRecord = {
  step: 0,
  loss: 0.1,
  gradientNorm: 1,
  kl: 0.02,
  entropy: 2,
  reward: 0.4,
  spread: 0.2,
  length: 30,
  clipFraction: 0.1,
  explainedVariance: 0.3,
  repetition: 0.1,
}

/** The step at which a course of records is marked, and as what. */
function marked(course: (step: number) => Partial<FlightRecord>, steps = 20) {
  const recorder = new FlightRecorder(thresholdsSchema.parse({}))
  for (let step = 1; step <= steps; step++) {
    const mark = recorder.record({ ...usual, step, ...course(step) })
    if (mark) return `${mark.kind} ${mark.step}`
  }
  return 'none'
}

describe('the thresholds', () => {
  const after = (change: Partial<FlightRecord>) => (step: number) => (step > 5 ? change : {})
  it.each<[string, Partial<FlightRecord>, string]>([
    ['no number', { loss: Number.NaN }, 'nan 6'],
    ['an infinity', { gradientNorm: Number.POSITIVE_INFINITY }, 'nan 6'],
    ['the policy runs away', { kl: 1.01 }, 'kl 8'],
    ['the entropy collapses', { entropy: 0.19 }, 'entropy 8'],
    ['answers grow', { length: 91 }, 'length 8'],
    ['answers shrink', { length: 9.9 }, 'length 8'],
    ['all scores are one', { spread: 0 }, 'spread 8'],
    ['the text loops', { repetition: 0.71 }, 'repetition 8'],
    ['just within', { kl: 1, entropy: 0.2, length: 90, spread: 1e-5, repetition: 0.7 }, 'none'],
  ])('%s', (_what, change, expected) => expect(marked(after(change))).toBe(expected))

  it('forgive one bad rollout', () => expect(marked((step) => (step % 3 === 0 ? { kl: 5 } : {}))).toBe('none'))

  it('see a reward that rises while the exam falls, beyond chance', () => {
    const recorder = new FlightRecorder(thresholdsSchema.parse({}))
    const exam = (step: number, reward: number, share: number) =>
      recorder.examine({ step, reward, exam: share, answers: 400 })?.kind ?? null
    expect(exam(1, 0.1, 0.5)).toBe(null)
    expect(exam(2, 0.2, 0.6)).toBe(null)
    // 3 standard errors of the difference are about 0.10.
    expect(exam(3, 0.3, 0.52)).toBe(null)
    expect(exam(4, 0.1, 0.3)).toBe(null)
    expect(exam(5, 0.4, 0.45)).toBe('divergence')
  })
})

test('repetition is the share of tokens that end a run of three which was there before', () => {
  expect(repetitionOf([1, 2, 3, 4, 5])).toBe(0)
  expect(repetitionOf([1, 2, 1, 2, 1, 2])).toBe(0.5)
  expect(repetitionOf([7, 7, 7, 7, 7])).toBeCloseTo(2 / 3, 12)
  expect(repetitionOf([1, 1])).toBe(0)
})

describe('real runs', () => {
  let place: string
  const talk = { name: 'talk', generator: 'conversations', count: 60, kind: 'chat' } as const
  const run = async (name: string, input: Omit<RunInput, 'name'>) => {
    const folder = join(place, name)
    const config = parseRunConfig({ replicas: 1, dtype: 'f32', name, ...input })
    if (config.stage !== 'ppo') return (await startRun({ run: config, folder, base: place, resume: false })).close()
    return fly(config, folder)
  }
  let shared: Pick<ReinforceOptions, 'data' | 'start' | 'config'>
  /** As `startRun` does it, but with data and model that are there already: a dozen runs are to take seconds. */
  const fly = async (config: RunConfig, folder: string) => {
    const settings = config.reinforcement as NonNullable<RunConfig['reinforcement']>
    mkdirSync(folder)
    const options = { run: config, settings, folder, base: place, startHash: '', peakFlops: 1e9 }
    return (await reinforce({ ...options, ...shared })).close()
  }
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'dotline-flight-'))
    const same = Array.from({ length: 24 }, (_, i) => ({
      prompt: `Say ${i}.`,
      chosen: `yes ${i}`,
      rejected: `no ${i}`,
    }))
    writeFileSync(join(place, 'pairs.jsonl'), same.map((one) => JSON.stringify(one)).join('\n'))
    await run('base', {
      stage: 'sft',
      tokenizer: { kind: 'bpe', vocabSize: 320 },
      data: [talk],
      model: { layers: 1, width: 32, heads: 2, kvHeads: 1, headWidth: 16, hidden: 48, contextLength: 96 },
      sequence: 96,
      rows: 8,
      steps: 60,
    })
    const data = await prepareRunData(parseRunConfig({ ...ppo({}), name: 'data' }), join(place, 'data'), place)
    const start = await loadModel(join(place, 'base', 'model'))
    shared = { data, start, config: { ...start.config, dropout: 0 } }
  })
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  const ppo = (reinforcement: RunInput['reinforcement'], more: Partial<RunInput> = {}): Omit<RunInput, 'name'> => ({
    stage: 'ppo',
    init: 'base/model',
    data: [{ name: 'asked', generator: 'prompts', count: 60 }],
    sequence: 96,
    microRows: 2,
    rows: 16,
    steps: 60,
    checkpointEvery: 1,
    evaluateEvery: 1000,
    evaluateRows: 4,
    ...more,
    reinforcement: { answerTokens: 12, minibatch: 8, ...reinforcement },
  })
  /** Limits that no course passes, but for the one that is looked at. */
  const off = { kl: 1e9, entropy: 0, length: 1e6, spread: 0, repetition: 1, patience: 2, baseline: 2 }
  const wild = { targetKl: null, klCoefficient: 0, noEndPenalty: 0 } as const
  const fast = { optimizer: { learningRate: 0.02 } }

  const failures: Record<string, [FlightError['mark']['kind'], Omit<RunInput, 'name'>]> = {
    'no number': ['nan', ppo({ ...wild, recorder: off }, { optimizer: { learningRate: 1, clip: 1e9 } })],
    'a policy that runs away': ['kl', ppo({ ...wild, tokenPenalty: 1, recorder: { ...off, kl: 1 } }, fast)],
    'an entropy that collapses': [
      'entropy',
      ppo({ ...wild, tokenPenalty: 1, recorder: { ...off, entropy: 0.3 } }, fast),
    ],
    'a length that drifts': ['length', ppo({ ...wild, tokenPenalty: 1, recorder: { ...off, length: 3 } }, fast)],
    'scores that are all one': ['spread', ppo({ rules: 'all', recorder: { patience: 2 } })],
    'a loss that stays at 0.6931': [
      'frozen',
      {
        stage: 'dpo',
        init: 'base/model',
        data: [{ name: 'pairs', path: 'pairs.jsonl', kind: 'preference', licence: 'CC0-1.0', source: 'a test' }],
        sequence: 64,
        rows: 8,
        steps: 40,
        checkpointEvery: 1,
        optimizer: { learningRate: 1e-12 },
        preference: { frozenSteps: 10 },
      },
    ],
  }

  it.each(Object.keys(failures))('%s: the run stops, says why and keeps what was sound', async (what) => {
    const [kind, input] = failures[what]
    const error = await run(what.replaceAll(/[^a-z]/g, '-'), input).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FlightError)
    expect((error as FlightError).mark.kind).toBe(kind)
    expect((error as FlightError).message).toMatch(/^step \d+: .*(kept|Nothing was saved)/)
    const folder = join(place, what.replaceAll(/[^a-z]/g, '-'))
    const steps = readMetrics(join(folder, 'metrics.jsonl')).filter((m): m is StepMetrics => m.kind === 'step')
    // What the limit was passed in is not kept: a run goes on from before.
    if (kind === 'kl' || kind === 'entropy' || kind === 'length') {
      expect(steps.at(-1)?.flight?.mark?.kind).toBe(kind)
      expect(readdirSync(join(folder, 'checkpoints')).length).toBeGreaterThan(0)
    }
  })

  it('ten seeds that go well are not stopped', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      await run(
        `clean-${seed}`,
        ppo({ epochs: 1, minibatch: 16 }, { seed, steps: 6, optimizer: { learningRate: 1e-4 } }),
      )
      const steps = readMetrics(join(place, `clean-${seed}`, 'metrics.jsonl')).filter(({ kind }) => kind === 'step')
      expect(steps).toHaveLength(6)
    }
  })
})
