/** Runs the two graphs over the cache: tokens in, logits out. Knows rows of the cache, not requests. */
import { compileFlexible, type FlexibleProgram, type Shaped } from '#tensor/flexible'
import type { GptConfig } from '../config.ts'
import { arraysOf, type FusedWeights, fuseWeights } from './fused-weights.ts'
import { type ConstantLimit, decodeGraph, keysOf, prefillGraph, valuesOf } from './graphs.ts'
import { KvCache } from './kv-cache.ts'

/** Far below any score, yet far from overflowing when scores are added. */
const hidden = -1e9

interface BatchArrays {
  states: Shaped
  positions: Shaped
  logits: Shaped
  fresh: Shaped
}

/** Some of a prompt's tokens, for one row of the cache. */
export interface PromptPart {
  row: number
  ids: Uint32Array
  /** Whether the row begins with them; what it held is forgotten. */
  begins: boolean
  /** Whether the logits of each of them are wanted, and not only of the last. */
  every?: boolean
}

/** A compiled graph, and the weights it is fed at each run. */
interface Step {
  program: FlexibleProgram
  weights: Readonly<Record<string, Shaped>>
}

export class Engine {
  private readonly config: GptConfig
  private readonly embedding: Float32Array
  private readonly positionTable: Float32Array | null
  /** Null once both graphs hold them, unless they change. */
  private weights: FusedWeights | null
  private readonly threads: number
  private readonly cache: KvCache
  /** Tokens in each row of the cache. */
  private readonly lengths: number[] = []
  private readonly constantLimit: ConstantLimit | undefined
  private decodeStep: Promise<Step> | null = null
  private prefillStep: Promise<Step> | null = null
  private readonly batches = new Map<number, BatchArrays>()
  private mask: { rows: number; width: number; shaped: Shaped; values: Float32Array } | null = null
  /** Stands for an empty cache: one place that is masked away. */
  private readonly nothing: Shaped

  /** Matrices of more than `constantLimit` bytes in all are fed at each run; keys and values stay below `cacheLimit` bytes. */
  constructor(
    config: GptConfig,
    parameters: ReadonlyMap<string, Float32Array>,
    threads: number,
    constantLimit?: ConstantLimit,
    cacheLimit?: number,
  ) {
    this.config = config
    this.constantLimit = constantLimit
    this.weights = fuseWeights(config, parameters)
    this.embedding = this.weights.embedding
    this.positionTable = this.weights.positions
    this.threads = threads
    this.cache = new KvCache(config, cacheLimit)
    const shape = [config.kvHeads, 1, 1, config.headWidth]
    this.nothing = { values: new Float32Array(config.kvHeads * config.headWidth), shape }
  }

  /** Compiles both graphs, so that the first request does not wait for them. */
  async prepare(): Promise<void> {
    await this.prefilling()
    await this.decoding()
  }

  private decoding(): Promise<Step> {
    this.decodeStep ??= this.compile(decodeGraph)
    return this.decodeStep
  }

  private prefilling(): Promise<Step> {
    this.prefillStep ??= this.compile(prefillGraph)
    return this.prefillStep
  }

  private async compile(graph: typeof decodeGraph): Promise<Step> {
    if (!this.weights) throw new Error('the decoder is closed')
    const { outputs, weights } = graph(this.config, this.weights, this.constantLimit)
    const program = await compileFlexible(outputs, this.threads)
    if (this.decodeStep && this.prefillStep && this.constantLimit !== 'changing') this.weights = null
    return { program, weights }
  }

  /**
   * Adds tokens to rows and returns the logits after each part's last token, or after every one of it, [wanted, vocabulary]. The first part may go on
   * with a row that has tokens already; the others begin theirs. All go through the model together.
   */
  async prefill(parts: readonly PromptPart[]): Promise<Float32Array> {
    const { vocabSize, width } = this.config
    for (const { row, begins } of parts) if (begins) this.lengths[row] = 0
    const start = this.lengths[parts[0].row]
    const count = parts.reduce((sum, { ids }) => sum + ids.length, 0)
    this.reserve()
    const states = new Float32Array(count * width)
    const positions = new BigInt64Array(count)
    let at = 0
    for (const { row, ids } of parts) {
      for (const [i, id] of ids.entries()) {
        this.embed(id, this.lengths[row] + i, states, at)
        positions[at++] = BigInt(this.lengths[row] + i)
      }
    }
    const wanted = wantedOf(parts)
    const logits = new Float32Array(wanted.length * vocabSize)
    const fresh = new Float32Array(count * this.freshWidth)
    const { program, weights } = await this.prefilling()
    const feeds: Record<string, Shaped> = {
      ...weights,
      states: { values: states, shape: [count, width] },
      positions: { values: positions, shape: [count, 1] },
      mask: promptMask(parts, start, start === 0 ? 1 : this.cache.capacity),
      wanted: { values: wanted, shape: [wanted.length] },
    }
    this.feedCache(feeds, start === 0 ? null : this.cache.row(parts[0].row))
    await program.run(feeds, {
      logits: { values: logits, shape: [wanted.length, vocabSize] },
      fresh: { values: fresh, shape: this.freshShape(count) },
    })
    this.keep(parts, fresh)
    return logits
  }

  private keep(parts: readonly PromptPart[], fresh: Float32Array): void {
    for (const { row, ids } of parts) this.lengths[row] += ids.length
    this.reserve()
    let source = 0
    for (const { row, ids } of parts)
      for (let i = ids.length; i > 0; i--) this.cache.write(row, this.lengths[row] - i, fresh, source++)
  }

  /** Adds one token to each of the rows 0 to ids.length − 1; logits are [rows, vocabulary], valid until the next call. */
  async decode(ids: readonly number[]): Promise<Float32Array> {
    const rows = ids.length
    const { lengths, cache } = this
    this.reserve()
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
    this.reserve()
    const fresh = arrays.fresh.values as Float32Array
    for (let row = 0; row < rows; row++) cache.write(row, lengths[row] - 1, fresh, row)
    return arrays.logits.values as Float32Array
  }

  /** Takes the last `count` tokens from a row again, and whatever lay behind them. */
  takeBack(row: number, count: number): void {
    this.lengths[row] -= count
    this.cache.clear(row, this.lengths[row])
  }

  /** A copy of `count` tokens of a row. */
  save(row: number, place: number, count: number): Float32Array {
    return this.cache.save(row, place, count)
  }

  /** A row begins with tokens that were saved, `count` in each piece; what it held is forgotten. */
  restore(row: number, pieces: readonly Float32Array[], count: number): void {
    this.lengths[row] = pieces.length * count
    this.reserve()
    for (const [i, values] of pieces.entries()) this.cache.load(row, i * count, values)
  }

  /** Bytes of one token's keys and values. */
  get tokenBytes(): number {
    return this.cache.tokenBytes
  }

  /** Bytes that so many rows take, the longest of `length` tokens. */
  bytesFor(rows: number, length: number): number {
    return this.cache.bytesFor(rows, length)
  }

  /** Row `to` becomes what row `from` is. */
  move(from: number, to: number): void {
    this.cache.move(from, to, this.lengths[from])
    this.lengths[to] = this.lengths[from]
  }

  /** Takes other weights for a model of the same shape, into the graphs that are there. Only where weights may change. */
  renew(parameters: ReadonlyMap<string, Float32Array>): void {
    if (!this.weights || this.constantLimit !== 'changing') throw new Error('the weights of this engine do not change')
    const next = arraysOf(fuseWeights(this.config, parameters))
    for (const [i, array] of arraysOf(this.weights).entries()) array.set(next[i])
  }

  /** Forgets all rows, and gives back their room: how wide it is decides the last bits of a sum. */
  rest(): void {
    this.lengths.length = 0
    this.mask = null
    this.cache.release()
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

  /** Tokens in a row. */
  length(row: number): number {
    return this.lengths[row] ?? 0
  }

  private get freshWidth(): number {
    const { layers, kvHeads, headWidth } = this.config
    return layers * 2 * kvHeads * headWidth
  }

  private freshShape(rows: number): number[] {
    const { layers, kvHeads, headWidth } = this.config
    return [rows, layers * 2 * kvHeads, 1, headWidth]
  }

  private reserve(): void {
    this.cache.reserve(Math.max(1, ...this.lengths), this.lengths)
  }

  private embed(id: number, position: number, states: Float32Array, row: number): void {
    const { width } = this.config
    const { embedding, positionTable } = this
    const to = row * width
    const from = id * width
    for (let i = 0; i < width; i++) states[to + i] = embedding[from + i]
    if (positionTable) for (let i = 0; i < width; i++) states[to + i] += positionTable[position * width + i]
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
}

/** What may be seen, [tokens, past + tokens]: the cached `start` tokens by the first part, and by each token its own part before it. */
function promptMask(parts: readonly PromptPart[], start: number, past: number): Shaped {
  const count = parts.reduce((sum, { ids }) => sum + ids.length, 0)
  const width = past + count
  const values = new Float32Array(count * width).fill(hidden)
  let first = 0
  for (const [index, { ids }] of parts.entries()) {
    for (let row = first; row < first + ids.length; row++) {
      if (index === 0) values.fill(0, row * width, row * width + start)
      values.fill(0, row * width + past + first, row * width + past + row + 1)
    }
    first += ids.length
  }
  return { values, shape: [count, width] }
}

/** Rows of logits that a part asks for. */
export const rowsOf = ({ ids, every }: PromptPart): number => (every === true ? ids.length : 1)

function wantedOf(parts: readonly PromptPart[]): BigInt64Array {
  let end = 0
  const places = parts.flatMap((part) => {
    end += part.ids.length
    const rows = rowsOf(part)
    return Array.from({ length: rows }, (_, i) => BigInt(end - rows + i))
  })
  return BigInt64Array.from(places)
}
