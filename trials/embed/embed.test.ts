import { describe, expect, it } from 'vitest'
import { bm25, termsOf } from './bm25.ts'
import { ContrastiveTrainer, dot, embed } from './token-vectors.ts'

describe('BM25', () => {
  it('splits words, and Chinese into pairs of characters', () => {
    expect(termsOf('Red apples, 2 pears')).toEqual(['red', 'apples', '2', 'pears'])
    expect(termsOf('北京人 x')).toEqual(['北京', '京人', 'x'])
  })

  it('prefers rare words, and short texts to long ones that say the same', () => {
    const search = bm25(['the cat', 'the dog', 'the dog and the house and the garden', 'the bird'])
    const scores = search('the dog')
    expect(scores[1]).toBeGreaterThan(scores[2])
    expect(scores[2]).toBeGreaterThan(scores[0])
    expect(search('nothing')).toEqual(new Float64Array(4))
  })
})

describe('vectors of tokens', () => {
  const texts = Array.from({ length: 6 }, (_, at) => [Uint32Array.of(at, at + 6), Uint32Array.of(at + 12, at)])
  const random = () => {
    let state = 7
    return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
  }

  it('go down the slope of the loss: a step’s change of it is what the gradient says', () => {
    // Adam's first step moves each value by its rate, against the sign of its slope.
    const trainer = new ContrastiveTrainer(18, 4, random())
    const before = Float32Array.from(trainer.model.table)
    const queries = texts.map(([query]) => query)
    const targets = texts.map(([, target]) => target)
    const loss = (table: Float32Array) => {
      const probe = new ContrastiveTrainer(18, 4, random())
      probe.model.table.set(table)
      return probe.step(queries, targets)
    }
    trainer.step(queries, targets)
    for (const at of [0, 5, 17, 30, 50, 71]) {
      const shifted = (by: number) => Float32Array.from(before, (value, each) => (each === at ? value + by : value))
      const slope = (loss(shifted(1e-3)) - loss(shifted(-1e-3))) / 2e-3
      expect(Math.sign(before[at] - trainer.model.table[at])).toBe(Math.sign(slope))
    }
  })

  it('learn which texts belong together', () => {
    const trainer = new ContrastiveTrainer(18, 16, random())
    const queries = texts.map(([query]) => query)
    const targets = texts.map(([, target]) => target)
    const first = trainer.step(queries, targets)
    let last = first
    for (let step = 0; step < 200; step++) last = trainer.step(queries, targets)
    expect(last).toBeLessThan(first / 4)
    const vectors = targets.map((ids) => embed(trainer.model, ids).unit)
    for (const [at, query] of queries.entries()) {
      const scores = vectors.map((vector) => dot(vector, embed(trainer.model, query).unit))
      expect(scores.indexOf(Math.max(...scores))).toBe(at)
    }
  })
})
