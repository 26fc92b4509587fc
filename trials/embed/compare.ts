/** Looked-up vectors beside a small encoder, trained on the same pairs for the same processor time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readManifest } from '#data/manifest'
import { ChatFormat } from '#model/chat'
import type { GptConfig } from '#model/config'
import { embedderSpecs } from '#model/embedder'
import { Tokenizer } from '#model/tokenizer'
import { EmbedStage } from '#train/embed-stage'
import { initialise } from '#train/initial-weights'
import { modelConfig, parseRunConfig, type RunConfig, readRunConfig } from '#train/run-config'
import { train } from '#train/trainer'
import type { Figures } from '#trials/figures'

/** An encoder whose weights are about as many bytes as the vectors, its table included. */
const encoder = { layers: 2, width: 192, heads: 6, kvHeads: 6, headWidth: 32, hidden: 512, contextLength: 128 }
const pairsAtOnce = 128

/** @param folder a run of the stage embed, with its data; @param seconds of processor time for each */
export async function compareShapes(figures: Figures, folder: string, seconds: number): Promise<void> {
  const tokenizer = await Tokenizer.open(folder)
  const data = join(folder, 'data')
  const prepared = { tokenizer, chat: new ChatFormat(tokenizer), manifest: readManifest(data), folder: data }
  const given = readRunConfig(join(folder, 'run.json'))
  const common = {
    rows: pairsAtOnce,
    microRows: pairsAtOnce,
    steps: 1_000_000,
    evaluateEvery: 1e9,
    checkpointEvery: 1e9,
  }
  const shapes: [string, object, number][] = [
    ['vectors', {}, given.optimizer.learningRate],
    ['encoder', encoder, 1e-3],
  ]
  for (const [name, shape, learningRate] of shapes) {
    const optimizer = { ...given.optimizer, learningRate, schedule: 'constant', warmupSteps: 50 }
    const run = parseRunConfig({ ...given, ...common, optimizer })
    const config = { ...modelConfig(run, tokenizer.vocabSize), ...shape }
    await trial(figures, name, { run, config, prepared, seconds })
  }
}

interface Trial {
  run: RunConfig
  config: GptConfig
  prepared: ConstructorParameters<typeof EmbedStage>[2]
  seconds: number
}

async function trial(figures: Figures, name: string, { run, config, prepared, seconds }: Trial): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-shapes-'))
  const settings = run.embedding
  if (!settings) throw new Error('the run is not one of the stage embed')
  const stage = new EmbedStage(run, settings, prepared, config.width)
  const stop = new AbortController()
  let began = process.cpuUsage()
  const used = () => {
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1e6
  }
  const onMetrics = ({ step }: { step: number }) => {
    // What the first step takes is the graph's making.
    if (step === 1) began = process.cpuUsage()
    if (used() >= seconds) stop.abort()
  }
  const specs = embedderSpecs(config)
  const initial = {
    initialise: (trained: ReadonlyMap<string, Float32Array>) => initialise(config, trained, run.seed, specs),
  }
  const common = { folder, run, config, stage, lora: null, inputs: [], peakFlops: 1e9, onMetrics, signal: stop.signal }
  try {
    const result = await train({ ...common, ...initial })
    const { retrieval = {} } = await stage.evaluate(result.replicas)
    const parameters = specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
    figures.record(`embed.${name}.parameters`, parameters, '')
    figures.record(`embed.${name}.steps`, result.step, `of ${pairsAtOnce} pairs in ${seconds} s of a processor`)
    for (const [source, { at10, pairs }] of Object.entries(retrieval))
      figures.record(`embed.${name}.${source}.recall_at_10`, at10, `of ${pairs}`)
    await result.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
