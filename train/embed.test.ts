/** An embedding model from its configuration to its folder, and through a kill. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fileSha256 } from '#data/ledger'
import { readManifest } from '#data/manifest'
import { meanVector } from '#model/embedder'
import { loadEmbedder } from '#model/embedder-folder'
import { Tokenizer } from '#model/tokenizer'
import { loadModel } from '#model/weights'
import { type EvaluationMetrics, readMetrics } from './metrics.ts'
import { writeReport } from './report.ts'
import { startRun } from './run.ts'
import { parseRunConfig, type RunInput } from './run-config.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const dotline = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'dotline.ts')
const steps = 24
const tiny: RunInput = {
  stage: 'embed',
  name: 'tiny-embed',
  model: { width: 16, contextLength: 512 },
  tokenizer: { kind: 'bpe', vocabSize: 400, lowercase: true },
  data: [{ name: 'tales', path: 'tales.jsonl', source: 'here', licence: 'CC0-1.0' }],
  validationShare: 0.2,
  sequence: 24,
  rows: 32,
  microRows: 16,
  replicas: 2,
  steps,
  embedding: { cuts: [8], shortest: 4 },
  optimizer: { learningRate: 0.02, warmupSteps: 4 },
  evaluateEvery: 8,
  checkpointEvery: 5,
}

/** Each tale is of its own few words, so that neighbours can be told. */
function tale(number: number): string {
  const words = Array.from(
    { length: 6 },
    (_, i) => `W${((number * 7 + i * 5) % 97).toString(36)}o${number.toString(36)}`,
  )
  const sentence = (at: number) => `${words[at % 6]} ${words[(at * 5 + 1) % 6]} meets ${words[(at * 3 + 2) % 6]}.`
  return `Tale ${number}\n${Array.from({ length: 20 }, (_, at) => sentence(at)).join(' ')}`
}

let place: string
let whole: string
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-embed-'))
  const lines = Array.from({ length: 150 }, (_, at) => JSON.stringify({ text: tale(at) }))
  writeFileSync(join(place, 'tales.jsonl'), lines.join('\n'))
  writeFileSync(join(place, 'run.json'), JSON.stringify(tiny))
  const run = parseRunConfig(tiny)
  const outcome = await startRun({ run, folder: join(place, 'whole'), base: place, resume: false })
  await outcome.close()
  expect(outcome.finished).toBe(true)
  whole = await weightsOf('whole')
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const weightsOf = (folder: string) => fileSha256(join(place, folder, 'model', 'model.safetensors'))

describe('an embedding model', () => {
  it('is a folder in model2vec’s layout, with its manifest, whose vectors find what stands beside a text', async () => {
    const folder = join(place, 'whole', 'model')
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    expect(config).toMatchObject({
      model_type: 'model2vec',
      architectures: ['StaticModel'],
      hidden_dim: 16,
      normalize: true,
    })
    expect(readManifest(folder).sources.map(({ licence }) => licence)).toEqual(['CC0-1.0'])
    const { table, width, vocabSize, dimensions, contextLength } = await loadEmbedder(folder)
    expect({ width, dimensions, contextLength }).toEqual({ width: 16, dimensions: [16, 8], contextLength: 512 })
    const tokenizer = await Tokenizer.open(folder)
    expect(tokenizer.vocabSize).toBe(vocabSize)
    const vector = (text: string) => meanVector(table, width, tokenizer.encode(text))
    expect(vector('MEETS')).toEqual(vector('meets'))
    await expect(loadModel(folder)).rejects.toThrow('architectures')
  })

  it('gets better at finding held-out neighbours, by the whole vector and by its beginning', () => {
    const found = readMetrics(join(place, 'whole', 'metrics.jsonl'))
      .filter((metrics): metrics is EvaluationMetrics => metrics.kind === 'evaluation')
      .map(({ retrieval }) => retrieval?.tales)
    expect(found).toHaveLength(3)
    const [first, last] = [found[0], found[2]]
    expect(last?.pairs).toBeGreaterThan(20)
    expect(last?.shortest.dimensions).toBe(8)
    // Chance is one of as many as there are pairs.
    expect(last?.at10).toBeGreaterThan(Math.max(first?.at10 ?? 1, 12 / (last?.pairs ?? 1)))
    expect(last?.shortest.at10).toBeGreaterThan(12 / (last?.pairs ?? 1))
    expect(readFileSync(writeReport(join(place, 'whole')), 'utf8')).toContain('Embedding model')
  })

  it('killed and resumed has the same weights, bit for bit, and the same metrics', async () => {
    const killed = start([])
    await killed.reached(7 + Math.floor(Math.random() * 12))
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(await start(['--resume']).ended).toBe(0)
    expect(await weightsOf('killed')).toBe(whole)
    const said = (folder: string) =>
      readMetrics(join(place, folder, 'metrics.jsonl')).map((metrics) =>
        metrics.kind === 'step' ? [metrics.step, metrics.loss, metrics.told] : [metrics.step, metrics],
      )
    const timeless = (folder: string) => JSON.stringify(said(folder)).replace(/"seconds":[\d.]+/g, '')
    expect(timeless('killed')).toBe(timeless('whole'))
  })

  it.each<[object, RegExp]>([
    [{ init: 'elsewhere' }, /init has no meaning/],
    [{ data: [{ name: 'talk', generator: 'conversations', kind: 'chat' }] }, /must be "text"/],
    [{ sequence: 6 }, /at most half of sequence/],
    [{ embedding: { neighbours: 0, crops: 0, headings: 0 } }, /at least one kind/],
    [{ model: { layers: 2 } }, /looks its tokens up/],
    [{ optimizer: { kind: 'muon' } }, /adamw/],
    [{ stage: 'pretrain', embedding: undefined, optimizer: {}, model: { layers: 0 } }, /only an embedding model/],
  ])('is refused with a reason: %j', (change, reason) => {
    expect(() => parseRunConfig({ ...tiny, ...change })).toThrow(reason)
  })
})

interface Run {
  child: ChildProcess
  ended: Promise<number | null>
  reached: (step: number) => Promise<void>
}

function start(flags: string[]): Run {
  const args = ['train', 'embed', '--config', join(place, 'run.json'), '--folder', join(place, 'killed'), '--json']
  const child = spawn(process.execPath, [dotline, ...args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const waiting: { step: number; go: () => void }[] = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const step = Number(/"step":(\d+)/.exec(line)?.[1] ?? 0)
    for (const each of waiting) if (step >= each.step) each.go()
  })
  const reached = (step: number) =>
    Promise.race([new Promise<void>((go) => waiting.push({ step, go })), ended.then(() => {})])
  return { child, ended, reached }
}
