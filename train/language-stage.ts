/** Pre-training and supervised fine-tuning: packed rows of token files, and bits per byte of held-out text. */
import { type BatchState, PackedBatches } from '#data/packing'
import { batchSources } from '#data/prepare'
import { padding } from '#model/chat'
import { evaluateSets, learnedTokens, microBatches, type ValidationSet, validationSets } from './evaluation.ts'
import type { Replicas } from './replicas.ts'
import type { RunConfig } from './run-config.ts'
import type { RunData } from './run-data.ts'
import type { Stage, StepWork } from './stage.ts'

export class LanguageStage implements Stage {
  readonly objective = { kind: 'language' } as const
  private readonly run: RunConfig
  private readonly batches: PackedBatches
  private readonly validation: ValidationSet[]

  constructor(run: RunConfig, data: RunData) {
    const { sequence, microRows } = run
    this.run = run
    const filler = data.tokenizer.specialTokens.get(padding) ?? 0
    const sources = (split: 'train' | 'validation') => batchSources(data.folder, split, sequence)
    this.batches = new PackedBatches({
      sources: sources('train'),
      batch: run.rows,
      sequence,
      seed: run.seed,
      padding: filler,
    })
    this.validation = validationSets(sources('validation'), data.tokenizer, {
      rows: run.evaluateRows,
      microRows,
      length: sequence,
      padding: filler,
    })
  }

  async begin(): Promise<void> {}

  next(step: number): StepWork {
    const { run } = this
    const batch = this.batches.next()
    const total = Math.max(1, learnedTokens(batch))
    const seed = (run.seed + Math.imul(step, 0x9e3779b1)) >>> 0
    return { micro: microBatches(batch, run.microRows, run.sequence, seed, total), tokens: batch.tokens.length }
  }

  describe() {
    return {}
  }

  watch(): void {}

  async evaluate(replicas: Replicas) {
    return { scores: await evaluateSets(replicas, this.validation) }
  }

  state(): BatchState {
    return this.batches.state()
  }

  restore(state: object): void {
    this.batches.restore(state as BatchState)
  }

  close(): void {
    this.batches.close()
  }
}
