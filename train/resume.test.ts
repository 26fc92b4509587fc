import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fileSha256 } from '#data/ledger'
import { type Metrics, readMetrics } from './metrics.ts'
import type { RunInput } from './run-config.ts'

// Ten processes, each of which measures the machine first; on a busy one that takes a while.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const dotline = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'dotline.ts')
const steps = 20
const tiny: RunInput = {
  stage: 'pretrain',
  name: 'tiny',
  model: { layers: 2, width: 32, heads: 2, kvHeads: 1, headWidth: 16, hidden: 64, contextLength: 64, dropout: 0.1 },
  tokenizer: { kind: 'bpe', vocabSize: 320 },
  data: [
    { name: 'talk', generator: 'conversations', count: 60, kind: 'chat' },
    { name: 'facts', generator: 'statements', count: 60 },
  ],
  validationShare: 0.1,
  fillInMiddle: 0.2,
  sequence: 64,
  microRows: 2,
  rows: 8,
  replicas: 2,
  steps,
  optimizer: { kind: 'muon', warmupSteps: 4 },
  evaluateEvery: 6,
  evaluateRows: 4,
  checkpointEvery: 4,
  sampleEvery: 10,
  samplePrompts: ['Hello'],
}

let place: string
let whole: string
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-resume-'))
  writeFileSync(join(place, 'run.json'), JSON.stringify(tiny))
  const run = start('whole', [])
  expect(await run.ended).toEqual({ code: 0, signal: null })
  whole = await weightsOf('whole')
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

interface Run {
  child: ChildProcess
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Resolves when the run says that it made this step, or when it ends. */
  reached: (step: number) => Promise<void>
}

/** A training run as a user starts it, in a process of its own. */
function start(folder: string, flags: string[], config = 'run.json'): Run {
  const args = ['train', 'pretrain', '--config', join(place, config), '--folder', join(place, folder), '--json']
  const child = spawn(process.execPath, [dotline, ...args, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  const waiting: { step: number; go: () => void }[] = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    // A kill may cut the last line short.
    if (!line.endsWith('}')) return
    const metrics = JSON.parse(line) as Metrics
    for (const { step, go } of waiting) if (metrics.step >= step) go()
  })
  const reached = (step: number) =>
    Promise.race([new Promise<void>((go) => waiting.push({ step, go })), ended.then(() => undefined)])
  return { child, ended, reached }
}

const weightsOf = (folder: string) => fileSha256(join(place, folder, 'model', 'model.safetensors'))

/** What the metrics say, without the times. */
const said = (folder: string) =>
  readMetrics(join(place, folder, 'metrics.jsonl')).map((metrics) => {
    const { seconds: _s, tokensPerSecond: _t, utilisation: _u, ...rest } = { ...metrics } as Record<string, unknown>
    return rest
  })

describe('a training run', () => {
  it('killed at five random points and resumed ends with the same weights, bit for bit', {
    timeout: 180_000,
  }, async () => {
    // One kill anywhere while the run starts, four soon after a random step: between steps, in one, in a checkpoint.
    const points = Array.from({ length: 4 }, () => 1 + Math.floor(Math.random() * (steps - 2))).sort((a, b) => a - b)
    const log: string[] = []
    for (const point of [0, ...points]) {
      const run = start('killed', log.length === 0 ? [] : ['--resume'])
      if (point > 0) await run.reached(point)
      const delay = Math.random() * (point === 0 ? 1500 : 60)
      await wait(delay)
      run.child.kill('SIGKILL')
      const { signal } = await run.ended
      log.push(`step ${point} + ${delay.toFixed(0)} ms: ${signal ?? 'finished before'}`)
    }
    const last = start('killed', ['--resume'])
    expect(await last.ended, log.join('; ')).toEqual({ code: 0, signal: null })
    expect(await weightsOf('killed'), log.join('; ')).toBe(whole)
    expect(said('killed'), log.join('; ')).toEqual(said('whole'))
  })

  it('saves and leaves with 130 on Ctrl-C, and goes on to the same weights', async () => {
    const run = start('stopped', [])
    await run.reached(6)
    run.child.kill('SIGINT')
    expect(await run.ended).toEqual({ code: 130, signal: null })
    const made = Math.max(...readMetrics(join(place, 'stopped', 'metrics.jsonl')).map((m) => m.step))
    expect(made).toBeLessThan(steps)
    const checkpoints = readdirSync(join(place, 'stopped', 'checkpoints'))
    expect(checkpoints).toContain(`step-${String(made).padStart(9, '0')}`)
    expect(await start('stopped', ['--resume']).ended).toEqual({ code: 0, signal: null })
    expect(await weightsOf('stopped')).toBe(whole)
  })

  it('ends soon on Ctrl-C while its data is prepared, leaves nothing half-written, and begins again', async () => {
    const data = [{ name: 'talk', generator: 'conversations', count: 6000, kind: 'chat' }]
    const tokenizer = { kind: 'bpe', vocabSize: 1500 }
    writeFileSync(join(place, 'long.json'), JSON.stringify({ ...tiny, data, tokenizer, steps: 2 }))
    const at = (...names: string[]) => join(place, 'long', ...names)
    // Once in the tokenizer, and once in the documents, neither of which ever waits for anything.
    for (const sign of ['run.json', 'data.partial']) {
      const run = start('long', [], 'long.json')
      await vi.waitUntil(() => existsSync(at(sign)), { timeout: 120_000, interval: 5 })
      await wait(200)
      const began = performance.now()
      run.child.kill('SIGINT')
      expect(await run.ended).toEqual({ code: 130, signal: null })
      expect(performance.now() - began).toBeLessThan(2000)
      expect(readdirSync(at()).filter((name) => !['run.json', 'base.json', 'tokenizer.json'].includes(name))).toEqual(
        [],
      )
      expect(existsSync(at('tokenizer.json'))).toBe(sign === 'data.partial')
    }
    expect(await start('long', [], 'long.json').ended).toEqual({ code: 0, signal: null })
    expect(readdirSync(at())).toContain('model')
  })
})
