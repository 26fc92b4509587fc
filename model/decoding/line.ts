/**
 * Those who wait for a place in the batch. Owners take turns: the next is always of the owner with the fewest sequences
 * in the batch, of equals the one who has waited longest. What may wait (batches) comes after everything else and leaves
 * some places free for it.
 */
import type { Sequence } from './sequence.ts'

export class Line {
  private readonly waiting: Sequence[] = []

  get length(): number {
    return this.waiting.length
  }

  add(sequence: Sequence): void {
    this.waiting.push(sequence)
  }

  [Symbol.iterator](): Iterator<Sequence> {
    return this.waiting[Symbol.iterator]()
  }

  remove(gone: ReadonlySet<Sequence>): void {
    const kept = this.waiting.filter((each) => !gone.has(each))
    this.waiting.splice(0, this.waiting.length, ...kept)
  }

  /** The next of at most `places` in the batch, one by one, where `batch` is in it already. */
  *inTurn(batch: readonly Sequence[], places: number): Generator<Sequence> {
    const held = new Map<string, number>()
    const count = ({ owner }: Sequence) => held.set(owner, (held.get(owner) ?? 0) + 1)
    batch.forEach(count)
    let taken = batch.length
    const left = [...this.waiting]
    while (taken < places && left.length > 0) {
      const now = left.some(({ background }) => !background)
      // A quarter of the places stays free for whoever comes next and cannot wait.
      if (!now && taken >= Math.max(1, places - Math.ceil(places / 4))) return
      const able = now ? left.filter(({ background }) => !background) : left
      const fewest = Math.min(...able.map(({ owner }) => held.get(owner) ?? 0))
      const next = able.find(({ owner }) => (held.get(owner) ?? 0) === fewest)
      if (next === undefined) return
      left.splice(left.indexOf(next), 1)
      count(next)
      taken++
      yield next
    }
  }
}
