/**
 * Byte-pair merging of one piece of text. Pairs of ids are keys of an open-addressing table of integers; short pieces
 * take the lowest rank by a scan, long ones (a page of Han without a space) by a heap over a linked list, O(n log n).
 */

import { randomInt } from 'node:crypto'

const NONE = 0x7fffffff
const SCAN_LIMIT = 48

/** Rank and result of each pair of token ids. */
export class MergeTable {
  private readonly mask: number
  /** Four integers a slot: left, right, rank, merged id; left is -1 in an empty slot. */
  private readonly slots: Int32Array

  constructor(left: Int32Array, right: Int32Array, merged: Int32Array) {
    let size = 16
    while (size < left.length * 2) size *= 2
    this.mask = size - 1
    this.slots = new Int32Array(size * 4).fill(-1)
    for (let rank = 0; rank < left.length; rank++) {
      const slot = this.find(left[rank], right[rank])
      // A pair that stands twice has its last rank, as in the libraries that read these files.
      this.slots[slot] = left[rank]
      this.slots[slot + 1] = right[rank]
      this.slots[slot + 2] = rank
      this.slots[slot + 3] = merged[rank]
    }
  }

  /** Offset of the pair's slot, or of the empty slot where it would stand. */
  private find(left: number, right: number): number {
    const { slots, mask } = this
    let index = hashPair(left, right) & mask
    while (true) {
      const at = index * 4
      const held = slots[at]
      if (held === -1 || (held === left && slots[at + 1] === right)) return at
      index = (index + 1) & mask
    }
  }

  /** Writes the pair's rank (or NONE) and what it becomes at one place of two arrays. */
  look(left: number, right: number, ranks: Int32Array, merged: Int32Array, place: number): void {
    const at = this.find(left, right)
    ranks[place] = this.slots[at] === -1 ? NONE : this.slots[at + 2]
    merged[place] = this.slots[at + 3]
  }

  /** The pair's rank, or NONE. */
  rank(left: number, right: number): number {
    const at = this.find(left, right)
    return this.slots[at] === -1 ? NONE : this.slots[at + 2]
  }

  /** What a pair that has a rank becomes. */
  merged(left: number, right: number): number {
    return this.slots[this.find(left, right) + 3]
  }
}

// Drawn at random, so that a file cannot choose pairs that all fall on one slot. No result depends on it.
const leftSalt = randomInt(2 ** 31)
const rightSalt = randomInt(2 ** 31)

function hashPair(left: number, right: number): number {
  let hash = Math.imul(left + leftSalt, 0x9e3779b1) ^ Math.imul(right + rightSalt, 0x85ebca6b)
  hash ^= hash >>> 15
  return hash
}

/** Merges the first `count` ids of `ids` in place; gives how many are left. */
export function mergePiece(table: MergeTable, ids: Int32Array, count: number): number {
  if (count < 2) return count
  return count <= SCAN_LIMIT ? mergeByScan(table, ids, count) : mergeByHeap(table, ids, count)
}

// Rank of the pair that starts at each symbol, and what it becomes; reused, since a call never waits.
const scanRanks = new Int32Array(SCAN_LIMIT + 1)
const scanMerged = new Int32Array(SCAN_LIMIT + 1)

function mergeByScan(table: MergeTable, ids: Int32Array, count: number): number {
  const ranks = scanRanks
  const merged = scanMerged
  for (let i = 0; i + 1 < count; i++) table.look(ids[i], ids[i + 1], ranks, merged, i)
  while (count > 1) {
    let best = NONE
    let at = -1
    for (let i = 0; i + 1 < count; i++) {
      if (ranks[i] < best) {
        best = ranks[i]
        at = i
      }
    }
    if (at < 0) break
    ids[at] = merged[at]
    count--
    for (let i = at + 1; i < count; i++) {
      ids[i] = ids[i + 1]
      ranks[i] = ranks[i + 1]
      merged[i] = merged[i + 1]
    }
    if (at + 1 < count) table.look(ids[at], ids[at + 1], ranks, merged, at)
    if (at > 0) table.look(ids[at - 1], ids[at], ranks, merged, at - 1)
  }
  return count
}

/** Entries are rank × count + position: one double orders by rank, then from the left. */
function mergeByHeap(table: MergeTable, ids: Int32Array, count: number): number {
  const next = new Int32Array(count)
  const previous = new Int32Array(count)
  const heap = new PairHeap(count)
  const offer = (at: number) => {
    const rank = table.rank(ids[at], ids[next[at]])
    if (rank !== NONE) heap.push(rank * count + at)
  }
  for (let i = 0; i < count; i++) {
    next[i] = i + 1
    previous[i] = i - 1
  }
  for (let i = 0; i + 1 < count; i++) offer(i)
  while (heap.size > 0) {
    const entry = heap.pop()
    const at = entry % count
    const after = next[at]
    // A stale entry: one of its two symbols has since become another.
    if (ids[at] < 0 || after >= count || table.rank(ids[at], ids[after]) !== (entry - at) / count) continue
    ids[at] = table.merged(ids[at], ids[after])
    ids[after] = -1
    next[at] = next[after]
    if (next[at] < count) {
      previous[next[at]] = at
      offer(at)
    }
    if (previous[at] >= 0) offer(previous[at])
  }
  let kept = 0
  for (let i = 0; i < count; i = next[i]) ids[kept++] = ids[i]
  return kept
}

/** A binary heap of doubles, least first. */
class PairHeap {
  size = 0
  private entries: Float64Array

  constructor(capacity: number) {
    this.entries = new Float64Array(Math.max(16, capacity * 2))
  }

  push(entry: number): void {
    if (this.size === this.entries.length) {
      const larger = new Float64Array(this.size * 2)
      larger.set(this.entries)
      this.entries = larger
    }
    const entries = this.entries
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (entries[parent] <= entry) break
      entries[at] = entries[parent]
      at = parent
    }
    entries[at] = entry
  }

  pop(): number {
    const entries = this.entries
    const top = entries[0]
    const last = entries[--this.size]
    let at = 0
    while (true) {
      let child = at * 2 + 1
      if (child >= this.size) break
      if (child + 1 < this.size && entries[child + 1] < entries[child]) child++
      if (entries[child] >= last) break
      entries[at] = entries[child]
      at = child
    }
    entries[at] = last
    return top
  }
}
