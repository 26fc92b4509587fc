import { createHash } from 'node:crypto'
import { mix } from '#data/shuffle'
import { TokenFile } from '#data/token-file'
import { type Batch, emptyBatch, type RowSource } from './packing/row.ts'
import { StreamRows } from './packing/stream.ts'
import { WholeRows } from './packing/whole.ts'

export type { Batch } from './packing/row.ts'

export interface BatchSource {
  /** A token file, by its path without an ending or opened. */
  file: string | TokenFile
  /** Share of the rows, relative to the other sources (default 1). */
  weight?: number
  /** `stream`: windows over the whole line of tokens (pre-training); `pack`: whole documents side by side (SFT). */
  mode: 'stream' | 'pack'
}

export interface BatchOptions {
  sources: BatchSource[]
  /** Rows of a batch. */
  batch: number
  /** Inputs of a row, in tokens. */
  sequence: number
  seed: number
  /** False: the files' own order, for evaluation (default true). */
  shuffle?: boolean
  /** Token that fills the rest of a packed row, with loss weight 0 (default 0). */
  padding?: number
}

/** Where a stream of batches stands. Plain JSON; the fingerprint ties it to the data and the options. */
export interface BatchState {
  version: 1
  fingerprint: string
  rows: number
  sources: { rows: number; position: number[] }[]
}

/** Options that cannot be met, or a state that belongs to other data. */
export class BatchError extends Error {
  override name = 'BatchError'
}

interface Feed {
  weight: number
  rows: number
  source: RowSource
  file: TokenFile
}

/**
 * The endless, deterministic stream of training batches over a mixture of token files. The next batch depends on the
 * options, the data and the position alone, so a run restored from `state()` sees the same rows bit for bit. The
 * fingerprint leaves the batch size out: a run may resume with other micro-batches over the same rows.
 */
export class PackedBatches {
  readonly batch: number
  readonly sequence: number
  readonly fingerprint: string
  #feeds: Feed[]
  #rows = 0

  constructor(options: BatchOptions) {
    const { sources, batch, sequence, seed, shuffle = true, padding = 0 } = options
    for (const [name, value] of Object.entries({ batch, sequence }))
      if (!Number.isInteger(value) || value < 1)
        throw new BatchError(`${name} must be a whole number of at least 1, got ${value}`)
    if (sources.length === 0) throw new BatchError('sources is empty: name at least one token file')
    const total = sources.reduce((sum, { weight = 1 }) => sum + weight, 0)
    if (sources.some(({ weight = 1 }) => !(weight >= 0)) || !(total > 0) || !Number.isFinite(total))
      throw new BatchError('weights of sources must be finite, not negative, and not all 0')
    this.batch = batch
    this.sequence = sequence
    this.#feeds = sources.map(({ file, weight = 1, mode }, number) => {
      const opened = typeof file === 'string' ? new TokenFile(file) : file
      const key = mix(seed, number)
      const source =
        mode === 'stream'
          ? new StreamRows(opened, sequence, key, shuffle)
          : new WholeRows(opened, sequence, key, shuffle, padding)
      return { weight: weight / total, rows: 0, source, file: opened }
    })
    const identity = sources.map(({ mode }, i) => [this.#feeds[i].file.index.sha256, this.#feeds[i].weight, mode])
    this.fingerprint = createHash('sha256')
      .update(JSON.stringify({ sequence, seed, shuffle, padding, identity }))
      .digest('hex')
  }

  /** Rows drawn so far. */
  get rows(): number {
    return this.#rows
  }

  /** Passes over each source so far, with fractions. */
  epochs(): number[] {
    return this.#feeds.map(({ source }) => source.epochs)
  }

  /** The next batch, in arrays of its own. */
  next(): Batch {
    const batch = emptyBatch(this.batch, this.sequence)
    for (let row = 0; row < this.batch; row++) {
      const feed = this.#due()
      feed.source.fill(batch, row)
      feed.rows++
      this.#rows++
    }
    return batch
  }

  /** The source that lags furthest behind its share: proportions hold exactly, not only on average. */
  #due(): Feed {
    let chosen = this.#feeds[0]
    let furthest = Number.NEGATIVE_INFINITY
    for (const feed of this.#feeds) {
      const lag = feed.weight * (this.#rows + 1) - feed.rows
      if (feed.weight > 0 && lag > furthest) {
        chosen = feed
        furthest = lag
      }
    }
    return chosen
  }

  state(): BatchState {
    return {
      version: 1,
      fingerprint: this.fingerprint,
      rows: this.#rows,
      sources: this.#feeds.map(({ rows, source }) => ({ rows, position: source.state() })),
    }
  }

  /** Goes back (or ahead) to a state. Throws BatchError where it was taken over other data or options. */
  restore(state: BatchState): void {
    if (state.version !== 1 || state.fingerprint !== this.fingerprint)
      throw new BatchError(
        'this state was taken over other data, sequence, seed or weights: resume with the same, or start a new run',
      )
    const sound = state.sources.every(({ rows, position }) =>
      [rows, ...position].every((value) => Number.isSafeInteger(value) && value >= 0),
    )
    if (!sound || state.sources.length !== this.#feeds.length)
      throw new BatchError('this state is damaged: its positions are not whole numbers')
    this.#rows = state.rows
    for (const [number, feed] of this.#feeds.entries()) {
      feed.rows = state.sources[number].rows
      feed.source.restore(state.sources[number].position)
    }
  }

  close(): void {
    for (const { file } of this.#feeds) file.close()
  }
}
