/** Contrastive training of an embedding model: pairs cut out of documents, each batch's others as negatives. */
import { basename } from 'node:path'
import { batchSources } from '#data/prepare'
import { heldOutPairs, PairBatches, type PairShape, type PairState, type TextPair } from '#data/text-pairs'
import { TokenFile } from '#data/token-file'
import { type RetrievalScore, scoreRetrieval } from './embed/recall.ts'
import type { StepMetrics } from './metrics.ts'
import type { ContrastiveObjective } from './objective.ts'
import type { MicroBatch, Replicas } from './replicas.ts'
import type { EmbeddingSettings, RunConfig } from './run-config.ts'
import type { RunData } from './run-data.ts'
import type { Found, Stage, StepWork } from './stage.ts'

const lineEnd = 0x0a

export class EmbedStage implements Stage {
  readonly objective: ContrastiveObjective
  private readonly run: RunConfig
  private readonly width: number
  private readonly batches: PairBatches
  private readonly files: TokenFile[]
  private readonly heldOut: { name: string; pairs: TextPair[] }[]

  constructor(run: RunConfig, settings: EmbeddingSettings, data: RunData, width: number) {
    const { temperature, cuts, ...kinds } = settings
    this.run = run
    this.width = width
    this.objective = { kind: 'contrastive', temperature, cuts: [width, ...cuts.filter((cut) => cut < width)] }
    const ends = Uint8Array.from({ length: data.tokenizer.vocabSize }, (_, id) =>
      data.tokenizer.tokenBytes(id).includes(lineEnd) ? 1 : 0,
    )
    const shape: PairShape = { ...kinds, sequence: run.sequence, breaks: (id) => ends[id] === 1 }
    const open = (split: 'train' | 'validation') =>
      batchSources(data.folder, split, 2 * settings.shortest).map(({ file, weight = 1 }) => ({
        file: typeof file === 'string' ? new TokenFile(file) : file,
        weight,
      }))
    const [training, validation] = [open('train'), open('validation')]
    this.files = [...training, ...validation].map(({ file }) => file)
    this.batches = new PairBatches({ ...shape, sources: training, batch: run.microRows, seed: run.seed })
    this.heldOut = validation.map(({ file }) => ({
      name: basename(file.path).replace(/\.validation$/, ''),
      pairs: heldOutPairs(file, shape, run.evaluateRows),
    }))
  }

  async begin(): Promise<void> {}

  next(step: number): StepWork {
    const { rows, microRows, seed } = this.run
    const count = rows / microRows
    const micro = Array.from({ length: count }, (_, i) =>
      this.micro(this.batches.next(), 1 / rows, (Math.imul(seed + i, 0x9e3779b1) + step) >>> 0),
    )
    return { micro, tokens: micro.reduce((sum, { weights }) => sum + weights.filter((share) => share > 0).length, 0) }
  }

  /** Queries first, then their targets; a text that is shorter than a row leaves the rest of it without weight. */
  private micro(pairs: readonly TextPair[], weight: number, seed: number): MicroBatch {
    const { sequence, microRows } = this.run
    const size = 2 * microRows * sequence
    const [tokens, weights] = [new Int32Array(size), new Float32Array(size)]
    const place = (ids: ArrayLike<number>, row: number) => {
      for (let i = 0; i < ids.length; i++) tokens[row * sequence + i] = ids[i]
      weights.fill(1 / ids.length, row * sequence, row * sequence + ids.length)
    }
    const pairWeights = new Float32Array(microRows)
    for (const [row, { query, target }] of pairs.entries()) {
      place(query, row)
      place(target, microRows + row)
      pairWeights[row] = weight
    }
    const none = new Int32Array(0)
    return { tokens, weights, targets: none, positions: none, documents: none, more: { pairWeights }, seed }
  }

  describe([, told]: readonly number[]): Pick<StepMetrics, 'told'> {
    return { told }
  }

  watch(): void {}

  async evaluate(replicas: Replicas): Promise<Found> {
    const retrieval: Record<string, RetrievalScore> = {}
    for (const { name, pairs } of this.heldOut) {
      if (pairs.length === 0) continue
      const [queries, targets] = await this.vectors(replicas, pairs)
      retrieval[name] = scoreRetrieval(queries, targets, this.width, this.objective.cuts.at(-1) ?? this.width)
    }
    return { scores: {}, retrieval }
  }

  private async vectors(replicas: Replicas, pairs: readonly TextPair[]): Promise<[Float32Array, Float32Array]> {
    const { microRows } = this.run
    const starts = Array.from({ length: Math.ceil(pairs.length / microRows) }, (_, i) => i * microRows)
    const values = await replicas.measure(
      starts.map((start) => this.micro(pairs.slice(start, start + microRows), 0, 0)),
    )
    const half = microRows * this.width
    const [queries, targets] = [0, 1].map((side) => {
      const all = new Float32Array(pairs.length * this.width)
      for (const [i, each] of values.entries())
        all.set(each.subarray(side * half, side * half + Math.min(half, all.length - i * half)), i * half)
      return all
    })
    return [queries, targets]
  }

  state(): PairState {
    return this.batches.state()
  }

  restore(state: object): void {
    this.batches.restore(state as PairState)
  }

  close(): void {
    for (const file of this.files) file.close()
  }
}
