import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readManifestDocuments } from '#data/manifest'
import { prepareCorpus } from '#data/prepare'
import { saveEmbedder } from '#model/embedder-folder'
import { trainTokenizer } from '#model/tokenizer-training'
import { Figures } from '#trials/figures'
import { bm25, termsOf } from './bm25.ts'
import { difference, orderOf, ranksBy, recall } from './found.ts'
import { measureEmbedder, reportEmbedder } from './measure.ts'
import { heldOutPairs } from './passages.ts'

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

describe('what is found', () => {
  it('is ranked behind its equals, and counted within the first', () => {
    const ranks = ranksBy(
      3,
      (query) =>
        [
          [3, 1, 2],
          [1, 1, 0],
          [0, 5, 1],
        ][query],
    )
    expect(ranks).toEqual([0, 1, 1])
    expect([recall(ranks, 1), recall(ranks, 2)]).toEqual([1 / 3, 1])
  })

  it('is compared query by query: alike is 0 without doubt, and a few queries leave much of it', () => {
    expect(difference([0, 5, 20], [3, 4, 11], 10)).toEqual({ mean: 0, low: 0, high: 0 })
    const { mean, low, high } = difference([0, 0, 50, 0], [0, 50, 0, 50], 10)
    expect(mean).toBe(0.25)
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0.5)
    expect(orderOf([0.9, 0.5], [0.5, 0.1])).toBe(3.5 / 4)
  })
})

describe('the measurement of an embedding model', () => {
  let place: string
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'dotline-trial-embed-'))
    const words = (d: number, at: number) => `word${(d * 13 + at * at) % 50} of tale${d} again.`
    const texts = Array.from({ length: 30 }, (_, d) => Array.from({ length: 80 }, (_, at) => words(d, at)).join(' '))
    const path = join(place, 'pretrain-en-books.jsonl.gz')
    writeFileSync(path, gzipSync(texts.map((text) => JSON.stringify({ text })).join('\n')))
    const tokenizer = trainTokenizer(texts, { vocabSize: 400, specialTokens: ['<|endoftext|>'] })
    const source = { name: 'books', path, kind: 'text' as const, source: 'here', licence: 'CC0-1.0', near: false }
    const outDir = join(place, 'model')
    await prepareCorpus({ sources: [source], tokenizer, outDir, validationFraction: 0.4, seed: 1 })
    const table = Float32Array.from({ length: tokenizer.vocabSize * 32 }, (_, at) => Math.sin(at * at))
    const tokenizerJson = JSON.stringify(tokenizer.toJson())
    await saveEmbedder(outDir, {
      width: 32,
      contextLength: 512,
      dimensions: [32, 8],
      table,
      tokenizerJson,
      dtype: 'f32',
    })
  })
  afterAll(() => rmSync(place, { recursive: true }))

  it('asks of held-out documents alone, beside BM25 and at each length, and prints its goal', async () => {
    const model = join(place, 'model')
    const pairs = await heldOutPairs(model, place, 'en', 1000)
    const tales = new Set(pairs.map(({ query }) => /tale(\d+)/.exec(query)?.[1]))
    let held = 0
    for await (const { split } of readManifestDocuments(model)) held += split === 'validation' ? 1 : 0
    expect(tales.size).toBe(held)
    expect(held).toBeLessThan(30)
    const measured = await measureEmbedder(model, place)
    expect(measured.retrieval.zh).toBeUndefined()
    const { en } = measured.retrieval
    expect(en?.lengths.map(({ dimensions }) => dimensions)).toEqual([32, 8])
    // Tales have names of their own: whoever reads words finds the right one often.
    expect(en?.bm25.at10).toBeGreaterThan(0.8)
    expect(en?.lengths[0].at10).toBeGreaterThan(10 / (en?.pairs ?? 1))
    const printed: string[] = []
    reportEmbedder(new Figures('here', { log: false, print: (line) => printed.push(line) }), measured)
    expect(printed.join('\n')).toMatch(/figure embed\.en\.ahead_of_bm25\.at_most = .* \(goal >= 0\)/)
  })
})
