/** Runs the two graphs over the cache: tokens in, logits out. Knows rows of the cache, not requests. */
import { compileFlexible, type FlexibleProgram, type Shaped } from '#tensor/flexible'
import type { GptConfig } from '../config.ts'
import { type FusedWeights, fuseWeights } from './fused-weights.ts'
import { decodeGraph, keysOf, prefillGraph, type StepGraph, valuesOf } from './graphs.ts'
import { KvCache } from './kv-cache.ts'

/** Far below any score, yet far from overflowing when scores are added. */
const hidden = -1e9

interface BatchArrays {
  states: Shaped
  positions: Shaped
  logits: Shaped
  fresh: Shaped
}

/** A compiled graph, and the weights it is fed at each run. */
interface Step {
  program: FlexibleProgram
  weights: Readonly<Record<string, Shaped>>
}

async function compileStep({ outputs, weights }: StepGraph, threads: number): Promise<Step> {
  return { program: await compileFlexible(outputs, threads), weights }
}

export class Engine {
  private readonly config: GptConfig
  private readonly weights: FusedWeights
  private readonly threads: number
  private readonly cache: KvCache
  /** Tokens in each row of the cache. */
  private readonly lengths: number[] = []
  private readonly constantLimit: number | undefined
  private decodeStep: Promise<Step> | null = null
  private prefillStep: Promise<Step> | null = null
  private readonly batches = new Map<number, BatchArrays>()
  private mask: { rows: number; width: number; shaped: Shaped; values: Float32Array } | null = null
  /** Stands for an empty cache: one place that is masked away. */
  private readonly nothing: Shaped

  /** Matrices of more than `constantLimit` bytes in all are fed at each run. */
  constructor(
    config: GptConfig,
    parameters: ReadonlyMap<string, Float32Array>,
    threads: number,
    constantLimit?: number,
  ) {
    this.config = config
    this.constantLimit = constantLimit
    this.weights = fuseWeights(config, parameters)
    this.threads = threads
    this.cache = new KvCache(config)
    const shape = [config.kvHeads, 1, 1, config.headWidth]
    this.nothing = { values: new Float32Array(config.kvHeads * config.headWidth), shape }
  }

  /** Compiles both graphs, so that the first request does not wait for them. */
  async prepare(): Promise<void> {
    await this.prefilling()
    await this.decoding()
  }

  private decoding(): Promise<Step> {
    this.decodeStep ??= compileStep(decodeGraph(this.config, this.weights, this.constantLimit), this.threads)
    return this.decodeStep
  }

  private prefilling(): Promise<Step> {
    this.prefillStep ??= compileStep(prefillGraph(this.config, this.weights, this.constantLimit), this.threads)
    return this.prefillStep
  }

  /**
   * Adds tokens to a row and returns the logits after the last, [vocabulary]. The row's tokens so far come from earlier
   * calls; `first` says that there are none.
   */
  async prefill(row: number, ids: Uint32Array, first: boolean): Promise<Float32Array> {
    const { vocabSize, width } = this.config
    const count = ids.length
    if (first) this.lengths[row] = 0
    const start = this.lengths[row]
    this.reserve(row + 1)
    const states = new Float32Array(count * width)
    for (let i = 0; i < count; i++) this.embed(ids[i], start + i, states, i)
    const positions = BigInt64Array.from({ length: count }, (_, i) => BigInt(start + i))
    const logits = new Float32Array(vocabSize)
    const fresh = new Float32Array(count * this.freshWidth)
    const { program, weights } = await this.prefilling()
    const feeds: Record<string, Shaped> = {
      ...weights,
      states: { values: states, shape: [count, width] },
      positions: { values: positions, shape: [count, 1] },
      mask: this.prefillMask(start, count),
    }
    this.feedCache(feeds, start === 0 ? null : this.cache.row(row))
    await program.run(feeds, {
      logits: { values: logits, shape: [1, vocabSize] },
      fresh: { values: fresh, shape: this.freshShape(count) },
    })
    this.lengths[row] = start + count
    this.reserve(row + 1)
    for (let i = 0; i < count; i++) this.cache.write(row, start + i, fresh, i)
    return logits
  }

  /** Adds one token to each of the rows 0 to ids.length − 1; logits are [rows, vocabulary], valid until the next call. */
  async decode(ids: readonly number[]): Promise<Float32Array> {
    const rows = ids.length
    const { lengths, cache } = this
    this.reserve(rows)
    const arrays = this.batchArrays(rows)
    for (const [row, id] of ids.entries()) {
      this.embed(id, lengths[row], arrays.states.values as Float32Array, row)
      arrays.positions.values[row] = BigInt(lengths[row])
    }
    const { program, weights } = await this.decoding()
    const feeds: Record<string, Shaped> = {
      ...weights,
      states: arrays.states,
      positions: arrays.positions,
      mask: this.decodeMask(rows),
    }
    this.feedCache(feeds, cache.batch(rows))
    await program.run(feeds, { logits: arrays.logits, fresh: arrays.fresh })
    for (let row = 0; row < rows; row++) lengths[row]++
    this.reserve(rows)
    const fresh = arrays.fresh.values as Float32Array
    for (let row = 0; row < rows; row++) cache.write(row, lengths[row] - 1, fresh, row)
    return arrays.logits.values as Float32Array
  }

  /** Row `to` becomes what row `from` is. */
  move(from: number, to: number): void {
    this.cache.move(from, to, this.lengths[from])
    this.lengths[to] = this.lengths[from]
  }

  /** Forgets the rows from `rows` on. */
  truncate(rows: number): void {
    this.lengths.length = Math.min(this.lengths.length, rows)
  }

  async close(): Promise<void> {
    for (const step of [this.decodeStep, this.prefillStep]) await (await step)?.program.release()
    this.decodeStep = null
    this.prefillStep = null
    this.cache.release()
  }

  private get freshWidth(): number {
    const { layers, kvHeads, headWidth } = this.config
    return layers * 2 * kvHeads * headWidth
  }

  private freshShape(rows: number): number[] {
    const { layers, kvHeads, headWidth } = this.config
    return [rows, layers * 2 * kvHeads, 1, headWidth]
  }

  private reserve(rows: number): void {
    this.cache.reserve(rows, Math.max(1, ...this.lengths), this.lengths)
  }

  private embed(id: number, position: number, states: Float32Array, row: number): void {
    const { width } = this.config
    const { embedding, positions } = this.weights
    const to = row * width
    const from = id * width
    for (let i = 0; i < width; i++) states[to + i] = embedding[from + i]
    if (positions) for (let i = 0; i < width; i++) states[to + i] += positions[position * width + i]
  }

  private feedCache(feeds: Record<string, Shaped>, views: readonly Shaped[] | null): void {
    for (let layer = 0; layer < this.config.layers; layer++) {
      feeds[keysOf(layer)] = views ? views[2 * layer] : this.nothing
      feeds[valuesOf(layer)] = views ? views[2 * layer + 1] : this.nothing
    }
  }

  private batchArrays(rows: number): BatchArrays {
    const before = this.batches.get(rows)
    if (before) return before
    const { width, vocabSize } = this.config
    const floats = (size: number): Shaped => ({ values: new Float32Array(rows * size), shape: [rows, size] })
    const arrays = {
      states: floats(width),
      positions: { values: new BigInt64Array(rows), shape: [rows, 1] },
      logits: floats(vocabSize),
      fresh: { values: new Float32Array(rows * this.freshWidth), shape: this.freshShape(rows) },
    }
    this.batches.set(rows, arrays)
    return arrays
  }

  private decodeMask(rows: number): Shaped {
    const width = this.cache.capacity + 1
    if (this.mask?.rows !== rows || this.mask.width !== width) {
      const values = new Float32Array(rows * width)
      this.mask = { rows, width, values, shaped: { values, shape: [rows, 1, 1, 1, width] } }
    }
    const { values, shaped } = this.mask
    for (let row = 0; row < rows; row++) {
      const start = row * width
      const end = start + this.lengths[row]
      values.fill(0, start, end)
      values.fill(hidden, end, start + width - 1)
      values[start + width - 1] = 0
    }
    return shaped
  }

  private prefillMask(start: number, count: number): Shaped {
    const before = start === 0 ? 1 : this.cache.capacity
    const width = before + count
    const values = new Float32Array(count * width)
    for (let row = 0; row < count; row++) {
      values.fill(hidden, row * width + start, row * width + before)
      values.fill(hidden, row * width + before + row + 1, (row + 1) * width)
    }
    return { values, shape: [count, width] }
  }
}
