/** What a run will take, before it starts: parameters, tokens, FLOPs, time and memory; and the dials that derive a run. */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { type GptConfig, parameterCount, parameterSpecs } from '#model/config'
import { loraSpecs } from '#model/lora'
import { loadModel } from '#model/weights'
import { flopsPerToken } from './flops.ts'
import { layoutOfSpecs } from './layout.ts'
import { measurePeak } from './peak.ts'
import { loraOf, modelConfig, parseRunConfig, type RunConfig, RunConfigError } from './run-config.ts'

export interface Plan {
  name: string
  stage: RunConfig['stage']
  parameters: number
  /** 0 where the data decides. */
  steps: number
  tokensPerStep: number
  tokens: number
  flops: number
  /** What this machine reaches on products in its cache, FLOPs per second. */
  peakFlops: number
  seconds: number
  /** Bytes of weights, moments and gradients. */
  stateBytes: number
  /** Bytes of one replica's activations, roughly. */
  activationBytes: number
  replicas: number
}

/** The share of the machine's peak that training steps reach: measured by `npm run bench -- train`, rounded down. */
const usualUtilisation = 0.65

/** Tokens per parameter of matrices and output that make the best of a compute budget (nanochat's scaling runs). */
const tokensPerParameter = 10.5

/** Plans a run; measures the machine for a fraction of a second. `base` is where the run's relative paths start. */
export async function planRun(run: RunConfig, base: string): Promise<Plan> {
  const vocabSize = run.tokenizer?.kind === 'bpe' ? run.tokenizer.vocabSize : run.tokenizer ? 256 : 6400
  const config = run.init ? (await loadModel(resolve(base, run.init))).config : modelConfig(run, vocabSize)
  const peakFlops = await measurePeak(availableParallelism(), 5)
  return planFor(run, config, peakFlops)
}

function planFor(run: RunConfig, config: GptConfig, peakFlops: number): Plan {
  const replicas = run.replicas ?? Math.max(1, Math.min(availableParallelism(), run.rows / run.microRows))
  const tokensPerStep = run.rows * run.sequence
  // Of rankings the steps follow from the data, which is not there yet.
  const steps = run.epochs === undefined ? run.steps : 0
  const tokens = steps * tokensPerStep
  const flops = tokens * flopsPerToken(config, run.sequence)
  const frozenBytes = run.lora ? parameterCount(config) * 4 : 0
  const stateBytes = trainedSize(run, config) * 4 * (3 + replicas) + frozenBytes
  const rows = run.microRows * run.sequence
  const perLayer = rows * (8 * config.width + 4 * config.hidden) + run.microRows * config.heads * run.sequence ** 2 * 2
  return {
    name: run.name,
    stage: run.stage,
    parameters: parameterCount(config),
    steps,
    tokensPerStep,
    tokens,
    flops,
    peakFlops,
    seconds: flops / (peakFlops * usualUtilisation),
    stateBytes,
    activationBytes: 4 * (config.layers * perLayer + rows * config.vocabSize) * replicas,
    replicas,
  }
}

function trainedSize(run: RunConfig, config: GptConfig): number {
  const lora = loraOf(run)
  const specs = lora ? loraSpecs(config, lora) : parameterSpecs(config)
  return layoutOfSpecs(specs, run.optimizer.kind === 'muon').size
}

/** The plan as a person reads it. */
export function describePlan(plan: Plan): string {
  const rows: [string, string][] = [
    ['run', `${plan.name} (${plan.stage})`],
    ['parameters', `${(plan.parameters / 1e6).toFixed(2)} M`],
    ...(plan.steps === 0 ? [] : work(plan)),
    ['machine', `${(plan.peakFlops / 1e9).toFixed(0)} GFLOP/s on products in the cache, ${plan.replicas} replicas`],
    ...(plan.steps === 0 ? ([['time', 'known once the rankings are counted']] as [string, string][]) : time(plan)),
    ['memory', `about ${((plan.stateBytes + plan.activationBytes) / 1e9).toFixed(2)} GB`],
  ]
  return rows.map(([name, value]) => `${name.padEnd(11)} ${value}`).join('\n')
}

const work = (plan: Plan): [string, string][] => [
  ['tokens', `${(plan.tokens / 1e6).toFixed(1)} M in ${plan.steps} steps of ${plan.tokensPerStep}`],
  ['compute', `${plan.flops.toExponential(2)} FLOPs`],
]

const time = (plan: Plan): [string, string][] => [
  ['time', `about ${duration(plan.seconds)} at ${(usualUtilisation * 100).toFixed(0)} % of that`],
]

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

export interface Dials {
  depth?: number
  minutes?: number
}

/**
 * Derives model, batch, rate and steps from one dial. `depth` gives the layers, and the steps that make the best of that
 * size; `minutes` gives the deepest model for which that many steps fit, and exactly the steps that fit.
 */
export async function derive(run: RunConfig, { depth, minutes }: Dials, base: string): Promise<RunConfig> {
  if (run.init) return minutes === undefined ? fail('--depth has no meaning with --init') : fitted(run, minutes, base)
  if (depth !== undefined) return withDepth(run, depth)
  const seconds = (minutes ?? 1) * 60
  const peak = await measurePeak(availableParallelism())
  const time = (candidate: RunConfig) => planFor(candidate, modelConfig(candidate, vocabulary(candidate)), peak).seconds
  let chosen = withDepth(run, 2)
  for (let next = 3; next <= 48; next++) {
    const candidate = withDepth(run, next)
    if (time(candidate) > seconds) break
    chosen = candidate
  }
  return parseRunConfig({ ...chosen, steps: Math.max(10, Math.round((chosen.steps * seconds) / time(chosen))) })
}

function fail(text: string): never {
  throw new RunConfigError(text)
}

const vocabulary = (run: RunConfig): number => (run.tokenizer?.kind === 'bpe' ? run.tokenizer.vocabSize : 256)

async function fitted(run: RunConfig, minutes: number, base: string): Promise<RunConfig> {
  const plan = await planRun(run, base)
  return parseRunConfig({ ...run, steps: Math.max(1, Math.round((run.steps * minutes * 60) / plan.seconds)) })
}

/** Width 43 times the depth, in heads of 32, as the starter has it; the rate falls with the square root of the width. */
function withDepth(run: RunConfig, depth: number): RunConfig {
  const width = Math.max(64, Math.round((depth * 43) / 64) * 64)
  const heads = width / 32
  const model = {
    ...run.model,
    layers: depth,
    width,
    heads,
    kvHeads: heads % 2 === 0 ? heads / 2 : heads,
    headWidth: 32,
    hidden: Math.round((width * 8) / 3 / 64) * 64,
    contextLength: Math.max(run.sequence, run.model.contextLength ?? 0),
  }
  const config = modelConfig({ ...run, model }, vocabulary(run))
  const learned = parameterSpecs(config)
    .filter((s) => s.kind === 'matrix' || s.name.startsWith('model.embed_tokens'))
    .reduce((sum, s) => sum + s.shape.reduce((a, b) => a * b, 1), 0)
  const steps = Math.max(50, Math.round((learned * tokensPerParameter) / (run.rows * run.sequence)))
  const learningRate = 3e-3 * Math.sqrt(256 / width)
  const warmupSteps = Math.min(run.optimizer.warmupSteps, Math.ceil(steps / 10))
  return parseRunConfig({ ...run, model, steps, optimizer: { ...run.optimizer, learningRate, warmupSteps } })
}
