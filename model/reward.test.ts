import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { grad } from '#tensor/grad'
import { input } from '#tensor/graph'
import { difference, type Feeds, mixed, runtimeDifference, slopeDifference } from '#tensor/oracle'
import { evaluate } from '#tensor/reference'
import type { GptConfig } from './config.ts'
import { families, randomParameters } from './decoding/random-model.ts'
import { hiddenStates } from './gpt.ts'
import { rewardHead, rewardSpecs, rewardsAt } from './reward.ts'
import { loadRewardModel, saveRewardModel } from './reward-folder.ts'
import { characterTokenizer } from './tokenizer-training.ts'
import { loadModel } from './weights.ts'

const tiny = (config: GptConfig): GptConfig => ({
  ...config,
  vocabSize: 13,
  contextLength: 8,
  width: 8,
  heads: 4,
  kvHeads: config.kvHeads < config.heads ? 2 : 4,
  headWidth: config.qkNorm ? 4 : 2,
  hidden: 10,
})
const rows = 12
const sequences = { batch: 2, length: 6, tokens: input('tokens', [rows], 'int64') }

function given(config: GptConfig): Feeds {
  const feeds: Record<string, Feeds[string]> = {
    tokens: BigInt64Array.from({ length: rows }, (_, i) => BigInt((i * 5) % 13)),
    ends: BigInt64Array.of(11n, 3n, 5n),
  }
  for (const [name, values] of randomParameters(config, 2)) feeds[name] = Float64Array.from(values)
  feeds[rewardHead] = Float64Array.from({ length: config.width }, (_, i) => Math.cos(i))
  return feeds
}

const inputs = (config: GptConfig) => new Map(rewardSpecs(config).map(({ name, shape }) => [name, input(name, shape)]))

test.each(['Llama', 'GPT-2'])('%s: a reward is the head times the state at the end; gradients', async (family) => {
  const config = tiny(families[family])
  const parameters = inputs(config)
  const feeds = given(config)
  const rewards = rewardsAt(config, parameters, sequences, input('ends', [3], 'int64'))
  const [states] = evaluate([hiddenStates(config, parameters, sequences)], feeds)
  const head = feeds[rewardHead] as Float64Array
  const expected = [11, 3, 5].map((row) => head.reduce((sum, w, i) => sum + w * states[row * config.width + i], 0))
  expect(difference(evaluate([rewards], feeds)[0], expected)).toBeLessThan(1e-6)
  const sources = [...parameters.values()]
  const scalar = mixed(rewards)
  expect(await runtimeDifference([rewards, ...grad(scalar, sources)], feeds)).toBeLessThan(1e-4)
  expect(slopeDifference(scalar, sources, feeds)).toBeLessThan(1e-6)
})

describe('a reward model’s folder', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dotline-reward-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const tokenizer = characterTokenizer(['abcdef'], { specialTokens: ['<|endoftext|>', '<|pad|>'] })
  const save = (config: GptConfig) =>
    saveRewardModel(folder, {
      config,
      parameters: new Map(
        rewardSpecs(config).map(({ name, shape }, at) => [
          name,
          { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + at)) },
        ]),
      ),
      tokenizerJson: JSON.stringify(tokenizer.toJson()),
      chatTemplate: null,
      specialTokens: { eos: '<|endoftext|>', pad: '<|pad|>' },
      dtype: 'f32',
      offset: -1.25,
    })

  it.each(['Llama', 'Qwen2', 'Qwen3', 'GPT-2'])('of %s comes back, and is a sequence classifier', async (family) => {
    const config = { ...families[family], vocabSize: 300 }
    await save(config)
    const loaded = await loadRewardModel(folder)
    expect(loaded.config).toEqual(config)
    expect(loaded.offset).toBe(-1.25)
    expect([...loaded.parameters.keys()]).toEqual(rewardSpecs(config).map(({ name }) => name))
    const head = loaded.parameters.get(rewardHead)
    expect(head?.data.slice(0, 3)).toEqual(
      Float32Array.from([0, 1, 2], (i) => Math.sin(i + rewardSpecs(config).length - 1)),
    )
    const settings = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    expect(settings.architectures[0]).toMatch(/ForSequenceClassification$/)
    expect(Object.keys(settings.id2label)).toEqual(['0'])
  })

  it('is not taken for a language model, nor one for it', async () => {
    await save({ ...families.Llama, vocabSize: 300 })
    await expect(loadModel(folder)).rejects.toThrow('LlamaForSequenceClassification')
    const path = join(folder, 'config.json')
    const settings = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...settings, architectures: ['LlamaForCausalLM'] }))
    await expect(loadRewardModel(folder)).rejects.toThrow('not a reward model')
  })
})
