/**
 * Muon against AdamW in equal time, on the recipe of Tiny Shakespeare: `npm run bench -- optimizers --seconds 150`. Two runs
 * share the machine, one thread each, so that both of a pair have the same; each optimizer may show its best of several rates.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readMetrics } from '#train/metrics'
import { startRun } from '#train/run'
import { type RunConfig, readRunConfig } from '#train/run-config'
import { Figures } from '#trials/figures'

const recipe = fileURLToPath(new URL('../recipes/shakespeare/pretrain.json', import.meta.url))
const probeSteps = 8

interface Candidate {
  kind: 'muon' | 'adamw'
  rate: number
}

/** Neighbours run side by side: one of each kind, so that neither kind has the quieter minutes. */
const pairs: readonly [Candidate, Candidate][] = [
  [
    { kind: 'muon', rate: 0.003 },
    { kind: 'adamw', rate: 0.003 },
  ],
  [
    { kind: 'muon', rate: 0.006 },
    { kind: 'adamw', rate: 0.0015 },
  ],
  [
    { kind: 'muon', rate: 0.0015 },
    { kind: 'adamw', rate: 0.006 },
  ],
]

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '150' },
      pairs: { type: 'string', default: String(pairs.length) },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const seconds = Number(values.seconds)
  const figures = new Figures(`npm run bench -- optimizers --seconds ${seconds}`)
  const work = mkdtempSync(join(tmpdir(), 'dotline-optimizers-'))
  const best = { muon: Number.POSITIVE_INFINITY, adamw: Number.POSITIVE_INFINITY }
  try {
    for (const [at, pair] of pairs.slice(0, Number(values.pairs)).entries()) {
      const results = await Promise.all(pair.map((one, i) => trial(one, seconds, join(work, `${at}-${i}`))))
      for (const [i, { kind, rate }] of pair.entries()) {
        const { steps, bitsPerByte } = results[i]
        figures.note(`${kind} at ${rate}: ${steps} steps, ${bitsPerByte.toFixed(4)} bits per byte`)
        best[kind] = Math.min(best[kind], bitsPerByte)
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  figures.record('optimizers.muon', best.muon, 'bits per byte')
  figures.record('optimizers.adamw', best.adamw, 'bits per byte')
  figures.record('optimizers.gain', best.adamw - best.muon, 'bits per byte', { op: '>', value: 0 })
  figures.finish()
}

function configured({ kind, rate }: Candidate, steps: number): RunConfig {
  const run = readRunConfig(recipe)
  const warmupSteps = Math.min(run.optimizer.warmupSteps, Math.ceil(steps / 10))
  return {
    ...run,
    steps,
    replicas: 1,
    evaluateEvery: steps,
    evaluateRows: 100_000,
    sampleEvery: 1e9,
    checkpointEvery: 1e9,
    optimizer: { ...run.optimizer, kind, learningRate: rate, warmupSteps },
  }
}

/** A run planned from a short probe, which the neighbour's probe slows as the neighbour's run will. */
async function trial(one: Candidate, seconds: number, folder: string): Promise<{ steps: number; bitsPerByte: number }> {
  const times: number[] = []
  const base = dirname(recipe)
  const probe = await startRun({
    run: { ...configured(one, probeSteps), evaluateRows: 2 },
    folder: `${folder}-probe`,
    base,
    resume: false,
    onMetrics: (m) => {
      if (m.kind === 'step') times.push(4096 / m.tokensPerSecond)
    },
  })
  await probe.close()
  const usual = times.slice(1).sort((a, b) => a - b)[times.length >> 1]
  const steps = Math.max(2, Math.floor(seconds / usual))
  const outcome = await startRun({ run: configured(one, steps), folder, base, resume: false })
  await outcome.close()
  const scores = readMetrics(join(folder, 'metrics.jsonl')).filter((m) => m.kind === 'evaluation')
  const [score] = Object.values(scores[scores.length - 1].scores)
  return { steps, bitsPerByte: score.bitsPerByte }
}
