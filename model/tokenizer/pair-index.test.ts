import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PairIndex } from './pair-index.ts'

/** The most frequent pair by counting all of them. */
function counted(words: { ids: number[]; count: number }[]): { left: number; right: number } | undefined {
  const counts = new Map<string, number>()
  for (const { ids, count } of words) {
    for (let i = 0; i + 1 < ids.length; i++) {
      counts.set(`${ids[i]},${ids[i + 1]}`, (counts.get(`${ids[i]},${ids[i + 1]}`) ?? 0) + count)
    }
  }
  const pairs = [...counts].map(([key, count]) => ({ pair: key.split(',').map(Number), count }))
  pairs.sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
  return pairs.length === 0 || pairs[0].count < 2 ? undefined : { left: pairs[0].pair[0], right: pairs[0].pair[1] }
}

function replaced(ids: number[], left: number, right: number, id: number): number[] {
  const out: number[] = []
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      out.push(id)
      i++
    } else out.push(ids[i])
  }
  return out
}

it('knows the most frequent pair after any merges, ids used before included', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 14 })
  const entries = fc.uniqueArray(fc.tuple(word, fc.integer({ min: 1, max: 5 })), {
    selector: ([text]) => text,
    maxLength: 12,
  })
  fc.assert(
    fc.property(entries, fc.array(fc.nat(4), { maxLength: 20 }), (list, reuse) => {
      const index = new PairIndex(new Map(list))
      let words = list.map(([text, count]) => ({ ids: [...Buffer.from(text)], count }))
      let next = 256
      for (const choice of reuse) {
        const pair = index.mostFrequent()
        expect(pair).toEqual(counted(words))
        if (pair === undefined) break
        const used = 256 + choice
        const id = used < next && used !== pair.left && used !== pair.right ? used : next++
        index.merge(pair, id)
        words = words.map(({ ids, count }) => ({ ids: replaced(ids, pair.left, pair.right, id), count }))
      }
    }),
    { numRuns: 1000 },
  )
}, 60_000)
