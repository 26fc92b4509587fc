/**
 * One training step against the same model in PyTorch, in turn, on two threads: `npm run bench -- train`, with `--rounds`
 * (6), `--steps` a round (4), `--no-peers`.
 */
import { parseArgs } from 'node:util'
import { type GptConfig, parameterCount, presets } from '#model/config'
import { initialise } from '#train/initial-weights'
import { measurePeak } from '#train/peak'
import { type MicroBatch, Replicas } from '#train/replicas'
import { Figures } from '#trials/figures'
import type { PeerProcess } from '#trials/peers/peer-process'
import { ensurePython, type PeerPython, startPython } from '#trials/peers/python'

const batch = 8
const length = 256
const microRows = 2
const threads = 2

/** 5.84 M parameters: six layers of width 256 with ReLU², learned positions and tied embeddings. */
const config: GptConfig = {
  ...presets.starter,
  vocabSize: 4096,
  contextLength: length,
  layers: 6,
  width: 256,
  heads: 8,
  kvHeads: 8,
  headWidth: 32,
  hidden: 1024,
  positions: 'learned',
  activation: 'relu2',
}

interface Contestant {
  name: string
  /** Milliseconds of each of so many steps. */
  steps(count: number): Promise<number[]>
  close(): Promise<void>
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '6' },
      steps: { type: 'string', default: '4' },
      'no-peers': { type: 'boolean', default: false },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const figures = new Figures('npm run bench -- train')
  const contestants = [ours(), ...(values['no-peers'] ? [] : await peers(figures))]
  const times = contestants.map(() => [] as number[])
  const peaks: number[] = []
  for (const one of contestants) await one.steps(3)
  for (let round = 0; round < Number(values.rounds); round++) {
    peaks.push(await measurePeak(threads))
    for (const [i, one] of contestants.entries()) times[i].push(...(await one.steps(Number(values.steps))))
  }
  for (const one of contestants) await one.close()
  report(figures, contestants, times.map(median), median(peaks))
  figures.finish()
}

function report(figures: Figures, contestants: Contestant[], ms: number[], peak: number): void {
  const [own] = ms
  // 6 per parameter of a product and 12 · layers · length · width for attention, a token; positions are only added.
  const products = parameterCount(config) - length * config.width
  const flops = batch * length * (6 * products + 12 * config.layers * length * config.width)
  figures.record('train.step', own, 'ms')
  figures.record('train.tokens_per_s', (batch * length * 1000) / own, 'tokens/s')
  for (const [i, { name }] of contestants.entries()) {
    if (i === 0) continue
    figures.record(`train.step.${name}`, ms[i], 'ms')
    figures.record(`train.ratio.${name}`, ms[i] / own, 'times', { op: '>=', value: name === 'debian' ? 3.5 : 1 })
  }
  figures.record('train.peak', peak / 1e9, 'GFLOP/s')
  figures.record('train.flops_share', flops / (own / 1000) / peak, 'of peak', { op: '>=', value: 0.85 })
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]

function ours(): Contestant {
  const replicas = new Replicas({
    config,
    micro: { rows: microRows, length, packed: false },
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, muonMomentum: 0.95 },
    useMuon: false,
    replicas: threads,
  })
  initialise(config, replicas.views(), 1)
  const micro = Array.from({ length: batch / microRows }, randomMicroBatch)
  let step = 0
  return {
    name: 'dotline',
    steps: async (count) => {
      const times: number[] = []
      for (let i = 0; i < count; i++) {
        const began = performance.now()
        await replicas.accumulate(micro)
        await replicas.reduce()
        step++
        const rates = { learningRate: 1e-3, muonLearningRate: 1e-3, weightDecay: 0.01 }
        await replicas.update({ ...rates, step, gradientScale: 1 })
        times.push(performance.now() - began)
      }
      return times
    },
    close: () => replicas.close(),
  }
}

function randomMicroBatch(_: unknown, seed: number): MicroBatch {
  const size = microRows * length
  const tokens = Int32Array.from({ length: size }, (_each, i) => ((i + seed * size) * 7919) % config.vocabSize)
  return {
    tokens,
    targets: tokens,
    weights: new Float32Array(size).fill(1 / (batch * length)),
    positions: new Int32Array(size),
    documents: new Int32Array(size),
    seed,
  }
}

async function peers(figures: Figures): Promise<Contestant[]> {
  const wanted: { name: string; python: PeerPython; compiled: boolean }[] = [
    { name: 'debian', python: 'debian', compiled: false },
    { name: 'torch_eager', python: 'today', compiled: false },
    { name: 'torch_compile', python: 'today', compiled: true },
  ]
  const found: Contestant[] = []
  for (const { name, python, compiled } of wanted) {
    const missing = ensurePython(python)
    if (missing) {
      figures.note(`${name} was not measured: ${missing}`)
      continue
    }
    const peer = startPython(name, python, 'torch_step.py')
    const made = await peer.ask<{ torch: string; parameters: number }>({
      do: 'setup',
      config: torchConfig(),
      batch,
      compiled,
    })
    if (made.parameters !== parameterCount(config)) throw new Error(`${name} has ${made.parameters} parameters`)
    figures.note(`${name} is PyTorch ${made.torch}`)
    found.push(peerContestant(name, peer))
  }
  return found
}

function torchConfig() {
  const { vocabSize: vocab, width, layers, heads, hidden, activation, positions } = config
  return { vocab, width, layers, heads, hidden, activation, positions, length, dropout: 0 }
}

const peerContestant = (name: string, peer: PeerProcess): Contestant => ({
  name,
  steps: async (count) => (await peer.ask<{ ms: number[] }>({ do: 'steps', count })).ms,
  close: () => peer.close(),
})
