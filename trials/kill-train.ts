/** `npm run trials -- kill-train`: kill -9 a training run at random points; resumed, it ends with the same weights. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fileSha256 } from '#data/ledger'
import { listCheckpoints } from '#train/checkpoint'
import { type Metrics, readMetrics } from '#train/metrics'
import type { RunInput } from '#train/run-config'
import { Figures } from './figures.ts'

const dotline = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'dotline.ts')
const steps = 40
const tiny: RunInput = {
  stage: 'pretrain',
  name: 'killed',
  model: { layers: 2, width: 64, heads: 2, kvHeads: 1, headWidth: 32, hidden: 128, contextLength: 64, dropout: 0.1 },
  tokenizer: { kind: 'bpe', vocabSize: 400 },
  data: [
    { name: 'talk', generator: 'conversations', count: 200, kind: 'chat' },
    { name: 'facts', generator: 'statements', count: 200 },
  ],
  validationShare: 0.1,
  fillInMiddle: 0.2,
  sequence: 64,
  microRows: 2,
  rows: 8,
  replicas: 2,
  steps,
  optimizer: { kind: 'muon', warmupSteps: 4 },
  evaluateEvery: 8,
  evaluateRows: 4,
  checkpointEvery: 3,
  sampleEvery: 20,
  samplePrompts: ['Hello'],
}

/** Delays after the chosen step: into the next step, its evaluation or its checkpoint. */
const longestDelayMs = 150
const longestStartMs = 2500

export async function main(args: string[]): Promise<void> {
  const options = { kills: { type: 'string', default: '20' } } as const
  const kills = Number(parseArgs({ args, options, allowPositionals: true, strict: false }).values.kills)
  if (!Number.isInteger(kills) || kills < 1) throw new RangeError(`--kills takes a whole number from 1, not "${kills}"`)
  const place = mkdtempSync(join(tmpdir(), 'dotline-kill-'))
  try {
    const figures = new Figures(`npm run trials -- kill-train --kills ${kills}`)
    writeFileSync(join(place, 'run.json'), JSON.stringify(tiny))
    await expectEnd(place, 'whole', 'The uninterrupted run')
    const expected = await fileSha256(weights(place, 'whole'))
    const tally = await killAndResume(place, kills)
    const identical = (await fileSha256(weights(place, tally.folder))) === expected
    figures.record('kill-train.kills', tally.kills, 'kills')
    figures.record('kill-train.kills before the first checkpoint', tally.early, 'kills')
    figures.record('kill-train.runs', tally.runs, 'runs')
    figures.record('kill-train.lost', tally.lost, 'checkpoints that were there and could not be resumed', {
      op: '=',
      value: 0,
    })
    figures.record('kill-train.identical', identical && tally.differing === 0 ? 1 : 0, '', { op: '=', value: 1 })
    figures.record('kill-train.same metrics', sameMetrics(place, tally.folder) ? 1 : 0, '', { op: '=', value: 1 })
    figures.finish()
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

interface Tally {
  kills: number
  /** Kills while nothing had been saved. */
  early: number
  /** Runs that were made to their end. */
  runs: number
  differing: number
  lost: number
  /** The run that ended last. */
  folder: string
}

/** Kills until the number is reached; a run that has ended is compared, and the next one begins in a new folder. */
async function killAndResume(place: string, kills: number): Promise<Tally> {
  const tally: Tally = { kills: 0, early: 0, runs: 0, differing: 0, lost: 0, folder: 'killed-0' }
  const expected = await fileSha256(weights(place, 'whole'))
  while (tally.kills < kills) {
    tally.folder = `killed-${tally.runs}`
    // About seven kills on the way of each run.
    for (let point = 0; point < steps && tally.kills < kills; point += Math.floor(Math.random() * 12))
      await killOnce(place, tally, point)
    await expectEnd(place, tally.folder, 'A killed run, resumed,')
    tally.runs++
    if ((await fileSha256(weights(place, tally.folder))) !== expected) tally.differing++
  }
  return tally
}

async function killOnce(place: string, tally: Tally, point: number): Promise<void> {
  const before = savedStep(place, tally.folder)
  const run = start(place, tally.folder)
  let first: number | null = null
  const reached = new Promise<void>((resolve) => {
    run.onStep = (step) => {
      first ??= step
      if (step >= point) resolve()
    }
  })
  if (point > 0) await Promise.race([reached, run.ended])
  await wait(Math.random() * (point === 0 ? longestStartMs : longestDelayMs))
  run.child.kill('SIGKILL')
  const { signal } = await run.ended
  if (signal !== 'SIGKILL') return
  tally.kills++
  if (savedStep(place, tally.folder) === 0) tally.early++
  if (first !== null && first !== before + 1) tally.lost++
}

const savedStep = (place: string, folder: string): number => {
  const [newest] = listCheckpoints(join(place, folder, 'checkpoints'))
  return newest === undefined ? 0 : Number(newest.slice(-9))
}

const weights = (place: string, folder: string) => join(place, folder, 'model', 'model.safetensors')

function start(place: string, folder: string) {
  const args = ['train', 'pretrain', '--config', join(place, 'run.json'), '--folder', join(place, folder)]
  const child = spawn(process.execPath, [dotline, ...args, '--json', '--resume'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const run = {
    child,
    said: '',
    onStep: (_step: number): void => {},
    ended: new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal })),
    ),
  }
  child.stderr.on('data', (chunk) => {
    run.said = `${run.said}${chunk}`.slice(-2000)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    // A kill may cut the last line short.
    if (!line.endsWith('}')) return
    const metrics = JSON.parse(line) as Metrics
    if (metrics.kind === 'step') run.onStep(metrics.step)
  })
  return run
}

async function expectEnd(place: string, folder: string, what: string): Promise<void> {
  const run = start(place, folder)
  const { code } = await run.ended
  if (code !== 0 || !existsSync(weights(place, folder))) throw new Error(`${what} ended with ${code}:\n${run.said}`)
}

/** Whether every step, score and sample is the same, once each; only times may differ. */
function sameMetrics(place: string, folder: string): boolean {
  const said = (name: string) =>
    readMetrics(join(place, name, 'metrics.jsonl')).map((metrics) => ({
      ...metrics,
      seconds: 0,
      tokensPerSecond: 0,
      utilisation: 0,
    }))
  return JSON.stringify(said('whole')) === JSON.stringify(said(folder))
}
