/**
 * Reward models in and out of folders, in the shape of Hugging Face's sequence classifiers (LlamaForSequenceClassification
 * and its like) with one label, so that transformers reads them unmodified.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { GptConfig } from './config.ts'
import { rewardSpecs } from './reward.ts'
import { type Architecture, publicArchitecture } from './weights/architecture.ts'
import { ModelFolderError } from './weights/error.ts'
import { Fields } from './weights/fields.ts'
import { configFile, parseJsonObject, readJsonFile } from './weights/folder.ts'
import type { JsonObject } from './weights/json.ts'
import { placements } from './weights/placements.ts'
import { publishConfig, publishTokenizer, tokenIds } from './weights/publish.ts'
import { readParameters } from './weights/read.ts'
import { readConfig } from './weights/read-config.ts'
import {
  checkParameters,
  type Parameter,
  removeOld,
  writeJson,
  writeSettings,
  writeText,
  writeWeights,
} from './weights/write.ts'
import type { ModelToSave } from './weights.ts'

const classifiers: Record<Architecture, string> = {
  LlamaForCausalLM: 'LlamaForSequenceClassification',
  Qwen2ForCausalLM: 'Qwen2ForSequenceClassification',
  Qwen3ForCausalLM: 'Qwen3ForSequenceClassification',
  GPT2LMHeadModel: 'GPT2ForSequenceClassification',
  DotlineForCausalLM: 'DotlineForSequenceClassification',
}

export interface RewardConfig {
  architecture: Architecture
  config: GptConfig
  /** Taken from what the head says, so that reference answers have a reward of 0 on average. */
  offset: number
}

export interface LoadedReward extends RewardConfig {
  /** By the names and in the order of `rewardSpecs(config)`. */
  parameters: Map<string, Parameter>
  folder: string
}

/** Reads the reward model in `folder`. Throws ModelFolderError and WeightFileError, as `loadModel` does. */
export async function loadRewardModel(folder: string, options: { shared?: boolean } = {}): Promise<LoadedReward> {
  const raw = await readJsonFile(folder, configFile)
  if (raw === null) throw new ModelFolderError(folder, null, `no ${configFile}: not a model`)
  const read = readRewardConfig(raw, path.join(folder, configFile))
  const { architecture, config } = read
  const parameters = await readParameters(folder, { architecture, specs: rewardSpecs(config), tied: false }, options)
  return { ...read, parameters, folder }
}

/** The reward model that the bytes of a config.json describe; `file` names it in errors. Throws ModelFolderError. */
export function parseRewardConfig(bytes: Uint8Array, file: string): RewardConfig {
  return readRewardConfig(parseJsonObject(bytes, file), file)
}

function readRewardConfig(raw: JsonObject, file: string): RewardConfig {
  const fields = new Fields(file, raw)
  const named = raw.architectures
  const found = (Object.keys(classifiers) as Architecture[]).find(
    (architecture) => Array.isArray(named) && named[0] === classifiers[architecture],
  )
  if (!found)
    return fields.fail('architectures', `not a reward model; only ${Object.values(classifiers).join(', ')} are`)
  const { config } = readConfig({ ...raw, architectures: [found] }, file)
  return { architecture: found, config, offset: fields.number('reward_offset', -1e9, 1e9, 0) }
}

/** As `ModelToSave`, with the parameters of `rewardSpecs` and the mean reward of reference answers. */
export interface RewardToSave extends Omit<ModelToSave, 'generation'> {
  offset: number
}

/** Writes the folder of a reward model, as `saveModel` writes a language model's. */
export async function saveRewardModel(folder: string, model: RewardToSave): Promise<void> {
  const { config, specialTokens, dtype, offset } = model
  const file = path.join(folder, configFile)
  const architecture = model.architecture === 'dotline' ? 'DotlineForCausalLM' : publicArchitecture(config, file)
  const tokenizerFile = path.join(folder, 'tokenizer.json')
  const tokenizer = parseJsonObject(Buffer.from(model.tokenizerJson), tokenizerFile)
  const ids = tokenIds(tokenizer, specialTokens, config.vocabSize, tokenizerFile)
  const specs = rewardSpecs(config)
  checkParameters(folder, specs, model)
  await mkdir(folder, { recursive: true })
  await removeOld(folder)
  await writeWeights(folder, placements(architecture, specs), model)
  await writeText(tokenizerFile, publishTokenizer(architecture, model.tokenizerJson, tokenizer, tokenizerFile))
  await writeSettings(folder, { ...model, contextLength: config.contextLength }, ids)
  await writeJson(file, {
    ...publishConfig(architecture, config, ids, dtype),
    architectures: [classifiers[architecture]],
    problem_type: 'regression',
    id2label: { 0: 'reward' },
    label2id: { reward: 0 },
    reward_offset: offset,
  })
}
