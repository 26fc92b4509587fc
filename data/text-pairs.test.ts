import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from './shuffle.ts'
import { heldOutPairs, PairBatches, PairError, type PairOptions, type TextPair } from './text-pairs.ts'
import { TokenFile, TokenWriter } from './token-file.ts'

const separator = 0
/** The first line has six tokens, later ones end at every thirtieth. */
const breaks = (id: number) => id % 1000 === 5 || (id % 1000 > 5 && (id % 1000) % 30 === 29)
let folder: string
let first: TokenFile
let second: TokenFile

/** Token `1000·d + i` stands at place i of document d; file two has documents from 50 on. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pairs-'))
  const random = seededRandom(3)
  const file = (name: string, from: number) => {
    const writer = new TokenWriter(join(folder, name), { vocabSize: 100_000, separator })
    for (let d = from; d < from + 12; d++) {
      const length = 20 + Math.floor(random() * 300)
      const ids = Array.from({ length }, (_, i) => d * 1000 + i)
      writer.append([separator, ...ids], length)
    }
    // Too short to give a pair.
    writer.append([separator, 1, 2, 3], 3)
    writer.finish()
    return new TokenFile(join(folder, name))
  }
  first = file('first', 1)
  second = file('second', 50)
})
afterAll(() => {
  first.close()
  second.close()
  rmSync(folder, { recursive: true })
})

const options = (more: Partial<PairOptions> = {}): PairOptions => ({
  sources: [
    { file: first, weight: 3 },
    { file: second, weight: 1 },
  ],
  batch: 4,
  seed: 7,
  sequence: 16,
  shortest: 4,
  neighbours: 1,
  crops: 1,
  headings: 1,
  dropout: 0.1,
  breaks,
  ...more,
})

const plain = (pairs: readonly TextPair[]) =>
  pairs.map(({ query, target }) => [Array.from(query), Array.from(target)] as const)
const documentsOf = (ids: readonly number[]) => new Set(ids.map((id) => Math.floor(id / 1000)))

describe('pairs of texts', () => {
  it('come from one document each, in batches of one source, as often as its weight says', () => {
    const batches = new PairBatches(options())
    const counts = [0, 0]
    for (let i = 0; i < 80; i++) {
      const sources = new Set<number>()
      for (const [query, target] of plain(batches.next())) {
        const documents = documentsOf([...query, ...target])
        expect(documents.size).toBe(1)
        for (const document of documents) sources.add(document < 50 ? 0 : 1)
        for (const text of [query, target]) {
          expect(text).not.toContain(separator)
          expect(text.length).toBeGreaterThan(0)
          expect(text.length).toBeLessThanOrEqual(48)
        }
      }
      expect(sources.size).toBe(1)
      for (const source of sources) counts[source]++
    }
    expect(counts).toEqual([60, 20])
  })

  it('are neighbours that touch, crops of one place, or a line with what stands under it', () => {
    const only = (kind: 'neighbours' | 'crops' | 'headings', sequence = 16) => {
      const none = { neighbours: 0, crops: 0, headings: 0 }
      const batches = new PairBatches(options({ ...none, [kind]: 1, dropout: 0, sequence }))
      return Array.from({ length: 30 }, () => plain(batches.next())).flat()
    }
    for (const [query, target] of only('neighbours'))
      expect([...query, ...target]).toEqual(
        Array.from({ length: query.length + target.length }, (_, i) => query[0] + i),
      )
    for (const [query, target] of only('crops')) {
      const at = [...query, ...target]
      expect(Math.max(...at) - Math.min(...at)).toBeLessThan(32)
    }
    const headed = only('headings', 64).filter(([query]) => breaks(query.at(-1) ?? 0))
    expect(headed.length).toBeGreaterThan(50)
    const titles = headed.filter(([query]) => query[0] % 1000 === 0)
    expect(titles.every(([query, target]) => query.length === 6 && target[0] % 1000 >= 6)).toBe(true)
    expect(titles.length).toBeGreaterThan(10)
    expect(headed.length - titles.length).toBeGreaterThan(10)
  })

  it('lose a share of their tokens, never all', () => {
    const batches = new PairBatches(options({ dropout: 0.5, neighbours: 1, crops: 0, headings: 0 }))
    const kept = Array.from({ length: 60 }, () => plain(batches.next())).flat()
    const gaps = kept.filter(([query]) => query.some((id, i) => i > 0 && id !== query[i - 1] + 1))
    expect(gaps.length).toBeGreaterThan(kept.length / 2)
    expect(kept.every(([query, target]) => query.length > 0 && target.length > 0)).toBe(true)
  })

  it('go on from a state bit for bit, show each place once an epoch, and differ from epoch to epoch', () => {
    const through = new PairBatches(options())
    for (let i = 0; i < 17; i++) through.next()
    const saved = JSON.parse(JSON.stringify(through.state()))
    const resumed = new PairBatches(options())
    resumed.next()
    resumed.restore(saved)
    for (let i = 0; i < 20; i++) expect(plain(resumed.next())).toEqual(plain(through.next()))
    expect(() => new PairBatches(options({ seed: 8 })).restore(saved)).toThrow(PairError)
    expect(() => new PairBatches(options()).restore({ ...saved, drawn: [1, -4] })).toThrow(PairError)
    const one = new PairBatches(
      options({ sources: [{ file: first, weight: 1 }], batch: 1, crops: 0, headings: 0, dropout: 0 }),
    )
    const epoch = () => Array.from({ length: heldOutPairs(first, options(), 1e9).length }, () => plain(one.next())[0])
    const [before, after] = [epoch(), epoch()]
    expect(new Set(before.map(([query, target]) => `${query.at(-1)} ${target[0]}`)).size).toBe(before.length)
    expect(after).not.toEqual(before)
  })

  it('that are held out are neighbours, always the same, from every document that is long enough', () => {
    const held = plain(heldOutPairs(first, options(), 1000))
    expect(held).toEqual(plain(heldOutPairs(first, options(), 1000)))
    expect(held.every(([query, target]) => target[0] === (query.at(-1) ?? 0) + 1)).toBe(true)
    expect(documentsOf(held.flatMap(([query]) => query)).size).toBe(12)
    expect(heldOutPairs(first, options(), 5)).toHaveLength(5)
  })

  it('are refused where no document is long enough', () => {
    expect(() => new PairBatches(options({ shortest: 8000, sequence: 16_000 }))).toThrow(PairError)
  })
})
