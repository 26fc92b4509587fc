/** What a finished run leaves: a model's folder, and an adapter's where one was trained. */
import { join, resolve } from 'node:path'
import { combineManifests } from '#data/manifest'
import { saveAdapter } from '#model/adapter'
import { chatTemplate, endOfText, messageEnd, padding } from '#model/chat'
import { type GptConfig, type ParameterSpec, parameterSpecs } from '#model/config'
import { tokenTable } from '#model/embedder'
import { saveEmbedder } from '#model/embedder-folder'
import { rewardSpecs } from '#model/reward'
import { saveRewardModel } from '#model/reward-folder'
import { saveModel } from '#model/weights'
import { EmbedStage } from './embed-stage.ts'
import { PreferenceStage } from './preference-stage.ts'
import { loraOf, type RunConfig } from './run-config.ts'
import type { RunData } from './run-data.ts'
import type { Stage } from './stage.ts'
import type { TrainResult } from './trainer.ts'

export interface FinishedRun {
  run: RunConfig
  folder: string
  base: string
  config: GptConfig
  data: RunData
  result: TrainResult
  /** Null where a policy learned from its own answers. */
  stage: Stage | null
}

/** Writes `folder/model` with its manifest, and `folder/adapter`; returns the model's folder. */
export async function writeModel(finished: FinishedRun): Promise<string> {
  const { run, folder, base, config, data, result } = finished
  const target = join(folder, 'model')
  if (run.stage === 'reward') await writeReward(target, finished)
  else if (run.stage === 'embed') await writeEmbedder(target, finished)
  else await writeLanguageModel(target, finished)
  const lora = loraOf(run)
  if (lora)
    await saveAdapter(join(folder, 'adapter'), {
      config,
      lora,
      arrays: result.replicas.views(),
      base: run.init ? resolve(base, run.init) : '',
    })
  const before = run.init ? [resolve(base, run.init)] : []
  await combineManifests([...before, data.folder], target)
  return target
}

const shaped = (specs: readonly ParameterSpec[], values: ReadonlyMap<string, Float32Array>) =>
  new Map(specs.map(({ name, shape }) => [name, { shape, data: values.get(name) as Float32Array }]))

/** Whether the model has seen conversations: one that has not is a base model, which continues texts. */
const conversed = ({ stage, data }: RunConfig): boolean =>
  stage !== 'pretrain' || data.some(({ kind, generator }) => kind === 'chat' || generator === 'conversations')

function common({ run, config, data, result }: FinishedRun) {
  const marked = data.tokenizer.specialTokens.has(messageEnd)
  return {
    config: { ...config, dropout: 0 },
    tokenizerJson: JSON.stringify(data.tokenizer.toJson()),
    chatTemplate: marked && conversed(run) ? chatTemplate : null,
    specialTokens: { eos: marked && run.stage !== 'pretrain' ? messageEnd : endOfText, pad: padding },
    dtype: run.dtype,
    metadata: {
      format: 'pt',
      name: run.name,
      stage: run.stage,
      steps: String(result.step),
      manifest: data.manifest.sha256,
    },
  }
}

async function writeLanguageModel(target: string, finished: FinishedRun): Promise<void> {
  const { run, config, result } = finished
  await saveModel(target, {
    ...common(finished),
    parameters: shaped(parameterSpecs(config), result.parameters),
    // A small model's tail of the distribution is mostly wrong: unless a request says otherwise, it stays near the likeliest.
    generation: run.stage === 'pretrain' ? undefined : { do_sample: true, temperature: 0.2 },
  })
}

async function writeEmbedder(target: string, finished: FinishedRun): Promise<void> {
  const { run, config, result, stage } = finished
  if (!(stage instanceof EmbedStage)) throw new Error('an embedding model comes of the stage embed')
  const { tokenizerJson, dtype, metadata } = common(finished)
  await saveEmbedder(target, {
    width: config.width,
    // A mean of vectors has no window: the limit is what one text may cost.
    contextLength: config.contextLength,
    dimensions: stage.objective.cuts,
    table: result.parameters.get(tokenTable) as Float32Array,
    tokenizerJson,
    dtype,
    metadata: { ...metadata, sequence: String(run.sequence) },
  })
}

async function writeReward(target: string, finished: FinishedRun): Promise<void> {
  const { config, result, stage } = finished
  if (!(stage instanceof PreferenceStage)) throw new Error('a reward model comes of a stage that learns from rankings')
  await saveRewardModel(target, {
    ...common(finished),
    parameters: shaped(rewardSpecs(config), result.parameters),
    offset: await stage.referenceReward(result.replicas),
  })
}
