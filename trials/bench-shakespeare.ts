/**
 * The recipe on Tiny Shakespeare, and the same model trained by PyTorch for the same seconds:
 * `npm run bench -- shakespeare --seconds 900`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { batchSources } from '#data/prepare'
import { type GptConfig, parameterCount } from '#model/config'
import { type EvaluationMetrics, readMetrics } from '#train/metrics'
import { startRun } from '#train/run'
import { type RunConfig, readRunConfig } from '#train/run-config'
import { Figures } from '#trials/figures'
import { ensurePython, startPython } from '#trials/peers/python'

const recipe = fileURLToPath(new URL('../recipes/shakespeare/pretrain.json', import.meta.url))
const probeSteps = 12
/** nanoGPT's published rate for this text. */
const peerRate = 1e-3

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '900' },
      'no-peers': { type: 'boolean', default: false },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const seconds = Number(values.seconds)
  const figures = new Figures(`npm run bench -- shakespeare --seconds ${seconds}`)
  const work = mkdtempSync(join(tmpdir(), 'dotline-shakespeare-'))
  const own = await ours(work, seconds, figures)
  figures.note(
    "nanoGPT's published validation losses: 1.4697 (10.65 M parameters, GPU), 1.88 (0.8 M parameters, CPU, 3 minutes)",
  )
  figures.record('shakespeare.ours.loss', own.loss, 'nats per character')
  if (!values['no-peers']) {
    const theirs = await peer(own, seconds, figures)
    if (theirs !== null) {
      figures.record('shakespeare.torch.loss', theirs, 'nats per character')
      figures.record('shakespeare.gain', theirs - own.loss, 'nats per character', { op: '>', value: 0 })
    }
  }
  rmSync(work, { recursive: true, force: true })
  figures.finish()
}

interface Own {
  loss: number
  config: GptConfig
  run: RunConfig
  data: string
}

async function ours(work: string, seconds: number, figures: Figures): Promise<Own> {
  const run = { ...readRunConfig(recipe), evaluateRows: 100_000, sampleEvery: 1e9 }
  const perStep = await probe(run, join(work, 'probe'))
  const steps = Math.max(probeSteps, Math.floor(seconds / perStep))
  const every = Math.ceil(steps / 8)
  let config: GptConfig | undefined
  const folder = join(work, 'run')
  const outcome = await startRun({
    run: { ...run, steps, evaluateEvery: every, checkpointEvery: 1e9 },
    folder,
    base: dirname(recipe),
    resume: false,
    onReady: (ready) => {
      config = ready.config
    },
    onMetrics: (m) => {
      if (m.kind === 'evaluation') console.log(curvePoint(m))
    },
  })
  await outcome.close()
  if (!config) throw new Error('the run did not begin')
  const curve = readMetrics(join(folder, 'metrics.jsonl')).filter((m) => m.kind === 'evaluation')
  figures.note(`ours: ${steps} steps of ${run.rows * run.sequence} characters, ${parameterCount(config)} parameters`)
  figures.note(`ours, loss by time: ${curve.map(curvePoint).join('; ')}`)
  const [score] = Object.values(outcome.scores)
  return { loss: score.loss, config, run, data: join(folder, 'data') }
}

const curvePoint = (m: EvaluationMetrics): string =>
  `${m.seconds.toFixed(0)} s ${Object.values(m.scores)[0].loss.toFixed(4)}`

async function probe(run: RunConfig, folder: string): Promise<number> {
  const steps: number[] = []
  const outcome = await startRun({
    run: { ...run, steps: probeSteps, evaluateRows: run.microRows },
    folder,
    base: dirname(recipe),
    resume: false,
    onMetrics: (m) => {
      if (m.kind === 'step') steps.push((run.rows * run.sequence) / m.tokensPerSecond)
    },
  })
  await outcome.close()
  return steps.sort((a, b) => a - b)[steps.length >> 1]
}

async function peer({ config, run, data }: Own, seconds: number, figures: Figures): Promise<number | null> {
  const missing = ensurePython('today')
  if (missing) {
    figures.note(`PyTorch was not measured: ${missing}`)
    return null
  }
  const { vocabSize: vocab, width, layers, heads, hidden, activation, positions, dropout } = config
  const process = startPython('torch', 'today', 'shakespeare.py')
  const file = (split: 'train' | 'validation') => `${batchSources(data, split, run.sequence)[0].file}.tokens`
  const made = await process.ask<{ torch: string; parameters: number }>({
    do: 'setup',
    config: { vocab, width, layers, heads, hidden, activation, positions, dropout, length: run.sequence },
    train: file('train'),
    validation: file('validation'),
    rows: run.rows,
    rate: peerRate,
    seed: run.seed,
  })
  if (made.parameters !== parameterCount(config)) throw new Error(`PyTorch's model has ${made.parameters} parameters`)
  const perStep = await process.ask<number>({ do: 'probe', count: probeSteps })
  const steps = Math.max(1, Math.floor(seconds / perStep))
  const trained = await process.ask<{ seconds: number; loss: number }>({ do: 'train', steps })
  figures.note(`PyTorch ${made.torch}: ${steps} steps in ${trained.seconds.toFixed(0)} s, AdamW at ${peerRate}`)
  await process.close()
  return trained.loss
}
