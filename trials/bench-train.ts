/**
 * One training step against the same step in PyTorch, in turns, on two threads: `npm run bench -- train`, with
 * `--rounds` (6), `--steps` a turn (4), `--only` a peer (repeatable: debian, torch_eager, torch_compile), `--no-peers`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { type GptConfig, parameterCount, presets } from '#model/config'
import { initialise } from '#train/initial-weights'
import { measurePeak } from '#train/peak'
import { type MicroBatch, Replicas } from '#train/replicas'
import { Figures } from '#trials/figures'
import type { PeerProcess } from '#trials/peers/peer-process'
import { ensurePython, type PeerPython, startPython } from '#trials/peers/python'

const rows = 8
const length = 256
const microRows = 2
const threads = 2
/** Steps that compile, fill caches and show that all learn the same. */
const warmUp = 3
const rate = 1e-3
const decay = 0.1

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

const peers: { name: string; python: PeerPython; compiled: boolean; goal: number }[] = [
  { name: 'debian', python: 'debian', compiled: false, goal: 3.5 },
  { name: 'torch_eager', python: 'today', compiled: false, goal: 1 },
  { name: 'torch_compile', python: 'today', compiled: true, goal: 1 },
]

interface Steps {
  /** Milliseconds of each step. */
  ms: number[]
  losses: number[]
}

interface Contestant {
  name: string
  goal: number
  steps(count: number): Promise<Steps>
  close(): Promise<void>
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '6' },
      steps: { type: 'string', default: '4' },
      only: { type: 'string', multiple: true },
      'no-peers': { type: 'boolean', default: false },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const figures = new Figures('npm run bench -- train')
  const wanted = values['no-peers'] ? [] : peers.filter(({ name }) => values.only?.includes(name) ?? true)
  const contestants: Contestant[] = []
  try {
    await gather(contestants, wanted, figures)
    const rounds = await measure(contestants, Number(values.rounds), Number(values.steps))
    report(figures, contestants, rounds)
  } finally {
    for (const each of contestants) await each.close()
  }
  figures.finish()
}

/** All start from the same weights, and their first steps must find the same losses. */
async function gather(contestants: Contestant[], wanted: typeof peers, figures: Figures): Promise<void> {
  const batches = randomBatches()
  const replicas = new Replicas({
    config,
    micro: { rows: microRows, length, packed: false },
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, muonMomentum: 0.95 },
    useMuon: false,
    replicas: threads,
  })
  contestants.push(ours(replicas, batches))
  initialise(config, replicas.views(), 1)
  const folder = mkdtempSync(join(tmpdir(), 'dotline-bench-train-'))
  const weights = join(folder, 'weights.f32')
  writeFileSync(weights, replicas.parameters)
  const first = await contestants[0].steps(warmUp)
  for (const { name, python, compiled, goal } of wanted) {
    const missing = ensurePython(python)
    if (missing !== null) {
      figures.note(`${name} was not measured: ${missing}`)
      continue
    }
    const process = startPython(name, python, 'torch_step.py')
    contestants.push(peer(name, goal, process))
    const { placed } = replicas.layout
    const setup = { config: torchConfig(), weights, placed, batches, rate, decay, compiled }
    const made = await process.ask<{ torch: string; parameters: number }>({ do: 'setup', ...setup })
    if (made.parameters !== parameterCount(config)) throw new Error(`${name} has ${made.parameters} parameters`)
    figures.note(`${name} is PyTorch ${made.torch}`)
    const { losses } = await process.ask<Steps>({ do: 'steps', count: warmUp })
    const difference = Math.max(...losses.map((loss, i) => Math.abs(loss - first.losses[i])))
    figures.record(`train.loss_difference.${name}`, difference, 'nats', { op: '<=', value: 1e-3 })
  }
  rmSync(folder, { recursive: true, force: true })
}

interface Round {
  /** Median milliseconds of a step, by contestant. */
  ms: number[]
  /** FLOPs per second of products in the cache. */
  peak: number
}

/** Turns in one order and then in the other; a ratio is taken inside a round, where the machine is the same for all. */
async function measure(contestants: readonly Contestant[], rounds: number, steps: number): Promise<Round[]> {
  const measured: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const ms = new Array<number>(contestants.length)
    const order = contestants.map((_, i) => i)
    for (const i of round % 2 === 0 ? order : order.reverse()) ms[i] = median((await contestants[i].steps(steps)).ms)
    measured.push({ ms, peak: await measurePeak(threads) })
  }
  return measured
}

function report(figures: Figures, contestants: readonly Contestant[], rounds: readonly Round[]): void {
  const over = (value: (round: Round) => number) => median(rounds.map(value))
  // 6 per parameter of a product and 12 · layers · length · width for attention, a token; positions are only added.
  const products = parameterCount(config) - length * config.width
  const flops = rows * length * (6 * products + 12 * config.layers * length * config.width)
  figures.record(
    'train.step',
    over(({ ms }) => ms[0]),
    'ms',
  )
  figures.record(
    'train.tokens_per_s',
    over(({ ms }) => (rows * length * 1000) / ms[0]),
    'tokens/s',
  )
  for (const [i, { name, goal }] of contestants.entries()) {
    if (i === 0) continue
    figures.record(
      `train.step.${name}`,
      over(({ ms }) => ms[i]),
      'ms',
    )
    figures.record(
      `train.ratio.${name}`,
      over(({ ms }) => ms[i] / ms[0]),
      'times',
      { op: '>=', value: goal },
    )
  }
  figures.record(
    'train.peak',
    over(({ peak }) => peak / 1e9),
    'GFLOP/s',
  )
  figures.record(
    'train.flops_share',
    over(({ ms, peak }) => flops / (ms[0] / 1000) / peak),
    'of peak',
    {
      op: '>=',
      value: 0.85,
    },
  )
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]

/** Random rows of one token more than the model reads: nothing to learn by heart within the benchmark. */
function randomBatches(): number[][][] {
  const random = seededRandom(1)
  const row = () => Array.from({ length: length + 1 }, () => Math.floor(random() * config.vocabSize))
  return Array.from({ length: 4 }, () => Array.from({ length: rows }, row))
}

function ours(replicas: Replicas, batches: number[][][]): Contestant {
  const micro = batches.map((batch) =>
    Array.from({ length: rows / microRows }, (_, i) => microBatch(batch.slice(i * microRows, (i + 1) * microRows))),
  )
  let step = 0
  const advance = async () => {
    const loss = await replicas.accumulate(micro[step % micro.length])
    await replicas.reduce()
    step++
    const rates = { learningRate: rate, muonLearningRate: rate, weightDecay: decay }
    await replicas.update({ ...rates, step, gradientScale: 1 })
    return loss
  }
  return {
    name: 'dotline',
    goal: 1,
    steps: async (count) => {
      const done: Steps = { ms: [], losses: [] }
      for (let i = 0; i < count; i++) {
        const began = performance.now()
        done.losses.push(await advance())
        done.ms.push(performance.now() - began)
      }
      return done
    },
    close: () => replicas.close(),
  }
}

function microBatch(part: number[][]): MicroBatch {
  const size = part.length * length
  return {
    tokens: Int32Array.from(part.flatMap((row) => row.slice(0, -1))),
    targets: Int32Array.from(part.flatMap((row) => row.slice(1))),
    weights: new Float32Array(size).fill(1 / (rows * length)),
    positions: new Int32Array(size),
    documents: new Int32Array(size),
    seed: 1,
  }
}

function torchConfig() {
  const { vocabSize: vocab, width, layers, heads, hidden, activation, positions } = config
  return { vocab, width, layers, heads, hidden, activation, positions, length, dropout: 0 }
}

const peer = (name: string, goal: number, process: PeerProcess): Contestant => ({
  name,
  goal,
  steps: (count) => process.ask<Steps>({ do: 'steps', count }),
  close: () => process.close(),
})
