import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Metrics } from '#train/metrics'
import { derive, describePlan, planRun } from '#train/planner'
import { writeReport } from '#train/report'
import { startRun } from '#train/run'
import { learnsFromRankings, parseRunConfig, type RunConfig, readRunConfig } from '#train/run-config'
import { PreparationStopped } from '#train/run-data'
import type { Progress } from '#train/trainer'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { TrainingDisplay } from './train/display.ts'

const options = {
  config: { type: 'string' },
  data: { type: 'string', multiple: true },
  licence: { type: 'string' },
  init: { type: 'string' },
  generate: { type: 'string' },
  sequence: { type: 'string' },
  lora: { type: 'string' },
  folder: { type: 'string' },
  depth: { type: 'string' },
  minutes: { type: 'string' },
  steps: { type: 'string' },
  resume: { type: 'boolean', default: false },
  plan: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse<typeof options>>['values']

const stages: readonly string[] = Object.keys({
  pretrain: 0,
  sft: 0,
  reward: 0,
  dpo: 0,
  ppo: 0,
  grpo: 0,
  'best-of-n': 0,
  embed: 0,
} satisfies Record<RunConfig['stage'], 0>)
const isStage = (name: string | undefined): name is RunConfig['stage'] => name !== undefined && stages.includes(name)

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [stage, ...extra] = positionals
  if (!isStage(stage) || extra.length > 0) throw new UsageError(texts().usage.trainAction)
  const { config: configured, base } = readConfig(stage, values)
  const folder = resolve(values.folder ?? join('runs', configured.name))
  const config = values.resume ? resumedConfig(folder, configured, values) : await dialled(configured, values, base)
  if (values.plan || !values.json) {
    const plan = await planRun(config, base)
    if (!values.plan) console.error(describePlan(plan))
    else console.log(values.json ? JSON.stringify(plan) : describePlan(plan))
  }
  if (values.plan) return 0
  return await execute(config, folder, base, values)
}

async function execute(config: RunConfig, folder: string, base: string, values: Values): Promise<number> {
  const display = new TrainingDisplay(process.stderr)
  const interruption = new Interruption(display)
  const onMetrics = (metrics: Metrics, progress: Progress) => {
    if (values.json) console.log(JSON.stringify(metrics))
    else display.show(metrics, progress)
    if (metrics.kind === 'evaluation') writeReport(folder)
  }
  const outcome = await startRun({
    run: config,
    folder,
    base,
    resume: values.resume,
    signal: interruption.signal,
    onTokenizer: (done, total) => display.preparing('tokenizer', `${done} of ${total} merges`),
    onCorpus: (p) => display.preparing('data', `${p.source}: ${p.documents} documents, ${p.tokens} tokens`),
    onReady: (ready) => {
      interruption.training = true
      display.ready(ready)
    },
    onMetrics,
  }).catch(nullWhereStopped)
  await outcome?.close()
  const report = outcome && writeReport(folder)
  display.end()
  interruption.end()
  if (!outcome) {
    console.error(texts().train.stoppedEarly)
    return 130
  }
  if (!outcome.finished) {
    console.error(texts().train.stopped(outcome.step, outcome.steps))
    return 130
  }
  console.error(texts().train.finished(outcome.model ?? '', report ?? ''))
  return 0
}

/** Ctrl-C or SIGTERM, once: a second one ends the process at once, and the checkpoint before this one is whole. */
class Interruption {
  /** Whether there is a step to finish and something to save. */
  training = false
  readonly #stop = new AbortController()
  readonly #display: TrainingDisplay
  readonly #interrupt = () => {
    if (this.training) this.#display.keep(texts().train.stopping)
    this.#stop.abort()
  }

  constructor(display: TrainingDisplay) {
    this.#display = display
    process.once('SIGINT', this.#interrupt)
    process.once('SIGTERM', this.#interrupt)
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  end(): void {
    process.off('SIGINT', this.#interrupt)
    process.off('SIGTERM', this.#interrupt)
  }
}

function nullWhereStopped(error: unknown): null {
  if (error instanceof PreparationStopped) return null
  throw error
}

function readConfig(stage: RunConfig['stage'], values: Values): { config: RunConfig; base: string } {
  if (values.config) {
    const config = readRunConfig(values.config)
    if (config.stage !== stage) throw new UsageError(texts().usage.trainStage(values.config, config.stage))
    const adapted =
      values.lora === undefined ? config : parseRunConfig({ ...config, lora: { ...config.lora, rank: rankOf(values) } })
    return { config: withFlags(adapted, values), base: dirname(resolve(values.config)) }
  }
  const data = sourcesOf(stage, values)
  if (data.length === 0) throw new UsageError(texts().usage.trainData)
  const name =
    basename(values.data?.[0] ?? stage)
      .replace(/\..*/, '')
      .replace(/[^\w-]/g, '-') || 'run'
  const tokenizer = values.init ? undefined : { kind: 'bpe', vocabSize: 4096 }
  const lora = values.lora === undefined ? {} : { lora: { rank: rankOf(values) } }
  const given = values.steps === undefined ? {} : { steps: Number(values.steps) }
  const config = parseRunConfig({ stage, name, data, tokenizer, init: values.init, ...lora, ...given })
  return { config: withFlags(config, values), base: process.cwd() }
}

const rankOf = (values: Values) => number('lora', values.lora, { min: 1, max: 4096, whole: true })

const kinds = {
  pretrain: 'text',
  sft: 'chat',
  reward: 'preference',
  dpo: 'preference',
  ppo: 'preference',
  grpo: 'preference',
  'best-of-n': 'preference',
  embed: 'text',
} as const

/** What --data and --generate name. */
function sourcesOf(stage: RunConfig['stage'], values: Values) {
  const rankings = learnsFromRankings(stage)
  for (const option of ['generate', 'sequence'] as const)
    if (!rankings && values[option] !== undefined) throw new UsageError(texts().usage.trainRankings(option))
  const count = number('generate', values.generate, { min: 1, max: 1e9, whole: true })
  const files = (values.data ?? []).map((path, i) => ({
    name: `data-${i}`,
    path: resolve(path),
    kind: kinds[stage],
    licence: values.licence,
  }))
  return count === undefined ? files : [...files, { name: 'rules', generator: 'preferences' as const, count }]
}

function withFlags(config: RunConfig, values: Values): RunConfig {
  const steps = number('steps', values.steps, { min: 1, max: 1e9, whole: true })
  const sequence = number('sequence', values.sequence, { min: 8, max: 1e6, whole: true })
  const init = values.init ? resolve(values.init) : config.init
  // So many steps are wanted, whatever they are in passes over the data.
  const length = steps === undefined ? {} : { steps, epochs: undefined }
  return { ...config, ...length, sequence: sequence ?? config.sequence, init }
}

/** The configuration as the folder remembers it: what the dials derived is not derived again. */
function resumedConfig(folder: string, given: RunConfig, values: Values): RunConfig {
  const path = join(folder, 'run.json')
  if (!existsSync(path)) return given
  const remembered = readRunConfig(path)
  return values.steps === undefined ? remembered : { ...remembered, steps: given.steps, epochs: undefined }
}

async function dialled(config: RunConfig, values: Values, base: string): Promise<RunConfig> {
  const depth = number('depth', values.depth, { min: 1, max: 96, whole: true })
  const minutes = number('minutes', values.minutes, { min: 0.1, max: 100_000 })
  if (depth !== undefined && minutes !== undefined) throw new UsageError(texts().usage.trainDials)
  return depth === undefined && minutes === undefined ? config : derive(config, { depth, minutes }, base)
}

export const train: Command = { run }
