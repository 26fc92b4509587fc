/** A training run from its configuration to a finished model folder. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { writeDurably } from '#data/durable'
import { checkAdaptable } from '#model/adapter'
import type { GptConfig } from '#model/config'
import { embedderSpecs } from '#model/embedder'
import { rewardHead } from '#model/reward'
import { type LoadedModel, loadModel } from '#model/weights'
import { EmbedStage } from './embed-stage.ts'
import { initialise, initialiseAdapter, initialiseHead } from './initial-weights.ts'
import { LanguageStage } from './language-stage.ts'
import { writeModel } from './model-writing.ts'
import { measurePeak } from './peak.ts'
import { weightsHash } from './preference/reference.ts'
import { PreferenceStage } from './preference-stage.ts'
import { reinforce } from './reinforce.ts'
import { noteBase } from './run-base.ts'
import { learnsFromAnswers, loraOf, modelConfig, parseRunConfig, type RunConfig, RunConfigError } from './run-config.ts'
import { type PrepareEvents, prepareRunData, type RunData } from './run-data.ts'
import { sampleText } from './sampler.ts'
import { type TrainOptions, type TrainResult, train } from './trainer.ts'

export interface RunOptions extends PrepareEvents, Pick<TrainOptions, 'onMetrics' | 'signal'> {
  run: RunConfig
  /** The run's folder; made where it is missing. */
  folder: string
  /** Where the configuration's relative paths start. */
  base: string
  /** Go on from the folder's newest checkpoint; without it a folder where a run has begun is refused. */
  resume: boolean
  onReady?: (ready: { config: GptConfig; data: RunData; peakFlops: number }) => void
}

export interface RunOutcome extends TrainResult {
  /** The finished model's folder; null where the run was stopped before its end. */
  model: string | null
  /** Steps of the whole run. */
  steps: number
}

/** Prepares the data, trains, and writes the model to `folder/model`. Throws PreparationStopped at a signal before training. */
export async function startRun(options: RunOptions): Promise<RunOutcome> {
  const { folder, base } = options
  openFolder(options)
  const data = await prepareRunData(options.run, folder, base, options, options.signal)
  const start = await startOf(options.run, base)
  const config = start
    ? fineTuned(start.model.config, options.run, folder)
    : modelConfig(options.run, data.tokenizer.vocabSize)
  if (start && learnsFromAnswers(options.run.stage)) return reinforced(options, data, start, config)
  const { stage, run } = openStage(options, data, start?.hash ?? '', config)
  const peakFlops = await measurePeak(availableParallelism())
  options.onReady?.({ config, data, peakFlops })
  const result = await train({
    ...options,
    run,
    config,
    stage,
    lora: loraOf(run),
    // An adapter's checkpoints do not hold the model beside it, nor DPO's the one that it is held to.
    inputs: start && (run.lora || run.stage === 'dpo') ? [data.manifest.sha256, start.hash] : [data.manifest.sha256],
    peakFlops,
    sample:
      run.stage === 'reward' || run.stage === 'embed'
        ? undefined
        : (parameters, prompt) => sampleText({ config, tokenizer: data.tokenizer }, parameters, prompt),
    initialise: (trained, frozen) => fill(run, config, start?.model ?? null, trained, frozen),
  })
  const finished = { run, folder, base, config, data, result, stage }
  const model = result.finished ? await writeModel(finished) : null
  return { ...result, model, steps: run.steps }
}

async function reinforced(options: RunOptions, data: RunData, start: Start, shape: GptConfig): Promise<RunOutcome> {
  const { run, folder, base } = options
  // The answers that are learned from are those of the whole network.
  const config = { ...shape, dropout: 0 }
  const settings = run.reinforcement as NonNullable<RunConfig['reinforcement']>
  const peakFlops = await measurePeak(availableParallelism())
  options.onReady?.({ config, data, peakFlops })
  const sample = (parameters: ReadonlyMap<string, Float32Array>, prompt: string) =>
    sampleText({ config, tokenizer: data.tokenizer }, parameters, prompt)
  const startHash = start.hash
  const result = await reinforce({
    ...options,
    settings,
    config,
    start: start.model,
    startHash,
    data,
    peakFlops,
    sample,
  })
  const model = result.finished ? await writeModel({ run, folder, base, config, data, result, stage: null }) : null
  return { ...result, model, steps: run.steps }
}

interface Start {
  model: LoadedModel
  hash: string
}

async function startOf({ init }: RunConfig, base: string): Promise<Start | null> {
  if (!init) return null
  const place = resolve(base, init)
  return { model: await loadModel(place), hash: await weightsHash(place) }
}

/** The stage, and the run with its steps, which follow from the data where epochs are asked for. */
function openStage(options: RunOptions, data: RunData, initHash: string, { width }: GptConfig) {
  const { run, folder } = options
  if (run.embedding) return { stage: new EmbedStage(run, run.embedding, data, width), run }
  if (!run.preference) return { stage: new LanguageStage(run, data), run }
  const stage = new PreferenceStage({ run, settings: run.preference, data, folder, initHash })
  if (run.epochs === undefined) return { stage, run }
  const counted = { ...run, steps: Math.max(1, Math.round(run.epochs * stage.stepsPerEpoch)) }
  settleConfig({ ...options, run: counted, resume: true })
  return { stage, run: counted }
}

/** Weights to start from: those of `init` where it has them, new ones by the run's seed elsewhere. */
function fill(
  run: RunConfig,
  config: GptConfig,
  start: LoadedModel | null,
  trained: ReadonlyMap<string, Float32Array>,
  frozen: ReadonlyMap<string, Float32Array>,
): void {
  if (run.stage === 'embed') return initialise(config, trained, run.seed, embedderSpecs(config))
  if (!start) return initialise(config, trained, run.seed)
  for (const arrays of [trained, frozen])
    for (const [name, array] of arrays) array.set(start.parameters.get(name)?.data ?? array)
  const lora = loraOf(run)
  if (lora) initialiseAdapter(config, lora, trained, run.seed)
  const head = trained.get(rewardHead)
  if (head) initialiseHead(head, run.seed)
}

function openFolder(options: RunOptions): void {
  settleConfig(options)
  noteBase(options.folder, options.base)
}

function settleConfig({ run, folder, resume }: Pick<RunOptions, 'run' | 'folder' | 'resume'>): void {
  const path = join(folder, 'run.json')
  const text = `${JSON.stringify(run, null, 2)}\n`
  const known = existsSync(path)
  if (!known || (!resume && !begun(folder))) {
    mkdirSync(folder, { recursive: true })
    // A tokenizer that another configuration left behind before its data was ready.
    if (known && readFileSync(path, 'utf8') !== text) rmSync(join(folder, 'tokenizer.json'), { force: true })
    writeDurably(path, text)
    return
  }
  if (!resume)
    throw new RunConfigError(`${folder} holds a run already: pass --resume to go on, or choose another folder`)
  const before = readFileSync(path, 'utf8')
  if (withoutLength(parseRunConfig(JSON.parse(before), path)) !== withoutLength(run))
    throw new RunConfigError(
      `${path} differs from the configuration given (only steps may change): resume with the same, or start a new folder`,
    )
  if (before !== text) writeDurably(path, text)
}

/** What may not change on resuming: neither how long the run is, nor what only says how it is watched. */
function withoutLength(run: RunConfig): string {
  const reinforcement = run.reinforcement && { ...run.reinforcement, recorder: null, saveSeconds: 0 }
  return JSON.stringify({ ...run, steps: 0, epochs: undefined, reinforcement })
}

/** Whether a folder holds more than the configuration of a run whose data was never ready. */
function begun(folder: string): boolean {
  return ['data', 'checkpoints', 'metrics.jsonl', 'model'].some((name) => existsSync(join(folder, name)))
}

/** Fine-tuning keeps the model's shape; only its dropout may be another. */
function fineTuned(config: GptConfig, run: RunConfig, folder: string): GptConfig {
  if (run.sequence > config.contextLength)
    throw new RunConfigError(
      `sequence ${run.sequence} is longer than the model's contextLength ${config.contextLength}`,
    )
  if (run.lora) checkAdaptable(config, join(folder, 'adapter'))
  return { ...config, dropout: run.model.dropout ?? config.dropout }
}
