/** Columns that the heap orders by. A row whose count has risen is to be pushed again; one that has fallen is not. */
export interface PairColumns {
  left: Int32Array
  right: Int32Array
  count: Float64Array
}

/**
 * Rows by count, highest first; equal counts by the lower left id, then the lower right id. An entry remembers the
 * count it was pushed with and is put back in its place when it reaches the top with a lower one.
 */
export class PairHeap {
  private size = 0
  private rows = new Int32Array(1024)
  private counts = new Float64Array(1024)
  private readonly columns: PairColumns

  constructor(columns: PairColumns) {
    this.columns = columns
  }

  /** Adds a row; one that occurs less than twice can never be of use and is left out. */
  push(row: number): void {
    const count = this.columns.count[row]
    if (count < 2) return
    if (this.size === this.rows.length) this.grow()
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.isBefore(row, count, this.rows[parent], this.counts[parent])) break
      this.rows[at] = this.rows[parent]
      this.counts[at] = this.counts[parent]
      at = parent
    }
    this.rows[at] = row
    this.counts[at] = count
  }

  /** The first row by its present count, or -1; it stays in the heap until its count falls below two. */
  top(): number {
    while (this.size > 0) {
      const row = this.rows[0]
      const count = this.columns.count[row]
      if (count === this.counts[0]) return row
      if (count < 2) {
        this.size--
        this.sink(this.rows[this.size], this.counts[this.size])
      } else this.sink(row, count)
    }
    return -1
  }

  private isBefore(row: number, count: number, other: number, otherCount: number): boolean {
    if (count !== otherCount) return count > otherCount
    const { left, right } = this.columns
    return left[row] !== left[other] ? left[row] < left[other] : right[row] < right[other]
  }

  /** Puts an entry at the root and lets it sink. */
  private sink(row: number, count: number): void {
    let at = 0
    while (true) {
      let child = at * 2 + 1
      if (child >= this.size) break
      const other = child + 1
      if (
        other < this.size &&
        this.isBefore(this.rows[other], this.counts[other], this.rows[child], this.counts[child])
      ) {
        child = other
      }
      if (!this.isBefore(this.rows[child], this.counts[child], row, count)) break
      this.rows[at] = this.rows[child]
      this.counts[at] = this.counts[child]
      at = child
    }
    this.rows[at] = row
    this.counts[at] = count
  }

  private grow(): void {
    const rows = new Int32Array(this.size * 2)
    const counts = new Float64Array(this.size * 2)
    rows.set(this.rows)
    counts.set(this.counts)
    this.rows = rows
    this.counts = counts
  }
}
