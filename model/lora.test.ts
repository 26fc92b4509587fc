import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { grad } from '#tensor/grad'
import { input } from '#tensor/graph'
import { difference, type Feeds, runtimeDifference, slopeDifference } from '#tensor/oracle'
import { evaluate } from '#tensor/reference'
import { loadAdapter, saveAdapter } from './adapter.ts'
import type { GptConfig } from './config.ts'
import { families, randomParameters } from './decoding/random-model.ts'
import { languageLoss, parameterInputs, type Sequences } from './gpt.ts'
import { adaptedParameters, type LoraConfig, loraSpecs, loraTargets, mergeAdapter } from './lora.ts'
import { openSafetensors } from './safetensors.ts'

const config: GptConfig = {
  ...families.Llama,
  vocabSize: 13,
  contextLength: 8,
  width: 8,
  heads: 4,
  kvHeads: 2,
  headWidth: 2,
  hidden: 10,
}
const lora: LoraConfig = { rank: 3, alpha: 6, targets: loraTargets }
const rows = 12

const sequences: Sequences = { batch: 2, length: 6, tokens: input('tokens', [rows], 'int64') }
const whole = (of: (i: number) => number) => BigInt64Array.from({ length: rows }, (_, i) => BigInt(of(i) % 13))
const data: Feeds = {
  tokens: whole((i) => i * 5 + 1),
  targets: whole((i) => i * 7 + 3),
  weights: Float64Array.from({ length: rows }, (_, i) => (i % 4 === 0 ? 0 : 1 / 8)),
}

/** Both halves of an adapter are random: with B at zero, A would have no gradient. */
function arraysOf(of: LoraConfig): Map<string, Float32Array> {
  return new Map(
    loraSpecs(config, of).map(({ name, shape }, at) => {
      const size = shape[0] * shape[1]
      return [name, Float32Array.from({ length: size }, (_, i) => 0.3 * Math.sin(1.3 * i + at))]
    }),
  )
}

const doubled = (arrays: ReadonlyMap<string, Float32Array>): Feeds =>
  Object.fromEntries([...arrays].map(([name, array]) => [name, Float64Array.from(array)]))

const loss = (parameters: ReturnType<typeof parameterInputs>) =>
  languageLoss(config, parameters, sequences, input('targets', [rows], 'int64'), input('weights', [rows])).loss

test('an adapter beside a model: loss and gradients, against the reference and its differences', async () => {
  const { parameters, adapter } = adaptedParameters(parameterInputs(config), config, lora)
  const value = loss(parameters)
  const feeds = { ...data, ...doubled(randomParameters(config, 4)), ...doubled(arraysOf(lora)) }
  const sources = [...adapter.values()]
  expect(sources).toHaveLength(config.layers * 7 * 2)
  expect(await runtimeDifference([value, ...grad(value, sources)], feeds)).toBeLessThan(2e-5)
  expect(slopeDifference(value, sources, feeds)).toBeLessThan(1e-6)
})

test.each([
  ['all projections', lora],
  ['two of them', { rank: 2, alpha: 1, targets: ['q_proj', 'v_proj'] } as LoraConfig],
])('merged into %s it computes the same', (_name, of) => {
  const frozen = randomParameters(config, 4)
  const arrays = arraysOf(of)
  const { parameters } = adaptedParameters(parameterInputs(config), config, of)
  const [beside] = evaluate([loss(parameters)], { ...data, ...doubled(frozen), ...doubled(arrays) })
  const merged = mergeAdapter(config, of, frozen, arrays)
  const [within] = evaluate([loss(parameterInputs(config))], { ...data, ...doubled(merged) })
  const [without] = evaluate([loss(parameterInputs(config))], { ...data, ...doubled(frozen) })
  expect(difference(within, beside)).toBeLessThan(1e-6)
  expect(difference(without, beside)).toBeGreaterThan(1e-3)
})

describe('an adapter’s folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dotline-adapter-'))
    await saveAdapter(folder, { config, lora, arrays: arraysOf(lora), base: 'some/model' })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('comes back as it was', async () => {
    expect(await loadAdapter(folder, config)).toEqual({ lora, arrays: arraysOf(lora), base: 'some/model' })
  })

  it('has PEFT’s names and shapes', async () => {
    await using file = await openSafetensors(join(folder, 'adapter_model.safetensors'))
    const shape = (name: string) => file.tensors.get(`base_model.model.model.layers.1.${name}.weight`)?.shape
    expect(shape('self_attn.k_proj.lora_A')).toEqual([3, 8])
    expect(shape('self_attn.k_proj.lora_B')).toEqual([4, 3])
    expect(shape('mlp.down_proj.lora_A')).toEqual([3, 10])
    const settings = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'))
    expect(settings).toMatchObject({ peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 3, lora_alpha: 6, bias: 'none' })
  })

  it('of another model or another kind of adapter is refused by name', async () => {
    await expect(loadAdapter(folder, { ...config, hidden: 12 })).rejects.toThrow(/gate_proj.*shape|mlp/)
    await expect(loadAdapter(folder, { ...config, layers: 1 })).rejects.toThrow(/layers\.1/)
    const path = join(folder, 'adapter_config.json')
    const settings = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...settings, use_dora: true }))
    await expect(loadAdapter(folder, config)).rejects.toThrow('use_dora')
    writeFileSync(path, JSON.stringify({ ...settings, target_modules: ['lm_head'] }))
    await expect(loadAdapter(folder, config)).rejects.toThrow('target_modules')
  })

  it('is not made for GPT-2’s shape, whose projections lie in one matrix', async () => {
    const gpt2 = { ...families['GPT-2'], vocabSize: 13 }
    await expect(saveAdapter(folder, { config: gpt2, lora, arrays: new Map(), base: '' })).rejects.toThrow('RoPE')
  })
})
