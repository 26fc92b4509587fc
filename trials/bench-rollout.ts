/**
 * `npm run bench -- rollout`: an iteration of PPO with a language model, four networks of one size (policy, reference,
 * reward model, value model): tokens written a second, the share of the iteration that goes into writing, and the memory
 * of the whole process, with answers written one at a time and in batches; and what it saves that a decoder is compiled
 * once and given the newest weights for each rollout. `--model starter`, `--steps 3`, `--answers 64`, `--rounds 5`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ruledPrompts } from '#data/prompts'
import { ChatFormat, chatTemplate, messageEnd, padding } from '#model/chat'
import { parameterCount } from '#model/config'
import { createChangingDecoder, createDecoder } from '#model/decoder'
import { type Decoder, greedy } from '#model/decoding'
import { rewardHead, rewardSpecs } from '#model/reward'
import { saveRewardModel } from '#model/reward-folder'
import { Tokenizer } from '#model/tokenizer'
import { loadModel } from '#model/weights'
import { initialiseHead } from '#train/initial-weights'
import { readMetrics, type StepMetrics } from '#train/metrics'
import { startRun } from '#train/run'
import { parseRunConfig } from '#train/run-config'
import { Figures } from '#trials/figures'

const starter = fileURLToPath(new URL('../starter', import.meta.url))

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string', default: starter },
      steps: { type: 'string', default: '3' },
      answers: { type: 'string', default: '64' },
      rounds: { type: 'string', default: '5' },
    },
    allowPositionals: true,
    strict: false,
  })
  const place = mkdtempSync(join(tmpdir(), 'dotline-rollout-'))
  try {
    const model = resolve(String(values.model))
    const reward = join(place, 'reward')
    const parameters = await untrainedReward(model, reward)
    const figures = new Figures('npm run bench -- rollout')
    figures.record('rollout.parameters', parameters / 1e6, 'M in each of four networks')
    for (const [name, slots] of [['one at a time', 1] as const, ['in batches', 64] as const]) {
      const settings = { model, reward, steps: Number(values.steps), answers: Number(values.answers), slots }
      const steps = await iterations(join(place, `slots-${slots}`), settings)
      // The first compiles every graph.
      const flights = steps.slice(1).flatMap(({ flight }) => (flight ? [flight] : []))
      figures.record(
        `rollout.tokens per second, ${name}`,
        median(flights.map((f) => f.rolloutTokensPerSecond)),
        'tokens/s',
      )
      figures.record(`rollout.share of an iteration, ${name}`, 100 * median(flights.map((f) => f.rolloutShare)), '%')
    }
    await decoders(figures, model, Number(values.answers), Number(values.rounds))
    figures.record('rollout.peak memory', peakMemory() / 1e9, 'GB', { op: '<', value: 4 })
    figures.finish()
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]

/** Bytes of this process at its largest: all replicas are its threads. */
const peakMemory = (): number => process.resourceUsage().maxRSS * 1024

/** A rollout by a decoder that is compiled for it, and by one that is there already, in turn; processor time of each. */
async function decoders(figures: Figures, model: string, answers: number, rounds: number): Promise<void> {
  const { config, parameters } = await loadModel(model)
  const weights = new Map([...parameters].map(([name, { data }]) => [name, data]))
  const chat = await ChatFormat.open(await Tokenizer.open(model), model)
  const prompts = [...ruledPrompts({ seed: 1, count: answers, split: 'train' })].map(
    ({ messages }) => chat.encodePrompt(messages, { contextLength: 256, reserve: 64 }).ids,
  )
  const options = { slots: answers, threads: 1 }
  const kept = createChangingDecoder(config, weights, silent, options)
  await written(kept, prompts)
  const anew: number[] = []
  const renewed: number[] = []
  let tokens = 0
  for (let round = 0; round < rounds; round++) {
    anew.push(
      await processorSeconds(async () => {
        const decoder = createDecoder(config, weights, silent, options)
        tokens = await written(decoder, prompts)
        await decoder.close()
      }),
    )
    renewed.push(
      await processorSeconds(async () => {
        kept.rest()
        kept.renew(weights)
        await written(kept, prompts)
      }),
    )
  }
  await kept.close()
  const [before, after] = [median(anew), median(renewed)]
  figures.record('rollout.decoder compiled each time', tokens / before, 'tokens a second of one processor')
  figures.record('rollout.decoder kept', tokens / after, 'tokens a second of one processor')
  figures.record('rollout.decoder kept, gain', before / after, 'times', { op: '>', value: 1 })
}

const nothing = new Uint8Array(0)
const silent = { tokenBytes: () => nothing }

/** Lets a decoder answer each prompt with 32 tokens; returns how many it wrote. */
async function written(decoder: Decoder, prompts: readonly Uint32Array[]): Promise<number> {
  let tokens = 0
  for (const [i, promptIds] of prompts.entries()) {
    const sampling = { ...greedy, temperature: 1, seed: i }
    decoder.add({ promptIds, maxTokens: 32, sampling, stop: [], stopIds: [], topLogprobs: null })
  }
  while (decoder.pending > 0) for (const { type } of await decoder.step()) if (type === 'token') tokens++
  return tokens
}

/** Of all threads of this process: other work on the machine does not count. */
async function processorSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

interface Iterations {
  model: string
  reward: string
  steps: number
  answers: number
  slots: number
}

async function iterations(folder: string, { model, reward, steps, answers, slots }: Iterations) {
  const run = parseRunConfig({
    stage: 'ppo',
    name: 'rollout',
    init: model,
    data: [{ name: 'asked', generator: 'prompts', count: 400 }],
    sequence: 256,
    microRows: 2,
    rows: answers,
    steps,
    evaluateEvery: steps,
    evaluateRows: 1,
    dtype: 'f32',
    reinforcement: { reward, slots, epochs: 1, minibatch: answers, answerTokens: 64, recorder: { pause: false } },
  })
  await (await startRun({ run, folder, base: folder, resume: false })).close()
  return readMetrics(join(folder, 'metrics.jsonl')).filter((m): m is StepMetrics => m.kind === 'step')
}

/** A reward model of the same shape with a new head: what it says is nothing, what it costs is what a trained one does. */
async function untrainedReward(model: string, folder: string): Promise<number> {
  const { config, parameters } = await loadModel(model)
  const head = new Float32Array(config.width)
  initialiseHead(head, 1)
  const own = rewardSpecs(config).map(({ name, shape }) => {
    const data = name === rewardHead ? head : parameters.get(name)?.data
    if (!data) throw new Error(`${model} has no "${name}"`)
    return [name, { shape, data }] as const
  })
  await saveRewardModel(folder, {
    config,
    parameters: new Map(own),
    tokenizerJson: readFileSync(join(model, 'tokenizer.json'), 'utf8'),
    chatTemplate,
    specialTokens: { eos: messageEnd, pad: padding },
    dtype: 'f32',
    metadata: { format: 'pt' },
    offset: 0,
  })
  return parameterCount(config)
}
