import { PairHeap } from './pair-heap.ts'
import type { Merge } from './words.ts'

/**
 * Every adjacent pair of symbols in the words, its weighted count and its places, kept exact while pairs merge.
 *
 * Symbols lie in one array, a gap of -1 after each word. A symbol of n bytes fills n slots, and its first and last slot
 * hold n, so that both neighbours are found without links. The places of a pair form a doubly linked list through the
 * slots where its left symbols start.
 */
export class PairIndex {
  private readonly symbol: Int32Array
  private readonly span: Uint16Array
  private readonly weight: Uint32Array
  private readonly nextPlace: Int32Array
  private readonly previousPlace: Int32Array
  private readonly pairs = new PairTable()
  private readonly heap: PairHeap

  constructor(words: Map<string, number>) {
    const encoder = new TextEncoder()
    let bytes = 1
    for (const word of words.keys()) bytes += Buffer.byteLength(word) + 1
    this.symbol = new Int32Array(bytes).fill(-1)
    this.span = new Uint16Array(bytes).fill(1)
    this.weight = new Uint32Array(bytes)
    this.nextPlace = new Int32Array(bytes)
    this.previousPlace = new Int32Array(bytes)
    let at = 1
    for (const [word, count] of words) {
      for (const byte of encoder.encode(word)) {
        this.symbol[at] = byte
        this.weight[at++] = count
      }
      at++
    }
    for (let place = 1; place + 1 < bytes; place++) {
      if (this.symbol[place] >= 0 && this.symbol[place + 1] >= 0) this.link(place, this.symbol[place + 1])
    }
    this.heap = new PairHeap(this.pairs)
    for (let pair = 0; pair < this.pairs.size; pair++) this.heap.push(pair)
  }

  /** The pair with the highest count (then the lowest ids), or undefined when none occurs twice. */
  mostFrequent(): Merge | undefined {
    const pair = this.heap.top()
    if (pair < 0 || this.pairs.count[pair] < 2) return undefined
    return { left: this.pairs.left[pair], right: this.pairs.right[pair] }
  }

  /** Replaces every occurrence of the pair, from the left of each word, by a symbol, new or not, but neither of the two. */
  merge({ left, right }: Merge, id: number): void {
    const { pairs } = this
    const firstNew = pairs.size
    const risen = new Set<number>()
    let done = 0
    for (const place of this.places(left, right)) {
      // In "aaa" the second pair went with the first.
      if (left === right && place < done) continue
      done = this.replace(place, id, (row) => {
        if (row < firstNew) risen.add(row)
      })
    }
    // Only pairs that contain the symbol have gained; the others are corrected when they reach the top.
    for (const row of risen) this.heap.push(row)
    for (let row = firstNew; row < pairs.size; row++) this.heap.push(row)
  }

  /** Where the pair stands; from the left where two occurrences may overlap, so that the others cannot be invalid. */
  private places(left: number, right: number): number[] {
    const places: number[] = []
    const pair = this.pairs.find(left, right)
    for (let place = this.pairs.head[pair]; place >= 0; place = this.nextPlace[place]) places.push(place)
    return left === right ? places.sort((a, b) => a - b) : places
  }

  /** Puts one symbol where two were; gives where it ends. `linked` hears of each pair that gains. */
  private replace(place: number, id: number, linked: (row: number) => void): number {
    const { symbol, span } = this
    const middle = place + span[place]
    const after = middle + span[middle]
    const before = place - span[place - 1]
    const hasBefore = symbol[place - 1] >= 0
    const hasAfter = symbol[after] >= 0
    if (hasBefore) this.unlink(before, symbol[place])
    if (hasAfter) this.unlink(middle, symbol[after])
    this.unlink(place, symbol[middle])
    symbol[place] = id
    span[place] = after - place
    span[after - 1] = after - place
    if (hasBefore) linked(this.link(before, id))
    if (hasAfter) linked(this.link(place, symbol[after]))
    return after
  }

  /** Gives the pair's row. */
  private link(place: number, right: number): number {
    const { pairs } = this
    const pair = pairs.findOrAdd(this.symbol[place], right)
    pairs.count[pair] += this.weight[place]
    const last = pairs.tail[pair]
    this.previousPlace[place] = last
    this.nextPlace[place] = -1
    if (last < 0) pairs.head[pair] = place
    else this.nextPlace[last] = place
    pairs.tail[pair] = place
    return pair
  }

  private unlink(place: number, right: number): void {
    const { pairs } = this
    const pair = pairs.find(this.symbol[place], right)
    pairs.count[pair] -= this.weight[place]
    const next = this.nextPlace[place]
    const previous = this.previousPlace[place]
    if (previous < 0) pairs.head[pair] = next
    else this.nextPlace[previous] = next
    if (next < 0) pairs.tail[pair] = previous
    else this.previousPlace[next] = previous
  }
}

/** Growing columns of pairs with an open-addressing index from (left, right) to the row. */
class PairTable {
  size = 0
  left = new Int32Array(1024)
  right = new Int32Array(1024)
  head = new Int32Array(1024)
  tail = new Int32Array(1024)
  /** Sums of word counts; doubles, since they may pass 2³². */
  count = new Float64Array(1024)
  private index = new Int32Array(4096).fill(-1)

  find(left: number, right: number): number {
    return this.index[this.slot(left, right)]
  }

  findOrAdd(left: number, right: number): number {
    const slot = this.slot(left, right)
    if (this.index[slot] >= 0) return this.index[slot]
    if (this.size === this.left.length) this.grow()
    const row = this.size++
    this.left[row] = left
    this.right[row] = right
    this.head[row] = -1
    this.tail[row] = -1
    this.count[row] = 0
    this.index[this.slot(left, right)] = row
    return row
  }

  private slot(left: number, right: number): number {
    const mask = this.index.length - 1
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right + 0x7f4a7c15, 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & mask
    while (true) {
      const row = this.index[slot]
      if (row < 0 || (this.left[row] === left && this.right[row] === right)) return slot
      slot = (slot + 1) & mask
    }
  }

  private grow(): void {
    const capacity = this.size * 2
    const wider = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    this.left = wider(this.left, new Int32Array(capacity))
    this.right = wider(this.right, new Int32Array(capacity))
    this.head = wider(this.head, new Int32Array(capacity))
    this.tail = wider(this.tail, new Int32Array(capacity))
    this.count = wider(this.count, new Float64Array(capacity))
    this.index = new Int32Array(capacity * 4).fill(-1)
    for (let row = 0; row < this.size; row++) this.index[this.slot(this.left[row], this.right[row])] = row
  }
}
