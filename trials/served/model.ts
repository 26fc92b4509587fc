import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chatTemplate, messageEnd, padding, specialTokens } from '#model/chat'
import { type GptConfig, parameterSpecs, presets } from '#model/config'
import { Tokenizer } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import { type Parameter, saveModel } from '#model/weights'
import { root } from './command.ts'

/** The folder of the model that this checkout ships. */
export const starterFolder = join(root, 'starter')

export interface ServedModel {
  folder: string
  /** Whether it was trained to converse; random weights were not. */
  converses: boolean
}

/** The starter, or where this checkout has none yet, random weights that answer nonsense in the way a model answers. */
export async function servedModel(): Promise<ServedModel> {
  if (existsSync(join(starterFolder, 'config.json'))) return { folder: starterFolder, converses: true }
  const folder = mkdtempSync(join(tmpdir(), 'dotline-stand-in-'))
  await writeRandomModel(folder)
  return { folder, converses: false }
}

async function writeRandomModel(folder: string): Promise<void> {
  const tokenizer = trainTokenizer(['Hello there, how are you? 你好，你是谁？\n'.repeat(20)], {
    vocabSize: 320,
    specialTokens: [...specialTokens],
  })
  const shape = { vocabSize: tokenizer.vocabSize, contextLength: 512, layers: 3, width: 192, heads: 4, kvHeads: 2 }
  const config: GptConfig = { ...presets.starter, ...shape, headWidth: 48, hidden: 512 }
  let state = 1
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
  const parameters = new Map<string, Parameter>()
  for (const { name, shape: dims, kind } of parameterSpecs(config)) {
    const scale = 1.5 / Math.sqrt(dims[dims.length - 1])
    const length = dims.reduce((a, b) => a * b, 1)
    parameters.set(name, {
      shape: dims,
      data: Float32Array.from({ length }, () => (kind === 'norm' ? 1 : scale * uniform())),
    })
  }
  await saveModel(folder, {
    config,
    parameters,
    tokenizerJson: JSON.stringify(tokenizer.toJson()),
    chatTemplate,
    specialTokens: { eos: messageEnd, pad: padding },
    dtype: 'f32',
  })
}

/** A logit bias under which no answer ends before `max_tokens`: every special token is barred. */
export async function endlessly(folder: string): Promise<Record<string, number>> {
  const { specialTokens: known } = await Tokenizer.open(folder)
  return Object.fromEntries([...known.values()].map((id) => [id, -100]))
}
