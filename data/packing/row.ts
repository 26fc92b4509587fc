/** Rows of a batch, flat and row-major: entry (row, t) stands at row × sequence + t. */
export interface Batch {
  /** Input token ids, [batch, sequence]. */
  tokens: Int32Array
  /** The token that follows each input, [batch, sequence]. */
  targets: Int32Array
  /** Loss weight of each target, 0 or 1, [batch, sequence]. */
  mask: Float32Array
  /** Document number within the row, from 0: attention stays within equal numbers, [batch, sequence]. */
  documents: Int32Array
  /** Position within the part of its document that the row holds, from 0, [batch, sequence]. */
  positions: Int32Array
}

/** A part of a document that was placed into a row: `length` tokens from `start` of the token file. */
export interface Piece {
  start: number
  length: number
}

/** What feeds rows into a batch: a token file in one order. Its state is a position, nothing hidden. */
export interface RowSource {
  /** Writes the next row into `batch` at `row`. */
  fill(batch: Batch, row: number): void
  /** Passes over the data, counted from 0 with its fraction. */
  readonly epochs: number
  state(): number[]
  restore(state: number[]): void
}

/** Zeroed arrays for rows × sequence entries. */
export function emptyBatch(rows: number, sequence: number): Batch {
  const size = rows * sequence
  return {
    tokens: new Int32Array(size),
    targets: new Int32Array(size),
    mask: new Float32Array(size),
    documents: new Int32Array(size),
    positions: new Int32Array(size),
  }
}
