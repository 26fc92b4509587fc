import { existsSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { type Manifest, readManifest } from '#data/manifest'
import type { GptConfig } from '#model/config'
import { parseRewardConfig } from '#model/reward-folder'
import { parseConfig } from '#model/weights'
import { type EvaluationMetrics, type Metrics, readMetrics, type SampleMetrics, type StepMetrics } from '../metrics.ts'
import { modelConfig, type RunConfig, readRunConfig } from '../run-config.ts'

/** Everything that a report tells. */
export interface RunFacts {
  run: RunConfig
  /** null while the tokenizer or the model to start from is not known. */
  model: GptConfig | null
  manifest: Manifest | null
  steps: StepMetrics[]
  evaluations: EvaluationMetrics[]
  samples: SampleMetrics[]
  /** Bytes of the finished model's weights; null while there is none. */
  weightBytes: number | null
  machine: string
  written: Date
}

/** Reads a run's folder; throws RunConfigError or ManifestError where what lies there is not a run's. */
export function readFacts(folder: string): RunFacts {
  const run = readRunConfig(join(folder, 'run.json'))
  const data = join(folder, 'data')
  const manifest = existsSync(join(data, 'manifest.json')) ? readManifest(data) : null
  const metrics = readMetrics(join(folder, 'metrics.jsonl'))
  const weights = join(folder, 'model', 'model.safetensors')
  const written = existsSync(join(folder, 'model', 'config.json')) && existsSync(weights)
  // A run that goes on past its former end has a model already, of fewer steps.
  const finished = written && (metrics.at(-1)?.step ?? 0) >= run.steps
  return {
    run,
    model: modelOf(folder, run, manifest, finished),
    manifest,
    steps: of(metrics, 'step'),
    evaluations: of(metrics, 'evaluation'),
    samples: of(metrics, 'sample'),
    weightBytes: finished ? statSync(weights).size : null,
    machine: machine(),
    written: new Date(),
  }
}

const of = <K extends Metrics['kind']>(metrics: readonly Metrics[], kind: K) =>
  metrics.filter((m): m is Extract<Metrics, { kind: K }> => m.kind === kind)

function modelOf(folder: string, run: RunConfig, manifest: Manifest | null, finished: boolean): GptConfig | null {
  const path = join(folder, 'model', 'config.json')
  if (run.stage === 'embed') return manifest && modelConfig(run, manifest.tokenizer.vocabSize)
  if (finished) return (run.stage === 'reward' ? parseRewardConfig : parseConfig)(readFileSync(path), path).config
  if (run.init || manifest === null) return null
  return modelConfig(run, manifest.tokenizer.vocabSize)
}

function machine(): string {
  const name = (cpus()[0]?.model ?? '').replace(/\((R|TM)\)|\bCPU\b|@.*$/g, '').replace(/\s+/g, ' ')
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${availableParallelism()} × ${name.trim() || process.arch}, ${memory}, Node ${process.versions.node}`
}
