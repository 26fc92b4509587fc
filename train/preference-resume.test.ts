import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fileSha256 } from '#data/ledger'
import { type Metrics, readMetrics } from './metrics.ts'
import { startRun } from './run.ts'
import { parseRunConfig, type RunInput } from './run-config.ts'

// A dozen processes, each of which measures the machine first; on a busy one that takes a while.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 })

const dotline = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'dotline.ts')
const steps = 10

const common = {
  init: 'base/model',
  sequence: 64,
  rows: 4,
  replicas: 2,
  steps,
  dtype: 'f32',
  optimizer: { learningRate: 0.01, warmupSteps: 2 },
  evaluateEvery: 4,
  evaluateRows: 6,
  checkpointEvery: 3,
} satisfies Partial<RunInput>
const rankings = [{ name: 'rules', generator: 'preferences' as const, count: 24 }]
const talk = [{ name: 'talk', generator: 'conversations' as const, count: 30, kind: 'chat' as const }]

const runs: Record<string, RunInput> = {
  reward: { ...common, name: 'reward', stage: 'reward', data: rankings, model: { dropout: 0.1 } },
  dpo: { ...common, name: 'dpo', stage: 'dpo', data: rankings, lora: { rank: 2 }, preference: { beta: 0.5 } },
  sft: { ...common, name: 'sft', stage: 'sft', data: talk, lora: { rank: 2, targets: ['q_proj', 'down_proj'] } },
}

let place: string
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-preference-resume-'))
  for (const [name, run] of Object.entries(runs)) writeFileSync(join(place, `${name}.json`), JSON.stringify(run))
  const base = parseRunConfig({
    name: 'base',
    stage: 'sft',
    tokenizer: { kind: 'bpe', vocabSize: 300 },
    data: talk,
    model: { layers: 1, width: 32, heads: 2, kvHeads: 1, headWidth: 16, hidden: 48, contextLength: 96 },
    sequence: 64,
    rows: 4,
    replicas: 1,
    steps: 2,
    dtype: 'f32',
  })
  await (await startRun({ run: base, folder: join(place, 'base'), base: place, resume: false })).close()
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** A run as a user starts it, in a process of its own. */
function start(stage: string, folder: string, flags: string[] = []) {
  const args = ['train', stage, '--config', join(place, `${stage}.json`), '--folder', join(place, folder), '--json']
  const child: ChildProcess = spawn(process.execPath, [dotline, ...args, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const waiting: { step: number; go: () => void }[] = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (!line.endsWith('}')) return
    const metrics = JSON.parse(line) as Metrics
    for (const { step, go } of waiting) if (metrics.step >= step) go()
  })
  const reached = (step: number) =>
    Promise.race([new Promise<void>((go) => waiting.push({ step, go })), ended.then(() => undefined)])
  return { child, ended, reached }
}

const hashes = async (stage: string, folder: string) => {
  const files = ['model/model.safetensors', 'model/config.json']
  if (runs[stage].lora) files.push('adapter/adapter_model.safetensors')
  return Promise.all(files.map((file) => fileSha256(join(place, folder, file))))
}

const said = (folder: string) =>
  readMetrics(join(place, folder, 'metrics.jsonl')).map((metrics) => {
    const { seconds: _s, tokensPerSecond: _t, utilisation: _u, ...rest } = { ...metrics } as Record<string, unknown>
    return rest
  })

test.each(['reward', 'dpo', 'sft'])(
  '%s, killed at random points and resumed, ends the same, bit for bit',
  async (stage) => {
    expect(await start(stage, `${stage}-whole`).ended).toBe(0)
    const log: string[] = []
    for (const point of [1 + Math.floor(Math.random() * 4), 5 + Math.floor(Math.random() * 4)]) {
      const run = start(stage, `${stage}-killed`, log.length === 0 ? [] : ['--resume'])
      await run.reached(point)
      const delay = Math.random() * 30
      await wait(delay)
      run.child.kill('SIGKILL')
      await run.ended
      log.push(`step ${point} + ${delay.toFixed(0)} ms`)
    }
    expect(await start(stage, `${stage}-killed`, ['--resume']).ended, log.join('; ')).toBe(0)
    expect(await hashes(stage, `${stage}-killed`), log.join('; ')).toEqual(await hashes(stage, `${stage}-whole`))
    expect(said(`${stage}-killed`), log.join('; ')).toEqual(said(`${stage}-whole`))
  },
)
