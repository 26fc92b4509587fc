/** A training run from its configuration to a finished model folder. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { writeDurably } from '#data/durable'
import { combineManifests } from '#data/manifest'
import { chatTemplate, endOfText, messageEnd, padding } from '#model/chat'
import { type GptConfig, parameterSpecs } from '#model/config'
import { loadModel, saveModel } from '#model/weights'
import { initialise } from './initial-weights.ts'
import { measurePeak } from './peak.ts'
import { noteBase } from './run-base.ts'
import { modelConfig, parseRunConfig, type RunConfig, RunConfigError } from './run-config.ts'
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
}

/** Prepares the data, trains, and writes the model to `folder/model`. Throws PreparationStopped at a signal before training. */
export async function startRun(options: RunOptions): Promise<RunOutcome> {
  const { run, folder, base } = options
  openFolder(options)
  const data = await prepareRunData(run, folder, base, options, options.signal)
  const start = run.init ? await loadModel(resolve(base, run.init)) : null
  const config = start ? fineTuned(start.config, run) : modelConfig(run, data.tokenizer.vocabSize)
  const peakFlops = await measurePeak(availableParallelism())
  options.onReady?.({ config, data, peakFlops })
  const result = await train({
    ...options,
    config,
    data,
    peakFlops,
    sample: (parameters, prompt) => sampleText({ config, tokenizer: data.tokenizer }, parameters, prompt),
    initialise: (parameters) => {
      if (!start) return initialise(config, parameters, run.seed)
      for (const [name, array] of parameters) array.set(start.parameters.get(name)?.data ?? array)
    },
  })
  const model = result.finished ? await writeModel(options, config, data, result) : null
  return { ...result, model }
}

function openFolder(options: RunOptions): void {
  settleConfig(options)
  noteBase(options.folder, options.base)
}

function settleConfig({ run, folder, resume }: RunOptions): void {
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
  const before = parseRunConfig(JSON.parse(readFileSync(path, 'utf8')), path)
  if (JSON.stringify({ ...before, steps: run.steps }) !== JSON.stringify(run))
    throw new RunConfigError(
      `${path} differs from the configuration given (only steps may change): resume with the same, or start a new folder`,
    )
  if (before.steps !== run.steps) writeDurably(path, text)
}

/** Whether a folder holds more than the configuration of a run whose data was never ready. */
function begun(folder: string): boolean {
  return ['data', 'checkpoints', 'metrics.jsonl', 'model'].some((name) => existsSync(join(folder, name)))
}

/** Fine-tuning keeps the model's shape; only its dropout may be another. */
function fineTuned(config: GptConfig, run: RunConfig): GptConfig {
  if (run.sequence > config.contextLength)
    throw new RunConfigError(
      `sequence ${run.sequence} is longer than the model's contextLength ${config.contextLength}`,
    )
  return { ...config, dropout: run.model.dropout ?? config.dropout }
}

/** Whether the model has seen conversations: one that has not is a base model, which continues texts. */
function conversed({ stage, data }: RunConfig): boolean {
  return stage === 'sft' || data.some(({ kind, generator }) => kind === 'chat' || generator === 'conversations')
}

async function writeModel(options: RunOptions, config: GptConfig, data: RunData, result: TrainResult): Promise<string> {
  const { run, folder, base } = options
  const target = join(folder, 'model')
  const specials = data.tokenizer.specialTokens
  const marked = specials.has(messageEnd)
  const parameters = new Map(
    parameterSpecs(config).map(({ name, shape }) => [
      name,
      { shape, data: result.parameters.get(name) as Float32Array },
    ]),
  )
  await saveModel(target, {
    config: { ...config, dropout: 0 },
    parameters,
    tokenizerJson: JSON.stringify(data.tokenizer.toJson()),
    chatTemplate: marked && conversed(run) ? chatTemplate : null,
    specialTokens: { eos: marked && run.stage === 'sft' ? messageEnd : endOfText, pad: padding },
    dtype: run.dtype,
    // A small model's tail of the distribution is mostly wrong: unless a request says otherwise, it stays near the likeliest.
    generation: run.stage === 'sft' ? { do_sample: true, temperature: 0.2 } : undefined,
    metadata: {
      format: 'pt',
      name: run.name,
      stage: run.stage,
      steps: String(result.step),
      manifest: data.manifest.sha256,
    },
  })
  const before = run.init ? [resolve(base, run.init)] : []
  await combineManifests([...before, data.folder], target)
  return target
}
