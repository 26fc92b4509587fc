/**
 * Reward models as transformers reads them and adapters as PEFT does, of random weights: `npm run check:peers`, or with
 * `--alignment` alone.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mix, seededRandom, seedOf } from '#data/shuffle'
import { saveAdapter } from '#model/adapter'
import { messageEnd, padding } from '#model/chat'
import type { GptConfig, ParameterSpec } from '#model/config'
import { type LoraConfig, loraSpecs, loraTargets, mergeAdapter } from '#model/lora'
import { rewardSpecs, rewardsAt } from '#model/reward'
import { loadRewardModel, saveRewardModel } from '#model/reward-folder'
import { loadModel } from '#model/weights'
import { input } from '#tensor/graph'
import { compile, type Values } from '#tensor/program'
import type { Figures } from '#trials/figures'
import { ourPass, relativeError } from '#trials/peers/our-pass'
import type { PeerProcess } from '#trials/peers/peer-process'
import { startPython } from '#trials/peers/python'
import { saveRandom, smallConfigs, smallTokenizer } from '#trials/peers/small-models'

const closeEnough = { op: '<=', value: 1e-4 } as const
const lengths = [17, 40, 5, 33]

export async function checkAlignment(figures: Figures): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'dotline-alignment-'))
  const peer = startPython('PEFT', 'today', 'alignment.py')
  const tokenizer = smallTokenizer()
  const configs = smallConfigs(tokenizer.vocabSize)
  try {
    for (const [name, config] of Object.entries(configs))
      await checkRewards({ name, config, peer, figures, folder: join(scratch, `reward-${name}`) }, tokenizer)
    for (const name of ['llama', 'qwen2', 'qwen3']) {
      const folder = join(scratch, `base-${name}`)
      await saveRandom(folder, configs[name], tokenizer)
      await checkAdapter({ name, config: configs[name], peer, figures, folder })
    }
  } finally {
    await peer.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

interface Subject {
  name: string
  config: GptConfig
  folder: string
  peer: PeerProcess
  figures: Figures
}

function randomArray({ name, shape, kind }: Pick<ParameterSpec, 'name' | 'shape' | 'kind'>): Float32Array {
  const random = seededRandom(mix(5, seedOf(name)))
  const spread = { norm: 0.3, bias: 0.3, embedding: 0.6, matrix: 2 / Math.sqrt(shape.at(-1) ?? 1) }[kind]
  const size = shape.reduce((a, b) => a * b, 1)
  return Float32Array.from({ length: size }, () => (kind === 'norm' ? 1 : 0) + spread * (2 * random() - 1))
}

async function checkRewards(subject: Subject, tokenizer: ReturnType<typeof smallTokenizer>): Promise<void> {
  const { name, config, folder, peer, figures } = subject
  await saveRewardModel(folder, {
    config,
    parameters: new Map(rewardSpecs(config).map((spec) => [spec.name, { shape: spec.shape, data: randomArray(spec) }])),
    tokenizerJson: JSON.stringify(tokenizer.toJson()),
    chatTemplate: null,
    specialTokens: { eos: messageEnd, pad: padding },
    dtype: 'f32',
    offset: 0.5,
  })
  const random = seededRandom(3)
  const sequences = lengths.map((length) => Array.from({ length }, () => Math.floor(random() * 1000)))
  const theirs = await peer.ask<{ kind: string; shape: number[]; rewards: number[] }>({
    do: 'rewards',
    folder,
    sequences,
  })
  figures.note(`${name}: AutoModelForSequenceClassification made a ${theirs.kind} of it, labels ${theirs.shape[1]}`)
  const error = relativeError(await ourRewards(folder, sequences), theirs.rewards)
  figures.record(`peers.${name}.rewards`, error, 'relative', closeEnough)
}

async function ourRewards(folder: string, sequences: number[][]): Promise<Float32Array> {
  const { config, parameters } = await loadRewardModel(folder)
  const [batch, length] = [sequences.length, Math.max(...lengths)]
  const inputs = new Map([...parameters].map(([name, { shape }]) => [name, input(name, shape)]))
  const of = { batch, length, tokens: input('tokens', [batch * length], 'int64') }
  const program = await compile({ rewards: rewardsAt(config, inputs, of, input('ends', [batch], 'int64')) })
  const tokens = sequences.flatMap((one) => Array.from({ length }, (_, i) => BigInt(one[i] ?? 0)))
  const feeds: Record<string, Values> = {
    tokens: BigInt64Array.from(tokens),
    ends: BigInt64Array.from(sequences, (one, i) => BigInt(i * length + one.length - 1)),
  }
  for (const [name, { data }] of parameters) feeds[name] = data
  const { rewards } = await program.run(feeds)
  await program.release()
  return rewards as Float32Array
}

async function checkAdapter({ name, config, folder, peer, figures }: Subject): Promise<void> {
  const lora: LoraConfig = { rank: 4, alpha: 12, targets: loraTargets }
  const specs = loraSpecs(config, lora)
  const arrays = new Map(specs.map((spec) => [spec.name, randomArray(spec)]))
  const adapter = `${folder}-adapter`
  await saveAdapter(adapter, { config, lora, arrays, base: folder })
  const model = await loadModel(folder)
  const plain = new Map([...model.parameters].map(([key, { data }]) => [key, data]))
  const merged = mergeAdapter(config, lora, plain, arrays)
  const parameters = new Map(
    [...model.parameters].map(([key, { shape, data }]) => [key, { shape, data: merged.get(key) ?? data }]),
  )
  const random = seededRandom(9)
  const tokens = Array.from({ length: 48 }, () => Math.floor(random() * config.vocabSize))
  const { logits } = await ourPass({ ...model, parameters }, [tokens], [tokens])
  const theirs = await peer.ask<{ arrays: number; beside: number[]; merged: number[] }>({
    do: 'adapted',
    base: folder,
    adapter,
    tokens,
  })
  figures.record(`peers.${name}.adapter.arrays`, theirs.arrays, `of ${specs.length}`, { op: '=', value: specs.length })
  figures.record(`peers.${name}.adapter.beside`, relativeError(logits, theirs.beside), 'relative', closeEnough)
  figures.record(`peers.${name}.adapter.merged`, relativeError(logits, theirs.merged), 'relative', closeEnough)
}
