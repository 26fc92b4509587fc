/**
 * Muon against AdamW in equal time, on the recipe of Tiny Shakespeare: `npm run bench -- optimizers --steps 300`. A step
 * of each is timed in turns first; Muon then makes `--steps` steps and AdamW as many as fit into the same time, so that
 * what else the machine does while they train changes nothing. Each optimizer may show its best of several rates.
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
const probeSteps = 6
const probeRounds = 3

const kinds = ['muon', 'adamw'] as const
type Kind = (typeof kinds)[number]

/** One of each kind trains at a time, so that neither has the quieter minutes. */
const rates: Readonly<Record<Kind, readonly number[]>> = {
  muon: [0.003, 0.006, 0.012],
  adamw: [0.0007, 0.0015, 0.003],
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      steps: { type: 'string', default: '300' },
      rates: { type: 'string', default: '3' },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const figures = new Figures(`npm run bench -- optimizers --steps ${values.steps}`)
  const work = mkdtempSync(join(tmpdir(), 'dotline-optimizers-'))
  const best = { muon: Number.POSITIVE_INFINITY, adamw: Number.POSITIVE_INFINITY }
  try {
    const ms = await stepTimes(work)
    const steps = { muon: Number(values.steps), adamw: Math.round((Number(values.steps) * ms.muon) / ms.adamw) }
    figures.record('optimizers.step_ratio', ms.muon / ms.adamw, 'times AdamW’s step')
    for (let i = 0; i < Number(values.rates); i++) {
      const tried = kinds.map(async (kind) => {
        const rate = rates[kind][i]
        return { kind, rate, score: await trial(kind, rate, steps[kind], join(work, `${kind}-${i}`)) }
      })
      for (const { kind, rate, score } of await Promise.all(tried)) {
        figures.note(`${kind} at ${rate}: ${steps[kind]} steps, ${score.toFixed(4)} bits per byte`)
        best[kind] = Math.min(best[kind], score)
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

function configured(kind: Kind, rate: number, steps: number): RunConfig {
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

/** Median milliseconds of a step of each kind, in turns, alone on the machine as far as this program goes. */
async function stepTimes(work: string): Promise<Record<Kind, number>> {
  const times: Record<Kind, number[]> = { muon: [], adamw: [] }
  for (let round = 0; round < probeRounds; round++)
    for (const kind of kinds) {
      const seen: number[] = []
      const run = { ...configured(kind, rates[kind][0], probeSteps), evaluateRows: 2 }
      const outcome = await startRun({
        run,
        folder: join(work, `probe-${kind}-${round}`),
        base: dirname(recipe),
        resume: false,
        onMetrics: (m) => {
          if (m.kind === 'step') seen.push((1000 * run.rows * run.sequence) / m.tokensPerSecond)
        },
      })
      await outcome.close()
      times[kind].push(...seen.slice(1))
    }
  const median = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1]
  return { muon: median(times.muon), adamw: median(times.adamw) }
}

/** Bits per byte of the validation text after a whole run. */
async function trial(kind: Kind, rate: number, steps: number, folder: string): Promise<number> {
  const outcome = await startRun({ run: configured(kind, rate, steps), folder, base: dirname(recipe), resume: false })
  await outcome.close()
  const scores = readMetrics(join(folder, 'metrics.jsonl')).filter((m) => m.kind === 'evaluation')
  return Object.values(scores[scores.length - 1].scores)[0].bitsPerByte
}
