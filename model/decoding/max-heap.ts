/** Token ids in a heap, largest value first and the lower id first among equals; built in linear time. */
export class MaxHeap {
  private readonly ids: Int32Array
  size = 0

  constructor(capacity: number) {
    this.ids = new Int32Array(capacity)
  }

  clear(): void {
    this.size = 0
  }

  /** Adds an id without order; call `build` before the first `pop`. */
  offer(id: number): void {
    this.ids[this.size++] = id
  }

  build(values: Float64Array): void {
    for (let at = (this.size >> 1) - 1; at >= 0; at--) this.sink(at, values)
  }

  pop(values: Float64Array): number {
    const { ids } = this
    const top = ids[0]
    ids[0] = ids[--this.size]
    this.sink(0, values)
    return top
  }

  private sink(start: number, values: Float64Array): void {
    const { ids, size } = this
    const id = ids[start]
    let at = start
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && before(ids[child + 1], ids[child], values)) child++
      if (!before(ids[child], id, values)) break
      ids[at] = ids[child]
      at = child
    }
    ids[at] = id
  }
}

const before = (a: number, b: number, values: Float64Array): boolean =>
  values[a] > values[b] || (values[a] === values[b] && a < b)
