/**
 * The recipe on Tiny Shakespeare, and the same model trained by PyTorch for the same seconds:
 * `npm run bench -- shakespeare --seconds 900`, with `--no-peers` and `--svg FILE` for the curves.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { batchSources } from '#data/prepare'
import { type GptConfig, parameterCount } from '#model/config'
import { readMetrics } from '#train/metrics'
import { startRun } from '#train/run'
import { type RunConfig, readRunConfig } from '#train/run-config'
import { Figures } from '#trials/figures'
import { type Curve, drawCurves } from '#trials/peers/curves'
import type { PeerProcess } from '#trials/peers/peer-process'
import { ensurePython, startPython } from '#trials/peers/python'

const recipe = fileURLToPath(new URL('../recipes/shakespeare/pretrain.json', import.meta.url))
const threads = 2
const probeSteps = 10
/** Points of a curve. */
const evaluations = 12
/** nanoGPT's published rate for this text. */
const peerRate = 1e-3

type Points = Curve['points']

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '900' },
      svg: { type: 'string' },
      'no-peers': { type: 'boolean', default: false },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const seconds = Number(values.seconds)
  const figures = new Figures(`npm run bench -- shakespeare --seconds ${seconds}`)
  const work = mkdtempSync(join(tmpdir(), 'dotline-shakespeare-'))
  try {
    const own = await ours(work, seconds, figures)
    const theirs = values['no-peers'] ? null : await peer(own, work, figures)
    figures.note(
      "nanoGPT's published validation losses: 1.4697 (10.65 M parameters, GPU), 1.88 (0.8 M parameters, CPU, 3 minutes)",
    )
    if (values.svg !== undefined) writeFileSync(values.svg, drawCurves(curves(own.points, theirs)))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  figures.finish()
}

const curves = (own: Points, theirs: Points | null): Curve[] => [
  { name: 'Dotline', colour: '#c8402f', points: own },
  ...(theirs === null ? [] : [{ name: 'PyTorch', colour: '#444', points: theirs }]),
]

interface Own {
  loss: number
  /** Training time, evaluations left out. */
  seconds: number
  config: GptConfig
  run: RunConfig
  data: string
  points: Points
  weights: ReadonlyMap<string, Float32Array>
}

/** Plans the steps from a short probe, so that the schedule ends when the seconds do. */
async function ours(work: string, seconds: number, figures: Figures): Promise<Own> {
  const run = {
    ...readRunConfig(recipe),
    evaluateRows: 100_000,
    sampleEvery: 1e9,
    checkpointEvery: 1e9,
    replicas: threads,
  }
  const { first, usual } = await probe(run, join(work, 'probe'))
  const steps = Math.max(2, 1 + Math.floor((seconds - first) / usual))
  const optimizer = { ...run.optimizer, warmupSteps: Math.min(run.optimizer.warmupSteps, Math.ceil(steps / 10)) }
  const folder = join(work, 'run')
  let config: GptConfig | undefined
  const outcome = await startRun({
    run: { ...run, steps, optimizer, evaluateEvery: Math.ceil(steps / evaluations) },
    folder,
    base: dirname(recipe),
    resume: false,
    onReady: (ready) => {
      config = ready.config
    },
  })
  const weights = new Map([...outcome.parameters].map(([name, values]) => [name, values.slice()]))
  await outcome.close()
  if (!config) throw new Error('the run did not begin')
  const points = readMetrics(join(folder, 'metrics.jsonl'))
    .filter((m) => m.kind === 'evaluation')
    .map((m) => ({ seconds: m.seconds, loss: Object.values(m.scores)[0].loss }))
  const { seconds: spent, loss } = points[points.length - 1]
  figures.note(
    `ours: ${parameterCount(config)} parameters, ${steps} steps of ${run.rows * run.sequence} characters, ${curveOf(points)}`,
  )
  figures.record('shakespeare.ours.seconds', spent, 's')
  figures.record('shakespeare.ours.loss', loss, 'nats per character')
  return { loss, seconds: spent, config, run, data: join(folder, 'data'), points, weights }
}

const curveOf = (points: Points): string =>
  `loss by time: ${points.map(({ seconds, loss }) => `${seconds.toFixed(0)} s ${loss.toFixed(4)}`).join(', ')}`

/** Seconds of the first step, which compiles, and of those that follow. */
async function probe(run: RunConfig, folder: string): Promise<{ first: number; usual: number }> {
  const times: number[] = []
  const outcome = await startRun({
    run: { ...run, steps: probeSteps, evaluateRows: run.microRows },
    folder,
    base: dirname(recipe),
    resume: false,
    onMetrics: (m) => {
      if (m.kind === 'step') times.push((run.rows * run.sequence) / m.tokensPerSecond)
    },
  })
  await outcome.close()
  const [first, ...others] = times
  return { first, usual: others.sort((a, b) => a - b)[others.length >> 1] }
}

/** PyTorch trains for exactly as long as ours did, in whichever of its two ways is faster here. */
async function peer(own: Own, work: string, figures: Figures): Promise<Points | null> {
  const missing = ensurePython('today')
  if (missing !== null) {
    figures.note(`PyTorch was not measured: ${missing}`)
    return null
  }
  const torch = startPython('torch', 'today', 'shakespeare.py')
  try {
    return await trainPeer(torch, own, work, figures)
  } finally {
    await torch.close()
  }
}

async function trainPeer(torch: PeerProcess, own: Own, work: string, figures: Figures): Promise<Points> {
  const { config, run, data } = own
  const { vocabSize: vocab, width, layers, heads, hidden, activation, positions, dropout } = config
  const file = (split: 'train' | 'validation') => `${batchSources(data, split, run.sequence)[0].file}.tokens`
  const made = await torch.ask<{ torch: string; parameters: number }>({
    do: 'setup',
    config: { vocab, width, layers, heads, hidden, activation, positions, dropout, length: run.sequence },
    train: file('train'),
    validation: file('validation'),
    rows: run.rows,
    rate: peerRate,
    seed: run.seed,
  })
  if (made.parameters !== parameterCount(config)) throw new Error(`PyTorch's model has ${made.parameters} parameters`)
  const judged = await torch.ask<number>({ do: 'judge', ...weightFile(own.weights, join(work, 'ours.f32')) })
  figures.record('shakespeare.ours.loss_by_torch', Math.abs(judged - own.loss), 'nats apart', { op: '<=', value: 1e-3 })
  const { chosen } = await torch.ask<{ chosen: string }>({ do: 'choose', count: probeSteps })
  const points: { seconds: number; loss: number }[] = []
  let steps = 0
  for (let i = 1; i <= evaluations; i++) {
    const until = (own.seconds * i) / evaluations
    const reached = await torch.ask<Points[number] & { steps: number }>({ do: 'train', until, total: own.seconds })
    points.push({ seconds: reached.seconds, loss: reached.loss })
    steps = reached.steps
  }
  const { loss, seconds } = points[points.length - 1]
  figures.note(`PyTorch ${made.torch}, ${chosen}, AdamW at ${peerRate}: ${steps} steps, ${curveOf(points)}`)
  figures.record('shakespeare.torch.seconds', seconds, 's')
  figures.record('shakespeare.torch.loss', loss, 'nats per character')
  figures.record('shakespeare.gain', loss - own.loss, 'nats per character', { op: '>', value: 0 })
  return points
}

/** All weights in one file, and where each stands in it. */
function weightFile(weights: ReadonlyMap<string, Float32Array>, path: string) {
  let offset = 0
  const placed = [...weights].map(([name, { length: size }]) => {
    const place = { name, offset, size }
    offset += size
    return place
  })
  writeFileSync(
    path,
    Buffer.concat([...weights.values()].map((w) => new Uint8Array(w.buffer, w.byteOffset, w.byteLength))),
  )
  return { weights: path, placed }
}
