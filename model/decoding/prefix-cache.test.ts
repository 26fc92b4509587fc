import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockLength, PrefixCache } from './prefix-cache.ts'

const ids = (...blocks: number[]) =>
  Uint32Array.from(blocks.flatMap((block) => Array.from({ length: blockLength }, (_, at) => 100 * block + at)))

/** Blocks whose values say at which place of which prompt they were read. */
function fill(cache: PrefixCache, owner: string, tokens: Uint32Array): number[] {
  const read: number[] = []
  cache.add(owner, tokens, (place) => {
    read.push(place / blockLength)
    return Float32Array.of(...tokens.subarray(0, place + blockLength))
  })
  return read
}

const found = (cache: PrefixCache, owner: string, tokens: Uint32Array, most = tokens.length) =>
  cache.match(owner, tokens, most).length

describe('what is kept of prompts', () => {
  it('is found again as far as a prompt begins alike, in whole blocks', () => {
    const cache = new PrefixCache(1000, 10)
    expect(fill(cache, 'a', ids(1, 2, 3))).toEqual([0, 1, 2])
    expect(fill(cache, 'a', ids(1, 2, 4).subarray(0, 3 * blockLength - 1))).toEqual([])
    expect(fill(cache, 'a', ids(1, 2, 4))).toEqual([2])
    expect(cache.bytes).toBe(40)
    expect(found(cache, 'a', ids(1, 2, 4, 5))).toBe(3)
    expect(found(cache, 'a', ids(1, 4))).toBe(1)
    expect(found(cache, 'a', ids(2, 3))).toBe(0)
    expect(found(cache, 'a', ids(1, 2, 3), 3 * blockLength - 1)).toBe(2)
  })

  it('is found by its owner alone', () => {
    const cache = new PrefixCache(1000, 10)
    fill(cache, 'a', ids(1, 2))
    expect(found(cache, 'b', ids(1, 2))).toBe(0)
    expect(fill(cache, 'b', ids(1, 2))).toEqual([0, 1])
    expect(cache.bytes).toBe(40)
  })

  it('goes when it was not used for longest, the ends of prompts before their beginnings', () => {
    const cache = new PrefixCache(40, 10)
    fill(cache, 'a', ids(1, 2, 3))
    fill(cache, 'a', ids(7))
    found(cache, 'a', ids(1, 2))
    fill(cache, 'b', ids(8, 9))
    expect([found(cache, 'a', ids(1, 2, 3)), found(cache, 'a', ids(7)), found(cache, 'b', ids(8, 9))]).toEqual([
      2, 0, 2,
    ])
  })

  it('keeps the beginning of a prompt that is larger than all there is', () => {
    const cache = new PrefixCache(35, 10)
    fill(cache, 'a', ids(9))
    fill(cache, 'a', ids(1, 2, 3, 4, 5))
    expect([found(cache, 'a', ids(1, 2, 3, 4, 5)), cache.bytes]).toEqual([3, 30])
    expect(fill(new PrefixCache(0, 10), 'a', ids(1))).toEqual([])
  })

  it('never takes more room than it has, and never gives one prompt another’s blocks', () => {
    const prompts = fc.array(
      fc.tuple(fc.constantFrom('a', 'b'), fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 })),
      {
        maxLength: 60,
      },
    )
    fc.assert(
      fc.property(prompts, fc.integer({ min: 0, max: 90 }), (all, limit) => {
        const cache = new PrefixCache(limit, 10)
        for (const [owner, blocks] of all) {
          const tokens = ids(...blocks)
          for (const [at, { values }] of cache.match(owner, tokens, tokens.length).entries())
            expect([...values]).toEqual([...tokens.subarray(0, (at + 1) * blockLength)])
          fill(cache, owner, tokens)
          expect(cache.bytes).toBeLessThanOrEqual(limit)
          expect(found(cache, owner, tokens)).toBe(Math.min(blocks.length, Math.floor(limit / 10)))
        }
      }),
    )
  })
})
