import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chatTemplate, messageEnd, padding, specialTokens } from '#model/chat'
import { presets } from '#model/config'
import { rewardSpecs } from '#model/reward'
import { saveRewardModel } from '#model/reward-folder'
import { characterTokenizer } from '#model/tokenizer-training'
import { initialise, initialiseHead } from './initial-weights.ts'
import { rewardsOf } from './rewarding.ts'

const tokenizer = characterTokenizer(['abcdefghij'], { specialTokens: [...specialTokens] })
const config = {
  ...presets.starter,
  ...{ vocabSize: tokenizer.vocabSize, contextLength: 32, layers: 2, width: 16, hidden: 24 },
  ...{ heads: 2, kvHeads: 1, headWidth: 8 },
}
const options = { sequence: 32, replicas: 1 }
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-rewarding-'))
  const arrays = new Map(
    rewardSpecs(config).map(({ name, shape }) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
  )
  initialise({ ...config, tiedEmbeddings: true }, arrays, 3)
  initialiseHead(arrays.get('score.weight') as Float32Array, 3)
  const parameters = new Map(
    rewardSpecs(config).map(({ name, shape }) => [name, { shape, data: arrays.get(name) as Float32Array }]),
  )
  const tokenizerJson = JSON.stringify(tokenizer.toJson())
  const special = { eos: messageEnd, pad: padding }
  const rest = { chatTemplate, specialTokens: special, dtype: 'f32' as const, metadata: { format: 'pt' }, offset: 0.25 }
  await saveRewardModel(folder, { config, parameters, tokenizerJson, ...rest })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const conversation = (length: number, seed: number) =>
  Uint32Array.from({ length }, (_, i) => (i * 7 + seed * 3 + i * i) % 10)

test('a conversation has the same reward alone and among others, in their order', async () => {
  const all = Array.from({ length: 90 }, (_, i) => conversation(1 + ((i * 5) % 32), i))
  const together = await rewardsOf(folder, all, options)
  for (const i of [0, 1, 45, 88, 89]) {
    const [alone] = await rewardsOf(folder, [all[i]], options)
    expect(together[i]).toBeCloseTo(alone, 5)
  }
  expect(new Set(together).size).toBeGreaterThan(60)
  expect(await rewardsOf(folder, [], options)).toHaveLength(0)
}, 60_000)

test('the last token is what is judged', async () => {
  const one = conversation(9, 1)
  const other = Uint32Array.from([...one.subarray(0, 8), (one[8] + 1) % 10])
  const [a, b, again] = await rewardsOf(folder, [one, other, one], options)
  expect(a).not.toBe(b)
  expect(again).toBeCloseTo(a, 5)
}, 60_000)

test('what does not fit into a row is named', async () => {
  const fits = conversation(32, 1)
  await expect(rewardsOf(folder, [fits, conversation(33, 1)], options)).rejects.toThrow('conversation 1 has 33 tokens')
  await expect(rewardsOf(folder, [conversation(0, 1)], options)).rejects.toThrow('conversation 0 has 0 tokens')
})
